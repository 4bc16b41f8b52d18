/* Who was counted at the meeting point: kept on this phone until the count is ended. No names are in it. */

const PLACE = "gate-desk-rollcall";

/** {since: micros, there: {"<visit> <subject>": true}}, or null where no count goes on. */
export let rollcall = read();

function read() {
  try {
    return JSON.parse(localStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

function keep(next) {
  rollcall = next;
  try {
    if (next) localStorage.setItem(PLACE, JSON.stringify(next));
    else localStorage.removeItem(PLACE);
  } catch {
    // it holds until the page is closed
  }
}

/** Somebody arrived at the meeting point, or did not after all; the first begins the count at `at`. */
export function tick(key, at) {
  const there = { ...rollcall?.there };
  if (there[key]) delete there[key];
  else there[key] = true;
  keep({ since: rollcall?.since ?? at, there });
}

export const counted = (key) => Boolean(rollcall?.there[key]);

/** The count is over. */
export const endCount = () => keep(null);
