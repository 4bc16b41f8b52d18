/* The questions of a visit as a guard with a glove answers them, one at a time.

   A draft is a flat object that the screen keeps for each question; `change(part)` puts a part into it and draws again.
   `model` gives the time (`at()`), keeps pictures (`photo(blob)`), says who is on duty (`duty()`). Keys submit nothing:
   in a form, Enter in a field does. Answers have the shapes of gatekeeper/rules/kinds. */

import { disinfection, handoff } from "./asking/handling.js";
import { certificate, code, test } from "./asking/health.js";
import { photo } from "./asking/photo.js";
import { choice, confirm, stay, text } from "./asking/plain.js";
import { number } from "./asking/reading.js";

export { askFact, beginFact, completeFact, factValue } from "./asking/facts.js";

const KINDS = {
  confirm, number, choice, photo, text, certificate, test, disinfection,
  code_check: code, stay_in_cab: stay, document_handoff: handoff,
};
const READ_IN = { number: "unit", text: "format" };

/** What the draft of a question begins with: what was answered in this visit, or what its rules say. What came back
    from the server as a mask is to be written again (`again`), lest the mask take the place of the name. */
export function begin(question, state) {
  const before = { ...state?.answers?.[`${question.code}\0${question.subject}`]?.value };
  const again = Object.keys(before).filter((name) => typeof before[name] === "string" && before[name].endsWith("*"));
  for (const name of again) delete before[name];
  return { ...KINDS[question.kind].begin(before, question), ...(again.length ? { again } : {}) };
}

/** The question as keys and fields, without its title. */
export const ask = (question, state, draft, change, model) =>
  KINDS[question.kind].view({ question, state, draft, change, model });

/** The value of its answer; null while it is not complete. */
export const value = (question, draft) =>
  draft.again?.some((name) => !draft[name]) ? null : KINDS[question.kind].value(question, draft);

/** The answer as an event carries it, {question, subject, kind, value} with what it is read in; null as `value`. */
export function answer(question, draft) {
  const { code: asked, subject, kind, params } = question, found = value(question, draft);
  if (found === null) return null;
  return { question: asked, subject, kind, value: found, ...(READ_IN[kind] ? { unit: params[READ_IN[kind]] } : {}) };
}

/** Whether one press has answered it, so that the screen may go on by itself. */
export const complete = (question, draft) => draft.quick === true && value(question, draft) !== null;

/** Whether it shows time running and wants to be drawn again every second. */
export const runs = ({ kind }, draft) =>
  kind === "disinfection" && Number.isInteger(draft.started_at) && !Number.isInteger(draft.finished_at);
