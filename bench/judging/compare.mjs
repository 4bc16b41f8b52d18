// node compare.mjs CASES MOST RULES.js...: judges every case (a JSON object a line, with the text `judged` that Python
// made of it) by each interpreter, and prints a JSON object for each: how many it read, and up to MOST differences.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [file, most, ...interpreters] = process.argv.slice(2);
const cases = readFileSync(file, "utf8").trimEnd().split("\n");

function judged(rules, { rulebooks, evidence, stage, at }) {
  const decision = rules.decide(rulebooks, evidence, stage, at);
  const asked = rules.questions(rulebooks, evidence, stage, at);
  const listed = rules.questions(rulebooks, evidence, stage);
  return JSON.stringify([decision, asked, listed, rules.needs(rulebooks)]);
}

for (const interpreter of interpreters) {
  const differences = [];
  let index = 0;
  try {
    const rules = await import(pathToFileURL(interpreter));
    for (; index < cases.length && differences.length < Number(most); index += 1) {
      const one = JSON.parse(cases[index]);
      const got = judged(rules, one);
      if (got !== one.judged) differences.push({ index, got });
    }
  } catch (error) {
    differences.push({ index, got: String(error) });
  }
  console.log(JSON.stringify({ read: index, differences }));
}
