/* Days and times on the gate's wall clock (UTC+8 all year), as fields and keys make them. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { t } from "../say.js";
import { field, folded } from "./parts.js";

export const MINUTE = 60_000_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const ZONE = 8 * HOUR;

/** 2026-04-18T10:05 at the gate; empty for none. */
export const wall = (micros) =>
  Number.isInteger(micros) ? new Date(Math.floor((micros + ZONE) / 1000)).toISOString().slice(0, 16) : "";

/** The moment of what a field of date and time holds; null for none. */
export function moment(text) {
  const found = Date.parse(`${text}Z`);
  return Number.isNaN(found) ? null : found * 1000 - ZONE;
}

/** The beginning of the minute. */
export const minute = (micros) => micros - (micros % MINUTE);

/** 23:59 at the gate, `days` after the day of `micros`. */
export const lateOn = (micros, days) => {
  const local = micros + ZONE;
  return local - (local % DAY) + (days + 1) * DAY - MINUTE - ZONE;
};

/** The last microsecond of a day of eight digits, 20270531; null where there is no such day from 2000 to 2199. */
export function lastOf(digits) {
  const found = /^(2[01][0-9]{2})([0-9]{2})([0-9]{2})$/.exec(digits ?? "");
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number), date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return date.getTime() * 1000 + DAY - 1 - ZONE;
}

/** The eight digits of the day of a moment. */
export const digitsOf = (micros) => (Number.isInteger(micros) ? wall(micros).slice(0, 10).replaceAll("-", "") : "");

/** A moment as a field, folded away behind the keys; `set(micros)` is told what was typed, null while it is none. */
export const another = (label, micros, set, id) => folded(t("其他时间", "Another time"), html`${
  field(label, wall(micros), (typed) => set(moment(typed)), { type: "datetime-local", id })}`);
