/* What the events of a visit add up to, as gatekeeper/visits/state.py has it. Pure: it never judges.

   A state is plain JSON: {id, status, gate, arrived_at, guard, plates: {subject: {class, written, plate}}, people:
   {subject: {role, name, phone}}, present: [subject], facts, answers: {"question\0subject": {value, at}}, waivers:
   [[owner, rule, subject]], judged_facts, versions: {owner: version}, switches: [version], list, stage, verdict, open,
   admitted_at, closed_at, due_at, registration, decision, against, attention, corrected, seq}. An event is one of the
   phone's, {kind, by, at, gate, body}, with `at` by the server's clock. */

import { parse } from "./plates.js";

export const AT_GATE = "at_gate", INSIDE = "inside", LEFT = "left", TURNED_AWAY = "turned_away", VOID = "void";
const CLOSED = [LEFT, TURNED_AWAY, VOID];

/** Whether nothing more happens to a visit. */
export const closed = (state) => CLOSED.includes(state.status);

/** The visit itself, its vehicles, its people: what rules are judged for. */
export const subjects = (state) => ["visit", ...Object.keys(state.plates), ...Object.keys(state.people)];

/** Where an answer stands in `answers`. */
export const place = (question, subject) => `${question}\0${subject}`;

const NEW = {
  id: null, status: AT_GATE, gate: null, arrived_at: null, guard: null, plates: {}, people: {}, present: ["visit"],
  facts: {}, answers: {}, waivers: [], judged_facts: {}, versions: {}, switches: [], list: null, stage: "arrival",
  verdict: "hold", open: 0, admitted_at: null, closed_at: null, due_at: null, registration: null, decision: null,
  against: false, attention: false, corrected: false, seq: 0,
};

/** The state that the server tells of an open visit. */
export function fromServer(row) {
  const known = { ...NEW };
  for (const name of Object.keys(NEW)) if (row[name] !== undefined) known[name] = row[name];
  return {
    ...known,
    status: row.state,
    plates: Object.fromEntries(row.plates.map(({ subject, ...plate }) => [subject, plate])),
    people: Object.fromEntries(row.people.map(({ subject, ...person }) => [subject, person])),
    answers: Object.fromEntries(row.answers.map((given) => answered(given, given.at))),
  };
}

const answered = ({ question, subject, value }, at) => [place(question, subject), { value, at }];

/** Why an event of this kind cannot be applied to `state` (null: not arrived), as a reason code; null when it can. */
export function trouble(state, kind) {
  if (!state) return kind === "arrive" ? null : "visit.not_arrived";
  if (kind === "arrive") return "visit.arrived_already";
  if (state.status === VOID) return "visit.void";
  if (["admit", "turn_away"].includes(kind) && [LEFT, TURNED_AWAY].includes(state.status)) return "visit.closed";
  if (kind === "turn_away" && state.status === INSIDE) return "visit.inside";
  if (kind === "leave" && state.status !== INSIDE) return "visit.not_inside";
  if (["override", "move", "join"].includes(kind) && closed(state)) return "visit.closed";
  return null;
}

/** The state after an event, before it is judged; the event must have no `trouble`. */
export function applied(state, event) {
  const { body } = event;
  const before = state ?? { ...NEW, id: event.visit, gate: event.gate, arrived_at: event.at, guard: event.by };
  const after = { ...before, ...withSubjects(before, body) };
  if (body.facts) after.facts = { ...before.facts, ...body.facts };
  if (body.answers?.length) {
    after.answers = { ...before.answers, ...Object.fromEntries(body.answers.map((given) => answered(given, event.at))) };
  }
  return MOVES[event.kind] ? { ...after, ...MOVES[event.kind](after, event) } : after;
}

/* What new vehicles and people change, and what is known of them now. */
function withSubjects(state, body) {
  if (!body.plates?.length && !body.people?.length) return {};
  const plates = { ...state.plates }, people = { ...state.people };
  for (const item of body.plates ?? []) {
    const { written, plate, class: known } = parse(item.written || item.plate);
    plates[item.subject] = { class: known, written, plate };
  }
  for (const item of body.people ?? []) {
    const known = people[item.subject];
    const { role, name, phone } = item;
    people[item.subject] = { role, name: name || (known?.name ?? null), phone: phone || (known?.phone ?? null) };
  }
  const before = new Set(subjects(state));
  const added = [...Object.keys(plates), ...Object.keys(people)].filter((subject) => !before.has(subject));
  return { plates, people, present: [...new Set([...state.present, ...added])] };
}

const ended = (status, event) => ({ status, closed_at: event.at, present: [] });

const MOVES = {
  arrive: (state, { body }) => ({
    facts: { ...state.facts, visitor_kind: body.kind || (Object.keys(state.plates).length ? "truck" : "walk_in") },
    registration: body.registration ?? null,
  }),
  admit: (state, event) => (state.status === INSIDE ? {} : { status: INSIDE, admitted_at: event.at }),
  turn_away: (_state, event) => ended(TURNED_AWAY, event),
  leave(state, event) {
    const leaving = new Set([...(event.body.subjects?.length ? event.body.subjects : state.present), "visit"]);
    const left = state.present.filter((subject) => !leaving.has(subject));
    return left.length ? { present: ["visit", ...left] } : ended(LEFT, event);
  },
  override(state, { body }) {
    const known = new Map([...state.waivers, ...body.findings.map((row) => [row.owner, row.rule, row.subject ?? null])]
      .map((waiver) => [waiver.join("\0"), waiver]));
    return { waivers: [...known.values()] };
  },
  correct: () => ({ corrected: true }),
  void: (_state, event) => ended(VOID, event),
  move: (state, { body }) => ({ facts: { ...state.facts, zone: body.zone } }),
};
