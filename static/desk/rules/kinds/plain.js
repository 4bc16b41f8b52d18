// Kinds judged by one answer alone: confirm, number, choice, photo.

import { MET, isText, unanswered, violated } from "./shape.js";

function confirm(rule, subject, evidence) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  if (answer.ok === true) return MET;
  return answer.ok === false ? violated("confirm.denied") : unanswered(rule, "answer.unreadable");
}

function number(rule, subject, evidence) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const { n } = answer;
  if (!Number.isInteger(n)) return unanswered(rule, "answer.unreadable");
  const { max, min, max_inclusive, min_inclusive, unit } = rule.params;
  if (max !== null && (n > max || (n === max && !max_inclusive))) {
    return violated("number.above", { limit: max, inclusive: max_inclusive, unit });
  }
  if (min !== null && (n < min || (n === min && !min_inclusive))) {
    return violated("number.below", { limit: min, inclusive: min_inclusive, unit });
  }
  return MET;
}

function choice(rule, subject, evidence) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const code = answer.choice;
  const { options, accepted } = rule.params;
  if (!isText(code) || !options.some((option) => option.code === code)) return unanswered(rule, "answer.unreadable");
  return accepted.length === 0 || accepted.includes(code) ? MET : violated("choice.not_accepted");
}

function photo(rule, subject, evidence) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  return isText(answer.file) && /^[0-9a-f]{64}$/.test(answer.file) ? MET : unanswered(rule, "answer.unreadable");
}

export const PLAIN = { confirm, number, choice, photo };
