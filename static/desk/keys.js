/* Keys of a real keyboard, on every screen: / to the plate, F2 to F4 to the lists, arrows within a list, Escape
   back. On the gate's own screen letters and digits write the plate. */

import { html } from "../vendor/lit-html/lit-html.js";
import { go, here } from "./app.js";
import { say } from "./say.js";
import { ask, next } from "./screens/gate.js";
import { clear, field, take, typed } from "./typing.js";

const KEYS = [
  ["A–Z 0–9", { zh: "在门前直接输车牌", en: "write the plate at the gate" }],
  ["/", { zh: "输车牌", en: "to the plate" }],
  ["Enter", { zh: "下一步", en: "next step" }],
  ["Esc", { zh: "清空，返回门前", en: "clear, back to the gate" }],
  ["↑ ↓", { zh: "在清单里移动", en: "within a list" }],
  ["F2 F3 F4", { zh: "门前、当前、厂内", en: "gate, current visit, inside" }],
];

/** What the keys of a real keyboard do. */
export const keysheet = () => html`<dl class="keysheet">${KEYS.map(
  ([keys, does]) => html`<div><dt><kbd>${keys}</kbd></dt><dd>${say(does)}</dd></div>`,
)}</dl>`;

const AREAS = { F2: [".desk__side:first-of-type", "queue"], F3: ["main", ""], F4: [".desk__side:last-of-type", "inside"] };
const TYPED = /^[\p{L}\p{N}]$/u;

let model = null;

/** Listen, once; `opened` is what the screens talk to. */
export function keysFor(opened) {
  if (!model) {
    addEventListener("keydown", pressed);
    addEventListener("focusin", ({ target }) => stops(target));
  }
  model = opened;
}

const writes = (target) => target.matches?.("input:not([type=file]):not(.places__field), textarea, select, [contenteditable]");
const plate = () => document.getElementById(field() === "trailer" ? "trailer" : "plate");

function pressed(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (AREAS[event.key]) area(event);
  else if (["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) moved(event);
  else if (!writes(event.target)) plain(event);
}

function plain(event) {
  const atGate = here()[0] === "", ownKey = event.target.closest?.("button, a, label, summary");
  if (event.key === "/") {
    event.preventDefault();
    if (!atGate) go("");
    requestAnimationFrame(() => requestAnimationFrame(() => plate()?.focus()));
  } else if (event.key === "Escape") {
    if (here()[0] === "v") return; // a visit has its own way back
    if (!atGate) go("");
    else if (typed.asks) ask(null);
    else clear();
  } else if (atGate && event.key === "Enter" && !ownKey) {
    event.preventDefault();
    if ([...typed[field()]].length > 9) take(typed[field()]);
    else next(model);
  } else if (atGate && TYPED.test(event.key)) plate()?.focus(); // the key itself then writes into it
}

function area(event) {
  const [place, address] = AREAS[event.key];
  const area = document.querySelector(".desk--wide") && document.querySelector(place);
  event.preventDefault();
  if (area) (area.querySelector(".list [tabindex='0'], .list a, .list button") ?? area).focus();
  else go(address);
}

const rows = (list) => [...list.querySelectorAll(":scope .row, :scope .way")];

function moved(event) {
  const list = event.target.closest?.(".list"), all = list ? rows(list) : [];
  const at = all.indexOf(event.target.closest?.(".row, .way"));
  if (at < 0) return;
  event.preventDefault();
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
  all[Math.max(0, Math.min(all.length - 1, to))].focus();
}

/* One stop for the Tab key in each list: the row where the reading was last. */
function stops(target) {
  const list = target.closest?.(".list"), own = target.closest?.(".row, .way");
  if (list && own) for (const row of rows(list)) row.tabIndex = row === own ? 0 : -1;
}
