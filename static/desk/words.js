// What the phone says of a decision, as the server says it (gatekeeper/rules/words.py). Pure; every result is {zh, en}.

import { LIMITS, REASONS, STEPS } from "./made.js";
import { itself, said, text } from "./words/said.js";

export { duration } from "./words/said.js";

/** Why a finding {reason, data, state} stands as it does; `place(code)` names a gate. */
export function reason({ reason: code, data = {}, state }, place = itself) {
  const { zh, en } = Object.hasOwn(REASONS, code) ? told(REASONS[code], data, place) : itself(code);
  return state === "waived" ? text(`${zh}（已准予例外）`, `${en} (lawfully waived)`) : text(zh, en);
}

function told({ meaning, ...sentence }, data, place) {
  try {
    return (sentence.parts && said(sentence, data, place)) ?? meaning;
  } catch (fault) {
    if (!(fault instanceof TypeError)) throw fault;
    return meaning; // numbers of an older program: the meaning still stands
  }
}

/** What is demanded of an answer, the line under its question; null where its title says all. */
export function limit({ kind, params, alternative }) {
  const other = alternative && { within_hours: params.alternative_within_hours, alternative_title: null };
  const written = { [params.format]: true }; // what it is written as is true under its name
  return LIMITS[kind] ? said(LIMITS[kind], { ...params, ...written, ...other }) : null;
}

/** What the guard does next, in one sentence, after a decision of `decide`. */
export function nextStep({ verdict, stage, findings, open }) {
  const inside = stage === "on_site" || stage === "exit" ? "_inside" : "";
  if (verdict === "admit") return STEPS[`admit_${stage}`];
  if (verdict === "refuse") return STEPS[`refuse${inside}`];
  const facts = open.filter(([, , kind]) => kind === "fact").map(([fact]) => fact);
  if (facts.length) return said(STEPS.ask, { facts });
  if (open.length) return said(STEPS.go_on, { count: open.length });
  return waiting(findings) ?? STEPS[`hold${inside}`];
}

/** What to wait for, where waiting is all that is left. */
function waiting(rows) {
  const holding = rows
    .map(([, , , consequence, state, code, data]) => ({ consequence, state, reason: code, data }))
    .filter(({ consequence, state }) => (state === "missing" || state === "violated") && consequence !== "note");
  if (!holding.length || holding.some((finding) => !Object.hasOwn(STEPS.waits, finding.reason))) return null;
  const left = ({ data }) => data?.remaining_s ?? 0;
  const first = holding.reduce((most, finding) => (left(finding) > left(most) ? finding : most));
  const why = reason(first), what = STEPS.waits[first.reason];
  return text(`${what.zh}：${why.zh}`, `${what.en}: ${why.en}`);
}

/** Whom or what a question is about in a visit: the driver, passenger 2, the trailer. */
export function about({ subject }, state) {
  if (subject.startsWith("occupant:")) {
    const role = state?.people?.[subject]?.role ?? "driver", number = Number(subject.split(":")[1]);
    if (role === "driver") return text("司机", "Driver");
    if (role === "passenger") return text(`随车人员 ${number - 1}`, `Passenger ${number - 1}`);
    return role === "visitor" ? text(`来访人 ${number}`, `Visitor ${number}`) : itself(role);
  }
  if (subject.startsWith("trailer")) return text("挂车", "Trailer");
  return subject === "tractor" ? text("车辆", "Vehicle") : text("本次来访", "The visit");
}
