/* The keyboard of plates: the likely provinces, letters and digits without I and O, and eight places that fill. The field
   is an ordinary one, so that a phone's paste, a scanner and every keyboard work in it too. */

import { html, noChange, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { redraw } from "./app.js";
import { provinces } from "./known.js";
import { PROVINCES } from "./plates.js";
import { t } from "./say.js";
import { back, clear, field, press, take, typed, write } from "./typing.js";

const SIGNS = [..."1234567890ABCDEFGHJKLMNPQRSTUVWXYZ"], ENDS = [..."学警港澳领使"];
const LIKELY = 9, PLACES = 8;

let composing = false;

/** The places of one plate with their field; `name` "text" or "trailer". */
export function places(name, label) {
  const signs = [...typed[name]], active = field() === name;
  const plain = signs.length > PLACES || (signs.length > 0 && !PROVINCES.includes(signs[0])); // what is sought, or no plate
  const boxes = plain ? null : Array.from({ length: PLACES }, (_, at) => signs[at] ?? "");
  return html`<div class="places ${active ? "places--active" : ""}">
    <div class="places__boxes" aria-hidden="true">${
      boxes
        ? boxes.map((sign, at) => html`<span class="place ${kindOf(at)} ${active && at === signs.length ? "place--next" : ""}">${
            sign}</span>`)
        : html`<span class="places__text">${typed[name]}</span>`
    }</div>
    <input class="places__field" id=${name === "text" ? "plate" : "trailer"} type="text" aria-label=${label}
      inputmode=${typed.native ? "text" : "none"} autocomplete="off" autocapitalize="characters" spellcheck="false"
      enterkeyhint="go" .value=${composing ? noChange : live(typed[name])}
      @compositionstart=${() => (composing = true)}
      @compositionend=${(event) => heard(event, name, (composing = false))}
      @input=${(event) => heard(event, name)} @paste=${pasted} />
  </div>`;
}

const kindOf = (at) => (at === 1 ? "place--head" : at === PLACES - 1 ? "place--spare" : "");

function heard(event, name) {
  if (!composing && !event.isComposing) write(event.target.value, name);
}

function pasted(event) {
  event.preventDefault();
  take(event.clipboardData?.getData("text") ?? "");
}

/** The keys. */
export function keyboard(model) {
  return html`<div class="pk" role="group" aria-label=${t("车牌键盘", "Plate keyboard")} translate="no" @click=${pressed}>
    ${typed.board === "provinces" ? every(model) : signs(model)}
  </div>`;
}

const key = (sign, { wide = 1, does = "press", name = nothing, shown = sign } = {}) =>
  html`<button type="button" class="pk__key pk__key--${wide}" data-does=${does} data-sign=${sign} aria-label=${name}>${
    shown}</button>`;

function signs(model) {
  const text = typed[field()], begun = PROVINCES.includes(text[0]);
  const top = begun
    ? [key("挂", { wide: 2 }), ...ENDS.map((sign) => key(sign)), key("应急", { wide: 2 })]
    : provinces(model.ground).slice(0, LIKELY).map((sign) => key(sign));
  const more = begun ? nothing : key("", { does: "more", shown: "…", name: t("全部省份", "All provinces") });
  return html`<div class="pk__keys">${top}${more}${SIGNS.map((sign) => key(sign))}
    ${key("", { wide: 3, does: "clear", shown: t("清空", "Clear") })}${backKey(3)}</div>`;
}

function every(model) {
  return html`<div class="pk__keys pk__keys--eight">${provinces(model.ground).map((sign) => key(sign))}${key("使")}
    ${key("", { wide: 2, does: "signs", shown: "ABC 123" })}${key("WJ", { wide: 2 })}
    ${key("", { wide: 2, does: "native", shown: t("系统键盘", "Phone's own") })}${backKey(2)}</div>`;
}

const backKey = (wide) => key("", { wide, does: "back", shown: "⌫", name: t("退一格", "Delete one") });

const DOES = {
  press: ({ sign }) => press(sign),
  back,
  clear,
  more: () => board("provinces"),
  signs: () => board("signs"),
  native() {
    typed.native = true;
    board("signs");
    requestAnimationFrame(() => document.getElementById("plate")?.focus());
  },
};

function board(name) {
  typed.board = name;
  redraw();
}

function pressed(event) {
  const data = event.target.closest?.("[data-does]")?.dataset;
  if (data) DOES[data.does](data);
}
