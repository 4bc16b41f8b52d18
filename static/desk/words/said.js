// How sentences, lists, lengths of time and numbers are said, as gatekeeper/rules/saying.py says them: as {zh, en}.

import { GATE_KINDS, NAMED, UNITS } from "../made.js";

export const text = (zh, en) => ({ zh, en });

/** A code that nobody knows a name for. */
export const itself = (code) => text(code, code);

const label = (list, code, other = itself) => (Object.hasOwn(list, code) ? list[code] : other(code));

const joined = (texts, { zh, en } = text("、", ", ")) =>
  text(texts.map((one) => one.zh).join(zh), texts.map((one) => one.en).join(en));

/** The sentence {parts, between} with its numbers and names; null where nothing of it is to be said. Throws a TypeError
    where the data lack something that it cannot do without. */
export function said({ parts, between }, data, place = itself) {
  const found = parts.filter(([, , ...when]) => when.every((each) => holds(each, data)));
  return found.length ? joined(found.map(([zh, en]) => filled(zh, en, data, place)), between) : null;
}

function holds(when, data) {
  const value = data[when.replace(/\W/g, "")] ?? null, there = value !== null && value.length !== 0;
  const wanted = !when.startsWith("!");
  return when.endsWith("?") ? there === wanted : there && Boolean(value) === wanted;
}

function filled(zh, en, data, place) {
  const put = (lang) => (_, name) => spoken(name, data, place)[lang];
  return text(zh.replace(/\{(\w+)\}/g, put("zh")), en.replace(/\{(\w+)\}/g, put("en")));
}

function spoken(name, data, place) {
  const value = data[name], { gates = [], gate_kinds: kinds = [], options, unit } = data;
  if (name === "where") return joined([...gates.map(place), ...kinds.map((code) => label(GATE_KINDS, code, place))]);
  if (value == null) throw new TypeError(name);
  if (name.endsWith("_s")) return duration(value);
  if (name === "minutes") return duration(value * 60);
  if (["limit", "min", "max"].includes(name)) {
    const number = reading(unit, value), { zh, en } = UNITS[unit].symbol;
    return text(number + zh, number + en);
  }
  const offered = name === "accepted" && options && Object.fromEntries(options.map((option) => [option.code, option]));
  if (NAMED[name]) return joined(value.map((code) => label(offered || NAMED[name], code)));
  return value.zh ? value : itself(String(value));
}

const LENGTHS = [[86_400, " 天", "d"], [3_600, " 小时", "h"], [60, " 分", "min"], [1, " 秒", "s"]];

/** Seconds in words, at most two neighbouring units: 370 -> 6 分 10 秒. */
export function duration(seconds) {
  const parts = [];
  let rest = Math.max(0, seconds);
  for (const [size, zh, en] of LENGTHS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count) parts.push(text(count + zh, `${count} ${en}`));
    else if (parts.length) break;
  }
  return parts.length ? joined(parts.slice(0, 2), text(" ", " ")) : text("0 秒", "0 s");
}

/** A stored number as people write it: 370 -> 37.0; `short`: 37. */
export function reading(unit, value, short = false) {
  const { scale } = UNITS[unit];
  if (scale === 1) return String(value);
  const rest = value % scale, whole = (value - rest) / scale;
  return short && !rest ? String(whole) : `${whole}.${rest}`;
}
