/* Watched plates: what a guard must know before anything else, whatever the rules say. Pure but for the words. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { dayOf } from "./facts.js";
import { shape } from "./parts.js";
import { t } from "./say.js";

const SHAPES = { refuse: "refuse", tell: "hold" };
const word = (what) => (what === "refuse" ? t("不予进厂，报告班长", "Do not admit; tell the shift lead")
  : t("先报告，再处理", "Call somebody before anything else"));

/** Which of these plates are watched today, the gravest first. */
export function watched(model, plates) {
  const today = dayOf(model.at());
  const rows = (model.ground?.watched ?? []).filter(({ plate, until }) => plates.includes(plate) && !(until < today));
  return rows.sort((one, two) => (one.what > two.what) - (one.what < two.what));
}

/** Those of a visit. */
export const watchedOf = (model, state) => watched(model, Object.values(state.plates).map(({ plate }) => plate));

/** What to do and why, in words, shape and colour; heard at once by who hears the screen. */
export const watch = (rows) => rows.map(({ plate, what, why, by }) => html`<p
  class="notice verdict--${SHAPES[what]}" role="alert">${shape(SHAPES[what])} <b>${plate} ${word(what)}</b><br>${why}${
    by === "township" ? t("（镇街）", " (township)") : nothing}</p>`);

/** The same in a list. */
export const mark = ([row]) => (row ? html` <span class="chip chip--${SHAPES[row.what]}">${shape(SHAPES[row.what])}${
  t("关注", "Watched")}</span>` : nothing);

/** Its signal, as that of a verdict. */
export const signalOf = ([row]) => row && SHAPES[row.what];
