/* By keyboard: Enter goes on, Escape back, Alt and a digit one of the keys that answer. */

import { here } from "../app.js";

const FIELDS = "input, textarea, select, button, a, summary";

/** Listen, once, while a visit is shown. */
export function listen() {
  addEventListener("keydown", (event) => {
    if (here()[0] !== "v" || event.defaultPrevented) return;
    const main = document.getElementById("main");
    if (event.key === "Escape") main?.querySelector("[data-back]")?.click();
    else if (event.key === "Enter" && !event.target.closest(FIELDS)) main?.querySelector(".bar .key--go")?.click();
    else if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
      main?.querySelectorAll(".ask__keys .key, .keys--reasons .key")[Number(event.code.slice(5)) - 1]?.click();
    } else if (/^[0-9.]$/.test(event.key) && !event.ctrlKey && !event.target.closest("input, textarea")) {
      return main?.querySelector("[inputmode=none]")?.focus(); // the digit goes into the field
    } else return;
    event.preventDefault();
  });
}
