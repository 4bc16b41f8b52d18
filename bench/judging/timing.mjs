// node timing.mjs < {rulebooks, evidence: {name: evidence}, keys, stage, at, number}: microseconds of a decision for
// each evidence, of a floor that looks up as many answers and makes nothing of them, and of a decision that compiles its
// rulebooks anew. Each is the best of 40 runs of `number` calls, after as many to warm up.

import { readFileSync } from "node:fs";

import { decide } from "../../static/desk/rules.js";

const { rulebooks, evidence, keys, stage, at, number } = JSON.parse(readFileSync(0, "utf8"));

function micros(call) {
  let best = Infinity;
  for (let run = 0; run < 80; run += 1) {
    const start = process.hrtime.bigint();
    for (let count = 0; count < number; count += 1) call();
    if (run >= 40) best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return Math.round(best / number / 10) / 100;
}

const answers = new Map(evidence.good.answers.map((row) => [`${row.question}\0${row.subject}`, row.value]));
const took = {};
const verdicts = {};
for (const [name, given] of Object.entries(evidence)) {
  took[name] = micros(() => decide(rulebooks, given, stage, at));
  verdicts[name] = decide(rulebooks, given, stage, at).verdict;
}
const floor = micros(() => keys.map(([question, subject]) => answers.get(`${question}\0${subject}`)));
const planted = micros(() => decide(rulebooks.map((book) => ({ ...book })), evidence.good, stage, at));
console.log(JSON.stringify({ took, verdicts, floor, planted }));
