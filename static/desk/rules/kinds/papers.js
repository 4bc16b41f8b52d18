// Kinds about what is written on papers: text and certificate.

import { DAY, MET, isBlank, isText, moment, unanswered, violated } from "./shape.js";

const PATTERNS = { free: /^/, vin: /^[A-HJ-NPR-Z0-9]{17}$/i, engine_no: /^[A-Z0-9-]{4,20}$/i };

function text(rule, subject, evidence) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const said = answer.text;
  const { format, longest } = rule.params;
  if (!isText(said) || isBlank(said) || [...said].length > longest) return unanswered(rule, "answer.unreadable");
  return PATTERNS[format].test(said) ? MET : violated("text.format");
}

function certificate(rule, subject, evidence, stage, at) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const until = answer.valid_until;
  if (!Number.isInteger(until)) return unanswered(rule, "answer.unreadable");
  const spare = rule.params.spare_days;
  if (until < moment(rule, evidence, at) + spare * DAY) return violated("certificate.expired", { spare_days: spare });
  return MET;
}

export const PAPERS = { text, certificate };
