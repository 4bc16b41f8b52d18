// What the phone says of a decision, as the server says it (gatekeeper/rules/words.py). Pure; every result is {zh, en}.

import { FACTS } from "./words/lists.js";
import { REASONS } from "./words/reasons.js";
import { known, text } from "./words/said.js";

export { limit } from "./words/limits.js";
export { duration } from "./words/said.js";

const itself = (code) => text(code, code);

/** Why a finding {reason, data, state} stands as it does; `place(code)` names a gate. */
export function reason({ reason: code, data = {}, state }, place = itself) {
  const found = Object.hasOwn(REASONS, code) ? REASONS[code] : { meaning: itself(code), say: () => itself(code) };
  const { zh, en } = said(found, data, place);
  return state === "waived" ? text(`${zh}（已准予例外）`, `${en} (lawfully waived)`) : text(zh, en);
}

function said({ meaning, say }, data, place) {
  try {
    return say(data, place);
  } catch (fault) {
    if (!(fault instanceof TypeError)) throw fault;
    return meaning; // numbers of an older program: the meaning still stands
  }
}

const ADMITTED = {
  before_arrival: text("符合要求，可以按报备的时间来访", "All right: come at the registered time"),
  arrival: text("可以放行，请抬杆并告知去向", "Admit: open the barrier and say where to go"),
  on_site: text("在厂情况正常，无需处理", "All well on site, nothing to do"),
  exit: text("可以离厂，请抬杆", "May leave: open the barrier"),
};
const HELD = text("先不放行：请车辆靠边等候，报告班长处理", "Do not admit: let the vehicle wait aside and call the shift lead");
const HELD_INSIDE = text("请报告班长，处理好再离厂", "Call the shift lead and settle it before the visit leaves");
const REFUSED = text("请劝返：向司机说明原因，引导车辆掉头离开", "Turn away: tell the driver why and guide the vehicle out");
const REFUSED_INSIDE = text("已在厂内：立即报告班长和企业管理员", "Already inside: report to shift lead and enterprise admin at once");

/** What the guard does next, in one sentence, after a decision of `decide`. */
export function nextStep({ verdict, stage, findings, open }) {
  const inside = stage === "on_site" || stage === "exit";
  if (verdict === "admit") return ADMITTED[stage];
  if (verdict === "refuse") return inside ? REFUSED_INSIDE : REFUSED;
  const facts = open.filter(([, , kind]) => kind === "fact").map(([fact]) => fact);
  if (facts.length) {
    const { zh, en } = known(facts, FACTS);
    return text(`请先问清：${zh}`, `First ask for: ${en}`);
  }
  if (open.length) return text(`还有 ${open.length} 项要查，请继续`, `${open.length} still to check, please go on`);
  return waiting(findings) ?? (inside ? HELD_INSIDE : HELD);
}

const WAITS = {
  "disinfection.contact_running": text("请等候", "Please wait"),
  "registered.not_approved": text("请联系审批人", "Please call who approves"),
};

/** What to wait for, where waiting is all that is left. */
function waiting(rows) {
  const holding = rows
    .map(([, , , consequence, state, code, data]) => ({ consequence, state, reason: code, data }))
    .filter(({ consequence, state }) => (state === "missing" || state === "violated") && consequence !== "note");
  if (!holding.length || holding.some((finding) => !Object.hasOwn(WAITS, finding.reason))) return null;
  const left = ({ data }) => data?.remaining_s ?? 0;
  const first = holding.reduce((most, finding) => (left(finding) > left(most) ? finding : most));
  const why = reason(first), what = WAITS[first.reason];
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
