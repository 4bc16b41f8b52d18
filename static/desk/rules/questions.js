// What a visit is asked: the questions of the rules that apply, each once, and the facts that rules need.

import { ASKED } from "../made.js";
import { undecided } from "./clauses.js";
import { compile } from "./compiled.js";
import { known, subjectsOf } from "./evidence.js";
import { KINDS } from "./kinds.js";
import { attestations } from "./kinds/handling.js";
import { STAGES, byStage } from "./kinds/shape.js";

/**
 * The questions of every stage up to `stage`, in the order of books and rules, each {code, kind, subject, stage,
 * title, why, params, answered, rules, alternative}: `params` is what all its rules demand together, title and why are
 * those of the first. An alternative test is asked when it is answered already or, at `at`, stands in for the first
 * one; with `at` null every alternative is listed. A rule whose facts are not known yet asks nothing: `needs` says which
 * those are.
 */
export function questions(rulebooks, evidence, stage, at = null) {
  const given = known(evidence);
  const found = new Map();
  for (const rulebook of rulebooks) {
    for (const rule of compile(rulebook).upto[stage]) {
      if (!rule.asks || undecided(rule.clauses, given.facts)?.length !== 0) continue;
      for (const [code, when, alternative] of asked(rule, stage)) {
        for (const subject of subjectsOf(rule.subject, given.subjects)) {
          if (alternative && at !== null && !standsIn(rule, code, subject, given, stage, at)) continue;
          const key = `${code}\0${subject}\0${rule.kind}`;
          const answered = given.answer(code, subject) !== undefined;
          const one = question(rule, code, subject, when, answered, alternative, [rulebook.owner, rule.code]);
          found.set(key, found.has(key) ? together(found.get(key), one) : one);
        }
      }
    }
  }
  return [...found.values()];
}

function asked(rule, stage) {
  if (rule.kind === "stay_in_cab") {
    return attestations(rule)
      .filter(([, when]) => byStage(when, stage) <= 0)
      .map(([code, when]) => [code, when, false]);
  }
  const own = [[rule.question, rule.stage, false]];
  const other = rule.params.alternative_question ?? null;
  return other === null ? own : [...own, [other, rule.stage, true]];
}

function standsIn(rule, code, subject, given, stage, at) {
  if (given.answer(code, subject) !== undefined) return true;
  return rule.judge(rule, subject, given, stage, at)[3].some(([question]) => question === code);
}

function question(rule, code, subject, stage, answered, alternative, from) {
  const title = alternative ? rule.params.alternative_title : rule.title;
  const { kind, why, params } = rule;
  return { code, kind, subject, stage, title, why, params, answered, rules: [from], alternative };
}

function together(before, one) {
  const params = {};
  for (const [name, { merge }] of Object.entries(KINDS.get(one.kind).params)) {
    params[name] = merged(merge, before.params[name], one.params[name]);
  }
  return {
    ...before,
    stage: STAGES[Math.min(STAGES.indexOf(before.stage), STAGES.indexOf(one.stage))],
    params,
    rules: [...before.rules, ...one.rules],
    alternative: before.alternative && one.alternative,
  };
}

/** What holds when two rules ask with `one` and `two`: the stricter. */
function merged(merge, one, two) {
  switch (merge) {
    case "min":
    case "max": {
      const given = [one, two].filter((value) => value !== null);
      return given.length === 0 ? null : Math[merge](...given);
    }
    case "any":
      return one || two;
    case "all":
      return one && two;
    case "union":
      return [...one, ...two.filter((item) => !one.some((other) => same(item, other)))];
    case "common":
      if (one.length === 0) return two;
      return two.length === 0 ? one : one.filter((item) => two.includes(item));
    default:
      return one;
  }
}

function same(one, two) {
  if (typeof one === "string" || typeof two === "string") return one === two;
  return one.code === two.code && one.zh === two.zh && one.en === two.en;
}

/** The facts a guard must be asked for, for these rules. */
export function needs(rulebooks) {
  const facts = new Set();
  for (const rulebook of rulebooks) {
    for (const rule of compile(rulebook).rules) {
      for (const [fact] of rule.clauses) ASKED[fact].ask.forEach((name) => facts.add(name));
      if (rule.subject === "occupant") facts.add("people");
    }
  }
  return [...facts].sort();
}
