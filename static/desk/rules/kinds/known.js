// Kinds without a question, judged from facts: registered, dwell_limit, visit_limit, gate_allowed.

import { DAY, HOUR, MET, MINUTE, floored, isText, seconds, violated } from "./shape.js";

const SHANGHAI = 8 * HOUR;
const DAYS = { first: -719_162, last: 2_932_896 }; // 0001-01-01 and 9999-12-31, counted from 1970-01-01
const APPROVALS = [
  ["enterprise", "enterprise_approval", "enterprise_approved"],
  ["township", "township_approval", "township_approved"],
];

function unknown(fact) {
  return ["missing", "fact.missing", { facts: [fact] }, []];
}

/** Met by a registration for the day of arrival (in Shanghai), announced early enough and approved. */
function registered(rule, subject, { facts }, stage, at) {
  const { registration, arrived_at: arrived } = facts;
  if (registration === undefined) return unknown("registration");
  const announced = registration?.announced_at;
  if (Array.isArray(registration) || !Number.isInteger(announced)) return violated("registered.none");
  const came = Number.isInteger(arrived);
  const arrival = came ? arrived : at;
  const today = dayOf(arrival);
  if (came && iso(today) !== (registration.day ?? null)) return violated("registered.other_day");
  const short = shortfall(rule.params, announced, arrival, today);
  if (short !== null) return violated("registered.late", short);
  const by = APPROVALS.filter(([, wanted, given]) => rule.params[wanted] && registration[given] !== true);
  if (by.length > 0) return ["missing", "registered.not_approved", { by: by.map(([who]) => who) }, []];
  return MET;
}

/** What the lead falls short by; null when it does not. */
function shortfall({ lead, lead_unit: unit }, announced, arrival, today) {
  if (lead === 0) return null;
  if (unit === "hours") {
    const short = lead * HOUR - (arrival - announced);
    return short > 0 ? { lead, short_s: seconds(short) } : null;
  }
  const days = today - dayOf(announced);
  return days < lead ? { lead, short_days: lead - days } : null;
}

/** The day in Shanghai, counted from 1970-01-01. */
function dayOf(micros) {
  return floored(micros + SHANGHAI, DAY);
}

function iso(day) {
  return day >= DAYS.first && day <= DAYS.last ? new Date(day * 86_400_000).toISOString().slice(0, 10) : null;
}

/** Violated when more than the minutes lie between admission and leaving (before that: `at`). */
function dwell(rule, subject, { facts }, stage, at) {
  const { admitted_at: admitted, left_at: left } = facts;
  if (!Number.isInteger(admitted)) return unknown("admitted_at");
  const { minutes } = rule.params;
  const over = (Number.isInteger(left) ? left : at) - admitted - minutes * MINUTE;
  return over <= 0 ? MET : violated("dwell.over", { minutes, over_s: seconds(over) });
}

/** Violated when the plate came that often already in the last seven days; this visit is not among those. */
function visits(rule, subject, { facts }) {
  const count = facts.visits_of_plate_in_days;
  if (!Number.isInteger(count)) return unknown("visits_of_plate_in_days");
  const { most } = rule.params;
  return count >= most ? violated("visits.over", { most }) : MET;
}

/** Met at one of the gates, or at a gate of one of the kinds. */
function gate(rule, subject, { facts }) {
  const { gates, gate_kinds: kinds } = rule.params;
  if (gates.includes(facts.gate) || kinds.includes(facts.gate_kind)) return MET;
  if (gates.length > 0 && !isText(facts.gate)) return unknown("gate");
  if (kinds.length > 0 && gates.length === 0 && !isText(facts.gate_kind)) return unknown("gate_kind");
  return violated("gate.not_allowed", { gates, gate_kinds: kinds });
}

export const KNOWN = { registered, dwell_limit: dwell, visit_limit: visits, gate_allowed: gate };
