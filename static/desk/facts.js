/* What judges a visit, and what is known of it besides what the guard says, as gatekeeper/visits/judge.py gathers it.
   Pure: `ground` is what the server told last; `ground.came` (plate -> Map of visit -> arrival) what this phone saw
   come since. */

import { INSIDE, closed, subjects } from "./fold.js";
import { undecided } from "./rules/clauses.js";
import { compile } from "./rules/compiled.js";

const RISING = ["none", "low", "medium", "high"], MOST_NAMES = 5;
const MINUTE = 60_000_000, DAY = 24 * 60 * MINUTE, HISTORY_DAYS = 7, EAST = 8 * 60 * MINUTE;
const GATE_MINUTES = 120, INSIDE_MINUTES = 12 * 60;

const UNSENT = "0".repeat(64); // a picture that waits here is one, whatever the server will call it

const indexes = new WeakMap();

/** What stands in `ground`, by what it is looked up by: {books, trucks, registrations, gates}; made once for each. */
export function index(ground) {
  let made = indexes.get(ground);
  if (!made) {
    const books = new Map(Object.entries(ground.shelf ?? {}).map(([version, book]) => [version, { ...book, version }]));
    for (const book of ground.books) books.set(book.version, book);
    const registrations = new Map();
    for (const row of ground.registrations ?? []) {
      const key = `${row.plate}\0${row.day}`;
      if (row.state !== "declined") registrations.set(key, later(registrations.get(key), row));
    }
    made = {
      books,
      registrations,
      trucks: new Map((ground.trucks ?? []).map((truck) => [truck.plate, truck])),
      gates: new Map([...(ground.gates ?? []), ground.gate].map((gate) => [gate.id, gate])),
    };
    indexes.set(ground, made);
  }
  return made;
}

/* Of two registrations of one plate and day the one announced last. */
function later(one, two) {
  const key = ({ id, fact }) => [fact.announced_at, id];
  return !one || key(two)[0] > key(one)[0] || (key(two)[0] === key(one)[0] && key(two)[1] > key(one)[1]) ? two : one;
}

/** What known trucks had last under `name`, most of all first. */
export function often(ground, name, of = (value) => value) {
  const count = new Map();
  for (const truck of ground?.trucks ?? []) {
    const value = of(truck[name]);
    if (value) count.set(value, (count.get(value) ?? 0) + 1);
  }
  return [...count].sort(([, one], [, two]) => two - one).map(([value]) => value);
}

/** The day of a moment at the gate, YYYY-MM-DD. */
export const dayOf = (at) => new Date(Math.floor((at + EAST) / 1000)).toISOString().slice(0, 10);

/* The last change that came since the ground was told; undefined for none. */
function since(ground, at) {
  const came = (ground.coming ?? []).filter((change) => change.from <= at);
  return came.sort((one, two) => one.from - two.from).at(-1);
}

/** What is in force at `at`: the rulebooks and packs in judging order, as {owner, version, title, switch, document}. */
export function inForce(ground, at) {
  const change = since(ground, at);
  return change ? change.books.map((version) => index(ground).books.get(version)).filter(Boolean) : ground.books;
}

/* What judges a visit: what is in force, and once it was admitted what admitted it. */
function booksOf(ground, before, at) {
  if (!before?.admitted_at) return inForce(ground, at);
  const ids = [before.versions.township, ...before.switches, before.versions.enterprise];
  return ids.map((version) => index(ground).books.get(version)).filter(Boolean);
}

/** {facts, list, books, switches}: what a visit is judged by at `at`; `before` it where an event is just applied. */
export function gathered(ground, state, at, before = state) {
  const books = booksOf(ground, before, at);
  const switches = books.filter((book) => book.switch).map((book) => book.version);
  const facts = { ...(state.admitted_at ? state.judged_facts : lookedUp(ground, state, books, at)), ...state.facts };
  if (state.admitted_at) facts.admitted_at = state.admitted_at;
  if (state.closed_at) facts.left_at = state.closed_at;
  const people = Object.keys(state.people).length;
  if (people) facts.people = people;
  if (state.plates.tractor) facts.plate_class = state.plates.tractor.class;
  const places = facts.origin ? [facts.origin, ...(facts.stops ?? [])] : [];
  const known = state.judged_facts;
  const same = JSON.stringify(places) === JSON.stringify([known.origin ?? null, ...(known.stops ?? [])]);
  if (state.admitted_at && same) return { facts, list: state.list, books, switches };
  if (!places.length) return { facts, list: null, books, switches };
  const risk = riskOf(ground.list, places);
  return { facts: { ...facts, risk_level: risk.level, risk_places: risk.names }, list: risk.hash, books, switches };
}

/** The highest level of some places on the list, and the communities that bring them there. */
export function riskOf(list, places) {
  if (!list) return { level: "none", hash: null, names: [] };
  const found = places.map((code) => list.levels[code] ?? list.levels[code.slice(0, 6)] ?? ["none", []]);
  const level = RISING[Math.max(...found.map(([level]) => RISING.indexOf(level)))];
  const names = [...new Set(found.filter((row) => row[0] === level).flatMap((row) => row[1]))];
  return { level, hash: list.hash, names: names.slice(0, MOST_NAMES) };
}

/* What the program knows of the enterprise and the plate before a visit goes in. */
function lookedUp(ground, state, books, at) {
  const { enterprise } = ground, facts = { gate: state.gate, exporter: enterprise.exporter };
  facts.alert_level = since(ground, at)?.alert_level ?? ground.alert_level;
  facts.arrived_at = state.arrived_at;
  facts.registration = null;
  if (enterprise.cluster) facts.cluster = enterprise.cluster;
  const kind = index(ground).gates.get(state.gate)?.kind ?? state.judged_facts.gate_kind;
  if (kind) facts.gate_kind = kind;
  const plate = state.plates.tractor?.plate;
  const announced = plate && index(ground).registrations.get(`${plate}\0${dayOf(state.arrived_at)}`);
  if (announced) Object.assign(facts, { registration: announced.fact, registration_id: announced.id });
  facts.visits_of_plate_in_days = plate ? history(ground, state, plate, books) : 0;
  return facts;
}

/* Earlier visits of this plate in the last seven days; counted only where a rule asks. */
function history(ground, state, plate, books) {
  const named = ({ fact }) => fact === "visits_of_plate_in_days";
  const asks = (rule) => rule.kind === "visit_limit" || (rule.when ?? []).some(named);
  if (!books.some((book) => book.document.rules.some(asks))) return 0;
  const came = new Set(index(ground).trucks.get(plate)?.recent ?? []);
  for (const [visit, at] of ground.came?.get(plate) ?? []) if (visit !== state.id) came.add(at);
  const first = state.arrived_at - HISTORY_DAYS * DAY;
  return [...came].filter((at) => at < state.arrived_at && at >= first).length;
}

/** What the rules are given of a visit. */
export const evidence = (state, facts) => ({
  facts,
  subjects: subjects(state),
  answers: Object.entries(state.answers).map(([key, { value }]) => {
    const [question, subject] = key.split("\0");
    return { question, subject, value: value.file?.startsWith("photo:") ? { ...value, file: UNSENT } : value };
  }),
  waivers: state.waivers,
});

/** Microseconds at which a visit judged by `books` becomes overdue; null once it is closed. */
export function dueAt(books, state, facts) {
  if (closed(state)) return null;
  if (state.status !== INSIDE || !state.admitted_at) return state.arrived_at + GATE_MINUTES * MINUTE;
  const applies = (rule) => rule.kind === "dwell_limit" && undecided(rule.clauses, facts)?.length === 0;
  const limits = books.flatMap((book) => compile(book).rules.filter(applies)).map((rule) => rule.params.minutes);
  return state.admitted_at + Math.min(...(limits.length ? limits : [INSIDE_MINUTES])) * MINUTE;
}
