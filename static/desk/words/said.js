// How lists, lengths of time and numbers are said; every result is {zh, en}.

import { UNITS } from "./lists.js";

export const text = (zh, en) => ({ zh, en });

/** What a code is called in a list; the code itself where the list does not hold it. */
export const label = (list, code) => (Object.hasOwn(list, code) ? list[code] : text(code, code));

/** Names listed: 甲、乙 / one, two. */
export const joined = (texts) => text(texts.map(({ zh }) => zh).join("、"), texts.map(({ en }) => en).join(", "));

/** The names of codes, listed. */
export const names = (codes, list) => joined(codes.map((code) => label(list, code)));

/** The names of those codes that the list holds. */
export const known = (codes, list) =>
  joined(codes.filter((code) => Object.hasOwn(list, code)).map((code) => list[code]));

const LENGTHS = [[86_400, " 天", "d"], [3_600, " 小时", "h"], [60, " 分", "min"], [1, " 秒", "s"]];

/** Seconds in words, at most two neighbouring units: 370 -> 6 分 10 秒. */
export function duration(seconds) {
  const parts = [];
  let rest = Math.max(0, seconds);
  for (const [size, zh, en] of LENGTHS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count) parts.push([count + zh, `${count} ${en}`]);
    else if (parts.length) break;
  }
  if (!parts.length) return text("0 秒", "0 s");
  return text(parts.slice(0, 2).map(([zh]) => zh).join(" "), parts.slice(0, 2).map(([, en]) => en).join(" "));
}

/** A stored number as people write it: 370 -> 37.0; `short`: 37. */
export function reading(unit, value, short = false) {
  const { scale } = UNITS[unit];
  if (scale === 1) return String(value);
  const rest = value % scale, whole = (value - rest) / scale;
  return short && !rest ? String(whole) : `${whole}.${rest}`;
}
