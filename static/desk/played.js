/* One event of a visit played on the phone as the server will record it: applied, judged, and what that leads to, as
   gatekeeper/visits/judge.py (`outcome`) and state.py (`with_outcome`) have it. Pure. */

import { dueAt, evidence, gathered } from "./facts.js";
import { INSIDE, applied, closed, trouble } from "./fold.js";
import { decide } from "./rules.js";

const SILENT = ["note", "care", "void"]; // what changes nothing a rule looks at

/** The stage at which an event is judged. */
export function stageOf(before, event) {
  if (event.body.stage === "exit" && before?.admitted_at) return "exit";
  if (!before?.admitted_at) return "arrival";
  if (event.kind === "leave" || closed(before)) return closed(before) ? before.stage : "exit";
  return "on_site";
}

/** {state, reason, act}: the visit after an event; `reason` why it cannot be applied (the state is as before), `act`
    followed, against or also. Without `ground`, or under a rule this program is too old for, nothing is judged. */
export function played(ground, before, event) {
  const reason = trouble(before, event.kind);
  if (reason) return { state: before, reason };
  const state = applied(before, event);
  if (SILENT.includes(event.kind)) return { state: { ...state, due_at: closed(state) ? null : state.due_at } };
  try {
    return ground ? judgedAfter(ground, before, state, event) : { state: { ...state, verdict: "hold" } };
  } catch {
    return { state: { ...state, verdict: "hold" } };
  }
}

function judgedAfter(ground, before, state, event) {
  const { facts, list, books, switches } = gathered(ground, state, event.at, before);
  const decision = decide(books, evidence(state, facts), stageOf(before, event), event.at);
  const own = books.filter((book) => !switches.includes(book.version));
  const versions = Object.fromEntries(own.map((book) => [book.owner, book.version]));
  const act = actOf(before, event, decision);
  const after = {
    ...state, judged_facts: facts, versions, switches, list, decision,
    due_at: dueAt(books, state, facts), stage: decision.stage, verdict: decision.verdict, open: decision.open.length,
    against: state.against || (act === "against" && event.kind === "admit"),
  };
  return { state: after, act };
}

function actOf(before, { kind }, { verdict }) {
  if (kind === "admit") return before?.status === INSIDE ? "also" : verdict === "admit" ? "followed" : "against";
  if (kind === "turn_away") return verdict === "admit" ? "against" : "followed";
  return undefined;
}
