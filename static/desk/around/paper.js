/* A row of a paper form as the entries that it stands for. Pure: what it would come to can be looked at before it is
   written. Each entry says when it happened and of which form it is. */

import { answer, factValue } from "../asking.js";
import { DAY, moment } from "../asking/moments.js";
import { parse } from "../plates.js";
import { judged } from "../judged.js";
import { played } from "../played.js";

const PREVIEW = "late", STATED = ["people", "visitor_kind"]; // what the row says itself

/** What a row begins with; the form's number and the next row stay from the one before. */
export const blank = (before = null) => ({
  form: before?.form ?? "", row: before ? Number(before.row) + 1 : 1, kind: before?.kind ?? "truck", plate: "", trailer: "", company: "",
  name: "", phone: "", passengers: 0, arrived: "", outcome: "admit", left: "", answers: {}, facts: {}, open: null,
});

const FORM = /^[A-Za-z0-9-]{1,20}$/;
const DAYS_BACK = 30 * DAY;

/** What is wrong with a row: {field: code}; empty where it can be written. */
export function faults(row, now) {
  const found = {}, arrived = moment(row.arrived), left = row.left ? moment(row.left) : null;
  if (!FORM.test(row.form)) found.form = row.form ? "form" : "missing";
  if (row.kind !== "walk_in" && !row.plate.trim()) found.plate = "missing";
  if (row.kind === "walk_in" && !row.name.trim()) found.name = "missing";
  if (arrived === null) found.arrived = "missing";
  else if (arrived > now) found.arrived = "future";
  else if (arrived < now - DAYS_BACK) found.arrived = "long_ago";
  if (left !== null && left > now) found.left = "future";
  if (left !== null && arrived !== null && left < arrived) found.left = "before";
  return found;
}

const lateOf = ({ form, row }) => ({ form, row: Number(row) });

function plates({ kind, plate, trailer }) {
  if (kind === "walk_in") return [];
  const rows = [{ subject: "tractor", written: plate.trim() }];
  return trailer.trim() ? [...rows, { subject: "trailer:1", written: trailer.trim() }] : rows;
}

function people({ kind, name, phone, passengers }) {
  const walks = kind === "walk_in", count = 1 + Number(passengers);
  return Array.from({ length: count }, (_, place) => ({
    subject: `occupant:${place + 1}`,
    role: walks ? "visitor" : place ? "passenger" : "driver",
    ...(place === 0 && name.trim() ? { name: name.trim() } : {}),
    ...(place === 0 && phone.trim() ? { phone: phone.trim() } : {}),
  }));
}

function facts({ facts: drafts }) {
  const found = Object.entries(drafts).map(([fact, draft]) => [fact, factValue(fact, draft)]);
  return Object.fromEntries(found.filter(([, value]) => value !== null));
}

/** The entries of a row, in order: [kind, body, at]; `asked` the questions at arrival, `leaving` those of the exit. */
export function entries(row, asked = [], leaving = []) {
  const late = lateOf(row), at = moment(row.arrived), told = facts(row);
  const given = (questions) => questions.map((question) => answer(question, row.answers[keyOf(question)] ?? {})).filter(Boolean);
  const arrive = { kind: row.kind, plates: plates(row), people: people(row), late };
  if (Object.keys(told).length) arrive.facts = told;
  if (given(asked).length) arrive.answers = given(asked);
  if (row.company.trim()) arrive.text = row.company.trim();
  const found = [["arrive", arrive, at]];
  if (row.outcome === "turn_away") found.push(["turn_away", { late }, at]);
  if (row.outcome !== "admit") return found;
  found.push(["admit", { late }, at]);
  if (!row.left) return found;
  const gone = moment(row.left);
  if (given(leaving).length) found.push(["answer", { answers: given(leaving), stage: "exit", late }, gone]);
  return [...found, ["leave", { seen: true, subjects: [], late }, gone]];
}

/** A question's place among a row's answers. */
export const keyOf = ({ code, subject }) => `${code}\0${subject}`;

/** {asked, facts, leaving}: what the rules of that hour ask of a row; nothing while its time or plate is open. */
export function asks(ground, gate, row, now, role) {
  if (!ground || Object.keys(faults(row, now)).some((field) => field !== "form")) return { asked: [], facts: [], leaving: [] };
  const at = moment(row.arrived), event = (kind, body, when) => ({ id: kind, visit: PREVIEW, kind, by: "", at: when, gate, body: read(body) });
  const bare = { ...row, answers: {} }, [[, body]] = entries(bare);
  const { state } = played(ground, null, event("arrive", body, at));
  const known = judged(ground, state, at, role);
  const without = played(ground, null, event("arrive", { ...body, facts: {} }, at)).state;
  const facts = [...new Set([...judged(ground, without, at, role).unknown, ...known.unknown])].filter((fact) => !STATED.includes(fact));
  if (row.outcome !== "admit" || !row.left) return { asked: known.due, facts, leaving: [], state };
  const inside = played(ground, state, event("admit", {}, at)).state;
  return { asked: known.due, facts, leaving: judged(ground, inside, moment(row.left), role).exitDue, state };
}

const read = (body) => ({ ...body, plates: (body.plates ?? []).map(({ subject, written }) => ({ subject, ...parse(written) })) });
