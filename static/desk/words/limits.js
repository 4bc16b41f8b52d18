// What is demanded of an answer, in one short line under its question, as gatekeeper/rules/demands.py says it.

import { AGENTS, COLOURS, DOCUMENTS, METHODS, UNITS } from "./lists.js";
import { joined, names, reading, text } from "./said.js";

const WRITTEN = {
  vin: text("17 位字母和数字", "17 letters and digits"),
  engine_no: text("4 到 20 位字母和数字", "4 to 20 letters and digits"),
};

function number({ unit, min, max, min_inclusive, max_inclusive }) {
  const { symbol } = UNITS[unit], parts = [];
  const add = (value, zh, en) =>
    parts.push(text(`${zh} ${reading(unit, value)}${symbol.zh}`, `${en} ${reading(unit, value)}${symbol.en}`));
  if (min !== null) add(min, min_inclusive ? "不低于" : "高于", min_inclusive ? "at least" : "above");
  if (max !== null) add(max, max_inclusive ? "不高于" : "低于", max_inclusive ? "at most" : "below");
  return text(joined(parts).zh, parts.map(({ en }) => en).join(" and "));
}

function choice({ options, accepted }) {
  if (!accepted.length) return null;
  const said = names(accepted, Object.fromEntries(options.map((option) => [option.code, option])));
  return text(`限${said.zh}`, `only ${said.en}`);
}

function test({ within_hours, alternative_title: other, alternative_within_hours }, { alternative }) {
  const hours = alternative ? alternative_within_hours : within_hours;
  const also = other && !alternative ? text(`，或者${other.zh}阴性`, `, or negative by ${other.en}`) : text("", "");
  return text(`${hours} 小时内阴性${also.zh}`, `negative within ${hours} h${also.en}`);
}

function certificate({ spare_days: spare }) {
  if (!spare) return text("在有效期内", "still valid");
  return text(`有效期还有至少 ${spare} 天`, `valid for at least ${spare} more days`);
}

function disinfection({ operator, protective_clothing, agents, dilution, dilution_exact, contact_minutes: contact }) {
  const parts = [operator ? text("由专人消杀", "disinfected by a named person") : text("消杀", "disinfected")];
  if (protective_clothing) parts.push(text("穿防护服", "in protective clothing"));
  if (agents.length) {
    const said = names(agents, AGENTS);
    parts.push(text(`用${said.zh}`, `with ${said.en}`));
  }
  if (dilution) {
    const stronger = dilution_exact ? text("", "") : text("或更浓", " or stronger");
    parts.push(text(`按 1∶${dilution} ${stronger.zh}稀释`, `diluted 1:${dilution}${stronger.en}`));
  }
  if (contact) parts.push(text(`作用 ${contact} 分钟`, `for ${contact} minutes`));
  return listed(parts);
}

function handoff({ documents, methods, both_sides }) {
  const parts = [documents.length ? names(documents, DOCUMENTS) : text("单据", "papers")];
  if (methods.length) {
    const ways = names(methods, METHODS);
    parts.push(text(`方式为${ways.zh}`, `by ${ways.en}`));
  }
  if (both_sides) parts.push(text("双方确认", "both sides confirm"));
  return listed(parts);
}

const listed = (parts) => text(parts.map(({ zh }) => zh).join("，"), parts.map(({ en }) => en).join(", "));

const LIMITS = {
  number,
  choice,
  test,
  certificate,
  disinfection,
  document_handoff: handoff,
  text: ({ format }) => WRITTEN[format] ?? null,
  code_check: ({ accepted }) => names(accepted, COLOURS),
};

/** The line under a question as `questions` gives it; null where its title says all. */
export const limit = (question) => LIMITS[question.kind]?.(question.params, question) ?? null;
