/* Small parts that several screens show: plates, verdict shapes, keys, notices. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { PLATES } from "./made.js";
import { t } from "./say.js";

const HEADS = { embassy: 0, consulate: 1, armed_police: 3 };

/** A plate in a plate-shaped box of its class's colour; an ordinary one of a truck (`large`) is yellow. */
export function plate(text, cls = "ordinary", { large = true, size = "" } = {}) {
  const colour = PLATES.colours[cls]?.at(large ? -1 : 0)?.replace("_", "-") ?? "other";
  const head = colour === "other" ? 0 : (HEADS[cls] ?? 2), signs = [...(text ?? "")];
  const parted = head > 0 && signs.length > head + 2;
  return html`<span class="plate plate--${colour} ${size ? `plate--${size}` : ""}" translate="no">${
    parted ? html`<span class="plate__head">${signs.slice(0, head).join("")}</span>${signs.slice(head).join("")}` : text
  }</span>`;
}

/** The plate of a visit, or who it is on foot. */
export function plateOf(visit, size = "") {
  const tractor = visit.plates?.tractor;
  if (tractor) {
    const large = !["car", "van"].includes(visit.facts?.visitor_kind);
    return plate(tractor.plate ?? tractor.written, tractor.class, { large, size });
  }
  const name = visit.people?.["occupant:1"]?.name;
  return html`<span class="onfoot">${t("步行", "On foot")}${name ? html` · ${name}` : nothing}</span>`;
}

const SHAPES = {
  admit: html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10.5" /></svg>`,
  hold: html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1.5 23 21.5H1z" /></svg>`,
  refuse: html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true"><path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z" /></svg>`,
};

/** Circle, triangle or octagon: a verdict is never told by colour alone. */
export const shape = (verdict) => SHAPES[verdict] ?? nothing;

/** 放行 / 待定 / 劝返. */
export const verdictName = (verdict) =>
  ({ admit: t("放行", "Admit"), hold: t("待定", "Hold"), refuse: t("劝返", "Refuse") })[verdict] ?? "";

export const verdictChip = (verdict) =>
  html`<span class="chip chip--${verdict}">${shape(verdict)}${verdictName(verdict)}</span>`;

/** One of a few under its name: `options` are [value, words], `pick(value)` is told which. */
export const choice = (label, options, chosen, pick) => html`<fieldset class="choice"><legend>${label}</legend><div class="keys">${
  options.map(([value, word]) => html`<button type="button" class="key" aria-pressed=${value === chosen} @click=${() => pick(value)}>${word}</button>`)
}</div></fieldset>`;

/** The plain words of a stored or refused thing: {zh, en} with a list of what to do about it. */
export const notice = (text, kind = "info") =>
  html`<p class="notice notice--${kind}" role=${kind === "error" ? "alert" : nothing}>${text}</p>`;
