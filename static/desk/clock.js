/* What time it is. A phone's clock may be days off, and somebody may set it in the middle of a shift.

   A line is a stretch in which this tab saw the clock run evenly: `lineTime` goes on evenly also where the clock is set
   meanwhile. How far a line is from the server's clock is measured whenever the server answers, and remembered for the
   entries that were written on it. */

import { base } from "./base.js";

const JUMP_MS = 2_000, ODD_MICROS = 5_000_000, SLOW_MICROS = 3_000_000, SAME_MICROS = 50_000, MOST_LINES = 50;

let line = crypto.randomUUID(), shift = 0, slept = false;
let seen = { wall: Date.now(), steady: performance.now() };
let lines = new Map(), latest = 0;

globalThis.document?.addEventListener("visibilitychange", () => {
  slept = true; // a phone that sleeps may stop its steady clock: then the other one is believed
});

/** Microseconds on this tab's line. */
export function lineTime() {
  const wall = Date.now(), steady = performance.now();
  const moved = wall - seen.wall - (steady - seen.steady);
  if (moved < -JUMP_MS || (moved > JUMP_MS && !slept)) shift -= moved;
  seen = { wall, steady };
  slept = false;
  return Math.round((wall + shift) * 1000);
}

/** The name of this tab's line. */
export const lineName = () => line;

/** Microseconds by the server's clock, as far as it was ever measured. */
export const serverTime = () => lineTime() + offset();

/** A moment by the server's clock, on this tab's line. */
export const onLine = (at) => at - offset();

const offset = () => lines.get(line) ?? latest;

/** The server's time of an entry that was written at `at` on a line (undefined: of an older program). */
export const dated = (at, on) => at + (lines.get(on) ?? offset());

/** The same moment on this tab's line, so that an entry's age is right whatever the clock did since. */
export const onThisLine = (at, on) => (lines.has(on) && lines.has(line) ? at + lines.get(on) - lines.get(line) : at);

/** The server said `at` between `before` and `after` on this tab's line. */
export async function measured(at, before, after) {
  const found = Math.round(at - (before + after) / 2), known = lines.get(line), took = after - before;
  if (known !== undefined && (took > SLOW_MICROS || Math.abs(found - known) < SAME_MICROS)) return;
  if (known !== undefined && Math.abs(found - known) > took + ODD_MICROS) line = crypto.randomUUID(); // set unseen
  latest = found;
  const change = (await base()).transaction("kept", "readwrite");
  const stored = (await change.store.get("clock"))?.lines ?? [];
  lines = new Map([...stored, ...lines]);
  lines.delete(line);
  lines = new Map([...lines, [line, found]].slice(-MOST_LINES)); // the newest stands last
  change.store.put({ lines: [...lines], latest }, "clock");
  await change.done;
}

/** What earlier tabs measured. */
export async function remembered() {
  const stored = await (await base()).get("kept", "clock");
  if (!stored) return;
  lines = new Map([...stored.lines, ...lines]);
  if (!lines.has(line)) latest = stored.latest;
}
