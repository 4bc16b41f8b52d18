/* What the screens of a visit keep between drawings: what is typed, what was skipped, what went wrong. */

import { redraw } from "../app.js";

const MOST = 200, SHOWN_MS = 6_000;
const kept = new Map();

/** What is kept of one visit; empty at first. */
export function held(id) {
  if (!kept.has(id)) {
    kept.set(id, { drafts: new Map(), skipped: new Set(), trail: [], forms: {}, fault: null, busy: false, done: null,
      heard: null });
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  return kept.get(id);
}

/** What is typed on one of its screens. */
export const formOf = (id, way) => (held(id).forms[way] ??= {});

/** Nothing more is kept of a visit. */
export const forget = (id) => kept.delete(id);

/** Do something once: what it answers, or null where it went wrong, which the screen then says. */
export async function doing(id, act) {
  const here = held(id);
  if (here.busy) return null;
  Object.assign(here, { busy: true, fault: null });
  busy(true);
  redraw();
  try {
    return (await act()) ?? true;
  } catch (fault) {
    Object.assign(here, { fault, faultAt: location.hash });
    return null;
  } finally {
    here.busy = false;
    busy(false);
    redraw();
  }
}

const busy = (now) => document.getElementById("main")?.setAttribute("aria-busy", String(now)); // seen at once

/** Something was written, `act` in words: it is said for some seconds. `closes`: the screen is done with the visit. */
export function written(id, act, at, closes = false) {
  const done = { act, at, closes, until: Date.now() + SHOWN_MS };
  Object.assign(held(id), { done, forms: {} });
  setTimeout(redraw, SHOWN_MS + 50);
}

/** What was written just now, or null. */
export function fresh(id) {
  const { done } = held(id);
  return done && (done.closes || done.until > Date.now()) ? done : null;
}
