// The rules of a gate, judged on the phone as the server judges them (gatekeeper/rules/decide.py). Pure: no page, no
// clock, no network. Rulebooks are {owner, version, document} as they are stored, evidence is JSON as in tests/vectors.
// Whole numbers are exact below 2^53 (in microseconds: until the year 2255), larger ones are only compared.

import { toAsk, undecided } from "./rules/clauses.js";
import { compile } from "./rules/compiled.js";
import { known, subjectsOf } from "./rules/evidence.js";

export { needs, questions } from "./rules/questions.js";

const VERDICTS = ["admit", "hold", "refuse"];
const SEVERITY = { note: 0, hold: 1, refuse: 2 };

/**
 * The decision as it is stored: {verdict, stage, books, findings, open}. The rules of all rulebooks of stages up to
 * `stage` are judged at `at` (microseconds UTC); the most severe consequence is the verdict, what is missing holds.
 * A rulebook is compiled once, so it must not be changed afterwards. Throws for a kind or fact it does not know.
 */
export function decide(rulebooks, evidence, stage, at) {
  const given = known(evidence);
  const books = [];
  const findings = [];
  const open = new Map();
  let worst = 0;

  for (const rulebook of rulebooks) {
    const { owner, version } = rulebook;
    const same = books.findIndex((book) => book[0] === owner && book[1] === version);
    const number = same < 0 ? books.length : same;
    const before = findings.length;

    const ask = (question, subject, kind, when) => {
      const key = `${question}\0${subject}\0${kind}`;
      if (!open.has(key)) open.set(key, [question, subject, kind, when]);
    };
    const find = (rule, subject, [state, reason, data, asked]) => {
      if (state === "met") {
        findings.push([number, rule.code, subject, rule.consequence]);
      } else if (given.waived(owner, rule.code, subject)) {
        findings.push([number, rule.code, subject, rule.consequence, "waived", reason, data]);
      } else {
        for (const [question, when, kind] of asked) ask(question, subject, kind ?? rule.kind, when);
        const consequence = state === "missing" ? rule.missing : rule.consequence;
        findings.push([number, rule.code, subject, consequence, state, reason, data]);
        worst = Math.max(worst, SEVERITY[consequence]);
      }
    };

    for (const rule of compile(rulebook).upto[stage]) {
      const facts = undecided(rule.clauses, given.facts);
      if (facts === null) continue;
      const subjects = subjectsOf(rule.subject, given.subjects);
      if (facts.length > 0) {
        find(rule, "visit", unknown("fact.missing", { facts }, toAsk(facts), rule.stage));
      } else if (subjects.length === 0 && rule.subject === "occupant") {
        find(rule, "visit", unknown("people.missing", {}, ["people"], rule.stage));
      } else {
        for (const subject of subjects) find(rule, subject, rule.judge(rule, subject, given, stage, at));
      }
    }
    if (same < 0 && findings.length > before) books.push([owner, version]);
  }
  return { verdict: VERDICTS[worst], stage, books, findings, open: [...open.values()] };
}

/** A rule that cannot be judged yet: its facts, or the people it concerns, are not known. */
function unknown(reason, data, facts, stage) {
  return ["missing", reason, data, facts.map((fact) => [fact, stage, "fact"])];
}
