/* The gate: the plate first. Above the keyboard stands who waits and who is expected, then what fits the letters, then
   what is known of the plate; below it the next step, always at the same place. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { arrived, goesOn } from "../arriving.js";
import { card, headline, odd } from "../card.js";
import { keyboard, places } from "../keyboard.js";
import { keysheet } from "../keys.js";
import { enough, recalled, standing } from "../known.js";
import { NO_PLATE, parse } from "../plates.js";
import { notice } from "../parts.js";
import { picture, scanKey, scanning, shown } from "../scan.js";
import { aloud, say, t } from "../say.js";
import { begin, typed, write } from "../typing.js";
import { signal } from "../visit/sound.js";
import { signalOf, watch, watched } from "../watch.js";
import * as queue from "./queue.js";

let told = null, warned = null;

export function view(model) {
  const { text, trailer, wrong, asks } = typed;
  const stands = enough(text) ? standing(model, text) : null;
  const watching = text ? watched(model, [text, trailer ?? ""].map((one) => parse(one).plate)) : [];
  announce(model, stands);
  warn(watching);
  return html`<div class="gate">
    <h1 class="unseen">${t("来车登记", "Who arrives")}</h1>
    <div class="gate__plates">
      ${places("text", t("车牌", "Plate"))}
      ${trailer === null ? nothing : html`<p class="places__label">${TRAILER()}</p>${places("trailer", TRAILER())}`}
    </div>
    ${watch(watching)}
    ${wrong ? notice(html`${say(wrong)} ${wrong.field === "duty" ? onDuty() : nothing}`, "error") : nothing}
    ${typed.told ? notice(say(typed.told)) : nothing}
    <div class="gate__body">${scanning() || typed.photo ? shown() : nothing}
      ${stands ? card(model, stands) : text ? queue.fitting(model) : wide() ? keysheet() : queue.short(model)}</div>
    <div class="gate__keys">
      ${asks ? nothing : keyboard(model)}
      <div class="gate__do">${stands ? nextFor(model, stands) : text ? others(model) : tools(model)}</div>
    </div>
  </div>`;
}

const TRAILER = () => t("挂车车牌", "Trailer's plate");
const onDuty = () => html`<a href="#/duty">${t("去值班", "Go on duty")}</a>`;
const wide = () => matchMedia("(min-width: 992px)").matches;
const key = (words, does, kind = "") => html`<button type="button" class="key ${kind}" @click=${does}>${words}</button>`;

const AS_WRITTEN = () => t("按所写登记", "Take it as written");

/* Before anything is typed. */
const tools = (model) => html`${picture()}${scanKey()}${key(t("无牌", "No plate"), () => write(NO_PLATE, "text"))}${key(
  t("步行", "On foot"), () => onFoot(model))}`;

/* While it is not a whole plate: nobody is refused for an odd one. */
const others = (model) => html`${picture()}${key(AS_WRITTEN(), () => next(model), "key--plain")}`;

function nextFor(model, stands) {
  if (typed.asks) return html`${key(t("返回", "Back"), () => ask(null))}`;
  if (stands.what === "at_gate") {
    return html`${key(t("另有原因", "Something else"), () => ask("already"))}${
      onward(t("接着查", "Go on checking"), model)}`;
  }
  if (stands.what === "inside") {
    return onward(t("已在厂内：怎么回事？", "Inside already: what happened?"), model);
  }
  const { facts, people } = recalled(model, stands), knows = Object.keys(facts).length + people.length > 0;
  return html`${typed.trailer === null ? key(t("＋挂车", "+ Trailer"), begin) : nothing}${
    knows ? key(t("不对，逐项问", "No, ask each"), () => arrived(model, stands, { plain: true })) : nothing
  }${onward(knows ? t("都对，到了", "All right: it is here") : odd(stands) ? AS_WRITTEN() : t("到了", "It is here"), model)}`;
}

/* The large key answers at once, while the arrival goes to the disk. */
const onward = (words, model) =>
  key(typed.busy ? t("正在写下 …", "Writing it down …") : words, () => next(model), "key--go");

/** Open one more choice, or close it. */
export function ask(what) {
  typed.asks = what;
  redraw();
}

/** The next step of what is typed: what the large key does, and Enter. */
export function next(model) {
  if (!typed.text) return;
  const stands = standing(model, typed.text);
  if (stands.what === "at_gate") goesOn(stands.visit.id);
  else if (stands.what === "inside") ask("already");
  else arrived(model, stands);
}

const onFoot = (model) => arrived(model, null, { kind: "walk_in" });

/* A plate that is whole is said to who hears the screen, once. */
function announce(model, stands) {
  const said = stands && `${stands.plate} ${stands.what}`;
  if (said === told) return;
  told = said;
  if (stands) aloud(`${stands.plate}，${headline(model, stands)}`);
}

/* A watched plate sounds once. */
function warn(watching) {
  const plates = watching.map(({ plate }) => plate).join();
  if (plates && plates !== warned) signal(signalOf(watching));
  warned = plates;
}
