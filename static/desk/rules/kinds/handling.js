// Kinds about what is done at the gate: stay_in_cab, disinfection, document_handoff.

import { MET, MINUTE, STAGES, byStage, isBlank, isText, seconds, unanswered, violated } from "./shape.js";

/** [question, stage] of each attestation a stay_in_cab rule asks for, in the order of a visit. */
export function attestations(rule) {
  return [...rule.params.at].sort(byStage).map((stage) => [`${rule.question}.${stage}`, stage]);
}

/** Violated by one attestation that the driver left; missing while one due by `stage` is not given. */
function stay(rule, subject, evidence, stage) {
  const due = attestations(rule).filter(([, when]) => STAGES.indexOf(when) <= STAGES.indexOf(stage));
  const stayed = ([question]) => evidence.answer(question, subject)?.stayed;
  const left = due.filter((one) => stayed(one) === false).map(([, when]) => when);
  const open = due.filter((one) => stayed(one) !== false && stayed(one) !== true);
  if (left.length > 0) return ["violated", "stay_in_cab.left", { at: left }, open];
  return open.length > 0 ? ["missing", "stay_in_cab.unattested", { at: open.map(([, when]) => when) }, open] : MET;
}

/** Violated by what was done wrongly, missing while something lacks; the data name every part. */
function disinfection(rule, subject, evidence, stage, at) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const { params } = rule;
  const { agent, dilution, protective_clothing: clothing, operator } = answer;
  const [wrong, lacking, data] = [[], [], {}];
  if (params.agents.length > 0 && !params.agents.includes(agent)) (isText(agent) ? wrong : lacking).push("agent");
  if (params.dilution !== null) {
    const exact = params.dilution_exact;
    if (!Number.isInteger(dilution) || dilution < 1) lacking.push("dilution");
    else if (dilution > params.dilution || (exact && dilution !== params.dilution)) wrong.push("dilution");
  }
  if (params.protective_clothing && clothing !== true) (clothing === false ? wrong : lacking).push("clothing");
  if (params.operator && !(isText(operator) && !isBlank(operator))) lacking.push("operator");
  const running = contact(params.contact_minutes * MINUTE, answer, at, wrong, lacking, data);
  if (wrong.length > 0) data.wrong = wrong;
  if (lacking.length > 0) data.lacking = lacking;
  if (wrong.length > 0) return violated("disinfection.wrong", data);
  if (lacking.length === 0) return MET;
  if (running && lacking.length === 1) return ["missing", "disinfection.contact_running", data, []];
  return unanswered(rule, "disinfection.incomplete", data);
}

/** Whether the contact time is still running. */
function contact(needed, { started_at: started, finished_at: finished }, at, wrong, lacking, data) {
  if (needed === 0) return false;
  if (!Number.isInteger(started)) {
    lacking.push("start");
    return false;
  }
  const ended = Number.isInteger(finished);
  const short = needed - Math.max(0, (ended ? finished : at) - started);
  if (short <= 0) return false;
  data[ended ? "short_s" : "remaining_s"] = seconds(short);
  (ended ? wrong : lacking).push("contact");
  return !ended;
}

/** Violated by a way that is not allowed; missing while a document or one side's word lacks. */
function handoff(rule, subject, evidence) {
  const answer = evidence.answer(rule.question, subject);
  if (answer === undefined) return unanswered(rule);
  const { documents, methods, both_sides: both } = rule.params;
  if (!isText(answer.method)) return unanswered(rule, "answer.unreadable");
  const given = Array.isArray(answer.documents) ? answer.documents : [];
  const lacking = documents.filter((code) => !given.includes(code));
  const sides = ["given", "received"].filter((side) => both && answer[side] !== true);
  const data = {};
  if (lacking.length > 0) data.documents = lacking;
  if (sides.length > 0) data.sides = sides;
  if (methods.length > 0 && !methods.includes(answer.method)) return violated("handoff.method", { ...data, methods });
  return lacking.length > 0 || sides.length > 0 ? unanswered(rule, "handoff.incomplete", data) : MET;
}

export const HANDLING = { stay_in_cab: stay, disinfection, document_handoff: handoff };
