// What the kinds share: units of time, how a judgement looks, how values are told apart.
// A judgement is [state, reason, data, open]; open holds the [question, stage] pairs still to be answered.

const MICRO = 1_000_000;
export const MINUTE = 60 * MICRO;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const STAGES = ["before_arrival", "arrival", "on_site", "exit"];

export const MET = ["met", "met", {}, []];

/** The rule's own question is open. */
export function unanswered(rule, reason = "answer.missing", data = {}) {
  return ["missing", reason, data, [[rule.question, rule.stage]]];
}

/** The rule is broken, whatever else is answered. */
export function violated(reason, data = {}) {
  return ["violated", reason, data, []];
}

/** The time an arrival is judged at: its admission once it was admitted, so that a test does not grow old inside. */
export function moment(rule, evidence, at) {
  const admitted = evidence.facts.admitted_at;
  const arriving = rule.stage === "arrival" || rule.stage === "before_arrival";
  return arriving && Number.isInteger(admitted) && admitted < at ? admitted : at;
}

export function byStage(one, two) {
  return STAGES.indexOf(one) - STAGES.indexOf(two);
}

export function isText(value) {
  return typeof value === "string";
}

/** Whether a text holds nothing but white space as Unicode knows it (a byte order mark is not). */
export function isBlank(text) {
  return /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/.test(text);
}

/** The whole quotient, rounded down, exact for whole numbers below 2^53. */
export function floored(number, by) {
  const rest = number % by;
  return (number - rest) / by - (rest < 0 ? 1 : 0);
}

/** Microseconds as seconds; a started second counts as a whole one. */
export function seconds(micros) {
  return floored(micros + MICRO - 1, MICRO);
}
