// Kinds about people's health, whose values never leave the answer: code_check and test.

import { HOUR, MET, moment, unanswered, violated } from "./shape.js";

const COLOURS = ["green", "yellow", "red", "none"];

function code(rule, subject, evidence, stage, at) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const { colour, valid_until: until } = answer;
  if (!COLOURS.includes(colour)) return unanswered(rule, "answer.unreadable");
  if (!rule.params.accepted.includes(colour)) return violated("code.not_accepted");
  if (Number.isInteger(until) && until <= moment(rule, evidence, at)) return violated("code.expired");
  if (rule.params.valid_until_required && !Number.isInteger(until)) return unanswered(rule, "code.validity_missing");
  return MET;
}

/** A positive result violates, whatever the other test says. Exactly the hours old is still within. */
function test(rule, subject, evidence, stage, at) {
  const { within_hours, alternative_question, alternative_within_hours } = rule.params;
  const when = moment(rule, evidence, at);
  const first = stand(evidence.answer(rule.question, subject), when, at, within_hours);
  if (alternative_question === null) return single(rule, first, within_hours);
  const other = stand(evidence.answer(alternative_question, subject), when, at, alternative_within_hours);
  if (first === "positive" || other === "positive") return violated("test.not_accepted");
  if (first === "fresh" || other === "fresh") return MET;
  if (first === "missing") return unanswered(rule);
  if (first === "unreadable") return unanswered(rule, "answer.unreadable");
  if (first === "future") return unanswered(rule, "test.in_future");
  const data = { within_hours, alternative_within_hours };
  return ["missing", "test.alternative_missing", data, [[alternative_question, rule.stage]]];
}

function single(rule, stood, hours) {
  switch (stood) {
    case "fresh":
      return MET;
    case "missing":
      return unanswered(rule);
    case "positive":
      return violated("test.not_accepted");
    case "none":
      return violated("test.none");
    case "old":
      return violated("test.too_old", { within_hours: hours });
    case "pending":
      return unanswered(rule, "test.pending");
    case "future":
      return unanswered(rule, "test.in_future");
    default:
      return unanswered(rule, "answer.unreadable");
  }
}

/** missing, unreadable, positive, pending, none, future, old or fresh. */
function stand(answer, when, at, hours) {
  if (answer === undefined) return "missing";
  const { result, sampled_at: sampled } = answer;
  if (["positive", "pending", "none"].includes(result)) return result;
  if (result !== "negative" || !Number.isInteger(sampled)) return "unreadable";
  if (sampled > at) return "future";
  return when - sampled <= hours * HOUR ? "fresh" : "old";
}

export const HEALTH = { code_check: code, test };
