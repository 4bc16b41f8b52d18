/* What the questions are made of: keys that a glove hits, fields with their words, folded-away extras. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { live } from "../../vendor/lit-html/directives/live.js";
import { lang, say } from "../say.js";

/** A name with a capital where the language has them. */
export const named = (pair) => (lang() === "en" ? pair.en.charAt(0).toUpperCase() + pair.en.slice(1) : say(pair));

/** One key. `pressed` null: a key that does something, not one that stays down; `under`: a second, smaller line. */
export const key = (text, press, { pressed = null, under = "", kind = "", name = nothing } = {}) => html`<button
  type="button" class="key ${kind}" aria-pressed=${pressed ?? nothing} aria-label=${name} @click=${press}
  >${text}${under ? html`<small class="ask__under">${under}</small>` : nothing}</button>`;

/** Keys of which one is down: `options` are [code, words], `press(code)` is told which. */
export const keys = (label, options, chosen, press, shape = "") => html`<div
  class="ask__keys ${shape}" role="group" aria-label=${label}>${options.map(([code, text, under]) =>
    key(text, () => press(code), { pressed: String(chosen === code), under }))}</div>`;

/** Keys of which any number is down; `press(codes)` is told all of them. */
export const ticks = (label, options, chosen, press) => html`<div
  class="ask__keys" role="group" aria-label=${label}>${options.map(([code, text]) =>
    key(text, () => press(options.map(([one]) => one).filter((one) => chosen.includes(one) !== (one === code))), {
      pressed: String(chosen.includes(code)), kind: "ask__tick",
    }))}</div>`;

/** The codes of a closed list as options; `only` some of them where that is not empty. */
export const options = (list, only = [], also = null) =>
  Object.entries(list)
    .filter(([code]) => !only.length || only.includes(code) || code === also)
    .map(([code, pair]) => [code, named(pair)]);

/** A field: `label` above, the sentence `told` under it, a fault where `wrong`; `more`: attributes by name. */
export function field(label, value, typed, { told = "", wrong = false, big = false, id = "field", ...more } = {}) {
  return html`<label class="label" for=${id}>${label}</label>
    <input class="field ${big ? "ask__big" : ""}" id=${id} type=${more.type ?? "text"} .value=${live(value ?? "")}
      inputmode=${more.mode ?? nothing} autocapitalize=${more.mark ?? nothing} enterkeyhint=${more.enter ?? nothing}
      min=${more.min || nothing} max=${more.max ?? nothing} maxlength=${more.most ?? nothing}
      autocomplete=${more.fill ?? "off"} spellcheck="false" aria-invalid=${wrong ? "true" : nothing}
      aria-describedby=${told ? `${id}-told` : nothing} @input=${(event) => typed(event.target.value)} />
    ${told
      ? html`<p class=${wrong ? "wrong" : "muted"} id=${`${id}-told`} role=${wrong ? "alert" : nothing}>${told}</p>`
      : nothing}`;
}

/** What is seldom wanted, folded away. */
export const folded = (summary, inner) =>
  html`<details class="ask__more"><summary>${summary}</summary>${inner}</details>`;

/** A part of a question with its own name. */
export const part = (label, inner) =>
  html`<section class="ask__part"><h3 class="ask__name">${label}</h3>${inner}</section>`;
