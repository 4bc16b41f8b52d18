// When a rule applies. A clause on a fact that is not known is undecided, never false; a rule with a false clause does
// not apply, whatever else is unknown, and one with an undecided clause waits for its facts.

import { ASKED } from "../made.js";

const RISING = ["none", "low", "medium", "high"];

/** The clause as a function of its fact's value: true, false, or null where that value cannot be compared. */
export function testOf({ fact, op, value: wanted }) {
  const type = ASKED[fact]?.type;
  if (type === undefined) throw new Error(`no condition is called ${fact}`);
  switch (op) {
    case "within":
      return place(wanted, true, type === "regions");
    case "not_within":
      return place(wanted, false, type === "regions");
    case "in":
      return (value) => (typeof value === "string" ? wanted.includes(value) : null);
    case "not_in":
      return (value) => (typeof value === "string" ? !wanted.includes(value) : null);
    case "eq":
      return (value) => (alike(value, wanted) ? value === wanted : null);
    case "ne":
      return (value) => (alike(value, wanted) ? value !== wanted : null);
    case "at_least":
      return type === "level" ? level((rank) => rank >= RISING.indexOf(wanted)) : whole((value) => value >= wanted);
    case "at_most":
      return type === "level" ? level((rank) => rank <= RISING.indexOf(wanted)) : whole((value) => value <= wanted);
    default:
      throw new Error(`no operator is called ${op}`);
  }
}

function alike(value, wanted) {
  return Number.isInteger(wanted) ? Number.isInteger(value) : typeof value === typeof wanted;
}

function level(holds) {
  return (value) => (RISING.includes(value) ? holds(RISING.indexOf(value)) : null);
}

function whole(holds) {
  return (value) => (Number.isInteger(value) ? holds(value) : null);
}

function place(regions, inside, many) {
  const prefixes = regions.map(prefix);
  const lies = (code) => prefixes.some((start) => code.startsWith(start));
  if (many) {
    return (value) => {
      if (!Array.isArray(value) || !value.every((code) => typeof code === "string")) return null;
      return value.some(lies) === inside;
    };
  }
  return (value) => (typeof value === "string" ? lies(value) === inside : null);
}

/** The digits that every place of `region` begins with: 330000 -> 33, 330100 -> 3301, 330182 -> 330182. */
export function prefix(region) {
  const code = region.length === 9 && region.endsWith("000") ? region.slice(0, 6) : region;
  if (code.length !== 6) return code;
  if (code.endsWith("0000")) return code.slice(0, 2);
  return code.endsWith("00") ? code.slice(0, 4) : code;
}

/** The facts still to be known, [] when the rule applies, null when it does not. */
export function undecided(clauses, facts) {
  const missing = [];
  for (const [fact, test] of clauses) {
    const value = facts[fact] ?? null;
    const holds = value === null ? null : test(value);
    if (holds === false) return null;
    if (holds === null && !missing.includes(fact)) missing.push(fact);
  }
  return missing;
}

/** What a guard is asked when `facts` are missing: the origin for a risk level, nothing for what the program knows. */
export function toAsk(facts) {
  return [...new Set(facts.flatMap((fact) => ASKED[fact].ask.slice(0, 1)))];
}
