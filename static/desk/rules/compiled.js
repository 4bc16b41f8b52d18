// Rulebooks made ready to be judged: defaults filled in, clauses turned into functions, rules sorted by stage.

import { testOf } from "./clauses.js";
import { KINDS } from "./kinds.js";
import { STAGES } from "./kinds/shape.js";

const compiled = new WeakMap();

/** The compiled form of {owner, version, document}; kept as long as that object is. */
export function compile(rulebook) {
  let made = compiled.get(rulebook);
  if (made === undefined) {
    const rules = rulebook.document.rules.map(ready);
    made = { rules, upto: {} };
    STAGES.forEach((stage, rank) => {
      made.upto[stage] = rules.filter((rule) => STAGES.indexOf(rule.stage) <= rank);
    });
    compiled.set(rulebook, made);
  }
  return made;
}

function ready(row) {
  const kind = KINDS.get(row.kind);
  if (kind === undefined) throw new Error(`no kind of rule is called ${row.kind}`);
  const params = {};
  for (const [name, { value }] of Object.entries(kind.params)) params[name] = row.params?.[name] ?? value;
  return {
    ...row,
    question: row.question ?? null,
    params,
    asks: kind.asks,
    judge: kind.judge,
    clauses: (row.when ?? []).map((clause) => [clause.fact, testOf(clause)]),
    missing: row.consequence === "note" ? "note" : "hold",
  };
}
