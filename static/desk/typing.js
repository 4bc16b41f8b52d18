/* The plate that is being typed on this phone. It outlives every redraw and every other screen, until the vehicle is
   written down or the guard clears it. */

import { go, redraw } from "./app.js";
import { plateIn, tidy, whole } from "./known.js";
import { NO_PLATE, PROVINCES, classify } from "./plates.js";

const EMPTY = { text: "", trailer: null, kind: null, board: "signs", asks: null, native: false, wrong: null, told: null };
const MOST = 32;

/** text, trailer (null: none wanted), kind, board, asks (which further choice is open), wrong and told (sentences). */
export const typed = { ...EMPTY, photo: null, busy: false };

/** Which of the two plates the keys write: "text" or "trailer". */
export const field = () => (typed.trailer !== null && !typed.asks ? "trailer" : "text");

/** The whole of one plate; nothing that was said of the one before stays. */
export function write(text, name = field()) {
  const longer = [...text].length > MOST ? plateIn(text) : null;
  typed[name] = longer ?? [...tidy(text)].slice(0, MOST).join("");
  Object.assign(typed, { asks: null, wrong: null, told: null, board: "signs" });
  redraw();
}

/** One key: a province always stands first, 挂 stands by itself at the end of a trailer's. */
export function press(sign) {
  const name = field(), text = typed[name] === NO_PLATE ? "" : typed[name];
  if (sign === "挂" && name === "text" && whole(text)) begin();
  else if (PROVINCES.includes(sign) && text && !PROVINCES.includes(text[0])) write(sign + text, name);
  else write(name === "trailer" && classify(`${text}${sign}挂`) === "trailer" ? `${text}${sign}挂` : text + sign, name);
}

/** A trailer's plate is wanted too. */
export function begin() {
  Object.assign(typed, { trailer: "", asks: null });
  redraw();
}

/** Take the last sign away; from an empty trailer back to the first plate. */
export function back() {
  const name = field(), signs = [...typed[name]];
  if (name === "trailer" && !signs.length) typed.trailer = null;
  else write(typed[name] === NO_PLATE ? "" : signs.slice(0, -1).join(""), name);
  redraw();
}

/** Forget what was typed. */
export function clear() {
  if (typed.photo) URL.revokeObjectURL(typed.photo.url);
  Object.assign(typed, EMPTY, { photo: null, busy: false });
  redraw();
}

/** Take a plate from a list, from any screen. */
export function pick(plate) {
  typed.trailer = null;
  write(plate, "text");
  go("");
}

/** What was pasted, scanned or typed by a machine: the plate in it, or the text itself. */
export function take(text) {
  write(plateIn(text) ?? text);
}
