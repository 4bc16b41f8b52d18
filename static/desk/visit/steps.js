/* What is asked of a visit, step after step: facts that rules need, then questions, in the rules' order. Pure. */

const FACTS = ["visitor_kind", "people", "origin", "stops", "cargo", "cold_chain", "purpose", "zone"];

const factStep = (fact) => ({ key: `f/${fact}`, fact });

/** The step of a question, and its place in an address. */
export const stepOf = (question) => ({ key: `q/${question.code}/${question.subject}`, question });

/** The steps that are open, those of the exit too where `exit` says so. */
export function open(found, exit = false) {
  const facts = [...found.unknown].sort((one, two) => FACTS.indexOf(one) - FACTS.indexOf(two)).map(factStep);
  return [...facts, ...[...found.due, ...(exit ? found.exitDue : [])].map(stepOf)];
}

/** The step that an address names: open, answered, or a fact; null where nothing is asked by that name. */
export function named(found, kind, code, subject) {
  if (kind === "f") return FACTS.includes(code) ? factStep(code) : null;
  const all = [...found.due, ...found.exitDue, ...found.done];
  const question = all.find((one) => one.code === code && one.subject === subject);
  return question ? stepOf(question) : null;
}

/** The next step that was not skipped; null where none is left. */
export const next = (steps, skipped) => steps.find((step) => !skipped.has(step.key)) ?? null;

/** Which step of how many: `told` are the facts that were told on this screen. */
export function counted(found, steps, step, told, exit) {
  const answered = found.done.filter(({ stage }) => (stage === "exit") === exit).length + told;
  const place = steps.findIndex(({ key }) => key === step.key);
  return place < 0 ? null : { n: answered + place + 1, of: answered + steps.length };
}

/** Facts that were told of this visit and that can be told anew. */
export const toldFacts = (state) => [
  ...(Object.keys(state.people).length ? ["people"] : []),
  ...FACTS.filter((fact) => !["visitor_kind", "people"].includes(fact) && state.facts[fact] !== undefined),
].map(factStep);
