/* Keys for a PIN: 4 to 6 digits, never shown, by thumb or by keyboard. The digits live here until they are used. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { aloud, t } from "../say.js";

const FEWEST = 4, MOST = 6;

let digits = "";

/** Forget what was typed. */
export const clearPin = () => {
  digits = "";
};

/** The pad: `done(pin)` when it is pressed, `back` gives up; `go` is the word on its key, `wrong` why the last failed. */
export function pinPad({ done, back, go, wrong = null }) {
  const type = (text) => {
    digits = text.replace(/\D/g, "").slice(0, MOST);
    redraw();
  };
  const use = (event) => {
    event?.preventDefault();
    const pin = digits;
    if (pin.length < FEWEST) return aloud(t(`密码至少 ${FEWEST} 位`, `A PIN has ${FEWEST} digits at least`));
    clearPin();
    done(pin);
  };
  const key = (digit) => html`<button type="button" class="key" @click=${() => type(digits + digit)}>${digit}</button>`;
  return html`<form class="pinpad" @submit=${use} @keydown=${(event) => event.key === "Escape" && (event.stopPropagation(), back())}>
    <label class="label" for="pin">${t("密码（4 到 6 位）", "PIN (4 to 6 digits)")}</label>
    <input class="field pinpad__field" id="pin" type="password" inputmode="none" autocomplete="off" maxlength=${MOST}
      aria-describedby="pin-told" aria-invalid=${wrong ? "true" : nothing}
      .value=${digits} @input=${(event) => type(event.target.value)} />
    <p id="pin-told" class=${wrong ? "wrong" : "muted"} role=${wrong ? "alert" : nothing}>${
      wrong ?? t(`已输入 ${digits.length} 位`, `${digits.length} digits typed`)
    }</p>
    <div class="pinpad__keys">
      ${["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(key)}
      <button type="button" class="key" aria-label=${t("退一位", "Delete one")} @click=${() => type(digits.slice(0, -1))}>⌫</button>
      ${key("0")}
      <button class="key key--go" aria-label=${`${t("确定", "OK")}: ${go}`}>${t("确定", "OK")}</button>
    </div>
    <button type="button" class="key key--plain" data-back @click=${back}>${t("返回", "Back")}</button>
  </form>`;
}
