/* Numbers: a temperature by one key, anything by a pad; the range stands under the field before anybody is wrong. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { t } from "../say.js";
import { UNITS } from "../made.js";
import { reading } from "../words/said.js";
import { field, key } from "./parts.js";

const PLAIN = /^[0-9]{1,9}(\.[0-9]{1,4})?$/;
const PAD = [..."123456789", ".", "0", "⌫"];
const QUICK = 13, USUAL = 372;

/** What was typed as the stored number; null where it is none or out of range. */
export function stored(typed, unit) {
  const { scale, lowest, highest } = UNITS[unit];
  const text = (typed ?? "").normalize("NFKC").replaceAll("。", ".").trim().replace(/[°cC度 ]+$/, "");
  if (!PLAIN.test(text)) return null;
  const scaled = Math.round(Number(text) * scale * 1e4) / 1e4;
  return Number.isInteger(scaled) && scaled >= lowest && scaled <= highest ? scaled : null;
}

/** Whether more digits could still make a number in range of what was typed. */
function mayGrow(typed, unit) {
  if (!/^[0-9]+\.?$/.test(typed)) return typed === "";
  const { scale, lowest, highest } = UNITS[unit];
  if (typed.endsWith(".")) return scale > 1 && stored(`${typed}0`, unit) !== null;
  for (let low = Number(typed) * scale, size = scale; low <= highest; low *= 10, size *= 10) {
    if (low + size > lowest) return true;
  }
  return false;
}

/** Which numbers the field takes: 请填 30 到 45 ℃. */
export function takes(unit) {
  const { symbol, lowest, highest } = UNITS[unit];
  const low = reading(unit, lowest, true), high = reading(unit, highest, true);
  return t(`请填 ${low} 到 ${high}${symbol.zh}`, `${low} to ${high}${symbol.en}`);
}

/** Digits typed while the reading is on a key of the pad go into the field as well; `typed()` is what stands in it. */
export const onDigit = (typed, type) => (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-9.]$/.test(event.key)) type(typed() + event.key);
  else if (event.key === "Backspace") type(typed().slice(0, -1));
  else return;
  event.preventDefault();
};

const pressed = (typed, sign) => (sign === "⌫" ? typed.slice(0, -1) : typed + sign);

/** A pad of digits; `point`: with a decimal point. `type(text)` is told what stands in the field then. */
export const pad = (typed, type, point = true) => html`<div
  class="ask__pad" role="group" aria-label=${t("数字键", "Digits")}>${PAD.map((sign) =>
    sign === "." && !point ? html`<span></span>` : key(sign, () => type(pressed(typed, sign)), {
      kind: "ask__digit", name: sign === "⌫" ? t("退格", "Delete") : nothing,
    }))}</div>`;

/** The thirteen readings up to the highest that is accepted, and the first that is not. */
function quick({ max, max_inclusive: inclusive }) {
  const top = max === null ? USUAL : inclusive ? max : max - 1;
  return [Array.from({ length: QUICK }, (_, index) => top - QUICK + 1 + index), top + 1];
}

export const number = {
  begin: (before, { params }) => (Number.isInteger(before.n) ? { n: reading(params.unit, before.n) } : {}),

  value: ({ params }, { n }) => {
    const found = stored(n, params.unit);
    return found === null ? null : { n: found };
  },

  view({ question: { params }, draft, change }) {
    const { unit } = params, typed = draft.n ?? "";
    const type = (n) => change({ n, quick: false }), warm = unit === "celsius" && !draft.pad;
    const wrong = stored(typed, unit) === null && !mayGrow(typed, unit);
    return html`<div @keydown=${onDigit(() => typed, type)}>
      ${field(t(`读数${UNITS[unit].symbol.zh}`, `Reading${UNITS[unit].symbol.en}`), typed, type, {
        told: takes(unit), wrong, mode: "none", big: true, id: "reading",
      })}
      ${warm ? temperatures(params, typed, change) : pad(typed, type, UNITS[unit].scale > 1)}
      ${unit !== "celsius" || warm ? nothing
        : key(t("常用体温", "Usual readings"), () => change({ pad: false }), { kind: "key--plain" })}
    </div>`;
  },
};

function temperatures(params, typed, change) {
  const [usual, above] = quick(params);
  const rows = usual.map((n) => reading("celsius", n));
  const first = reading("celsius", above), whole = `${Math.floor(above / 10)}.`;
  return html`<div class="ask__keys ask__keys--four" role="group" aria-label=${t("体温", "Temperature")}>
    ${rows.map((n) => key(n, () => change({ n, quick: true }), { pressed: String(n === typed) }))}
    ${key(`${first}+`, () => change({ n: whole, pad: true, quick: false }), {
      name: t(`${first} 及以上：按实际读数填写`, `${first} or more: type the reading`) })}
    ${key(t("其他读数", "Another"), () => change({ n: "", pad: true, quick: false }), { kind: "ask__wide" })}
  </div>`;
}
