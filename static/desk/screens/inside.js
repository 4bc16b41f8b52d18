/* Who is inside: the overdue first with how long, then by how long they are here; found by a part of the plate. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { INSIDE } from "../fold.js";
import { plateOf } from "../parts.js";
import { clock, minutes, since, t } from "../say.js";
import { titleOf } from "../visit/ask.js";
import { zoneOf } from "../visit/onsite.js";
import { open } from "../visit/steps.js";

const MANY = 12, PAGE = 30, OPEN_SHOWN = 2, AT_ONCE = 8;
let words = "", shown = PAGE, looked = 0;

export const title = () => t("厂内", "Inside");

export const view = (model) => html`<h1>${title()}</h1>${list(model)}`;

/** The list, for this screen and for the side of a wide one. */
export function list(model) {
  const at = model.at(), all = model.visits().filter((visit) => visit.status === INSIDE);
  const wanted = words.toUpperCase().replace(/[\s·]/g, "");
  const found = wanted ? all.filter((visit) => Object.values(visit.plates).some(({ plate, written }) =>
    (plate ?? written ?? "").includes(wanted))) : all;
  looked = 0;
  found.sort((one, two) => late(two, at) - late(one, at) || one.admitted_at - two.admitted_at);
  return html`${all.length > MANY || words ? search() : nothing}
    ${found.length ? html`<ul
      class="list">${found.slice(0, shown).map((visit) => html`<li>${row(model, visit, at)}</li>`)}</ul>`
      : html`<p class="muted">${words ? t("没有这样的车牌", "No such plate inside")
        : t("厂内没有来访。放行后会出现在这里。", "Nobody is inside. Who is admitted will be here.")}</p>`}
    ${found.length > shown ? html`<button class="key key--small"
      @click=${more}>${t(`再看 ${Math.min(PAGE, found.length - shown)} 个（共 ${found.length}）`,
        `Show ${Math.min(PAGE, found.length - shown)} more (of ${found.length})`)}</button>` : nothing}`;
}

function more() {
  shown += PAGE;
  redraw();
}

function search() {
  return html`<label class="unseen" for="find">${t("车牌的一部分", "A part of the plate")}</label>
    <input class="field" id="find" type="search" autocomplete="off"
      placeholder=${t("查车牌，例如 345", "Find a plate, such as 345")} .value=${words}
      @input=${(event) => { words = event.target.value; shown = PAGE; redraw(); }} />`;
}

const late = (visit, at) => (visit.due_at ? Math.max(0, at - visit.due_at) : 0);

function row(model, visit, at) {
  const over = late(visit, at), todo = stillOpen(model, visit);
  return html`<a class="row" href=${`#/v/${visit.id}`}>${plateOf(visit)}
    ${over ? html`<span class="chip chip--strong">${t("超时", "Overdue")} ${minutes(over / 6e7)}</span>` : nothing}
    ${visit.unsent ? html`<span class="chip">${t("未传", "unsent")}</span>` : nothing}
    <span class="row__end">${zoneOf(model, visit)} ${clock(visit.admitted_at)} · ${since(visit.admitted_at, at)}</span>
    ${todo ? html`<span class="row__todo">${todo}</span>` : nothing}</a>`;
}

const known = new WeakMap();

/* What is still to be checked of a visit, in words: looked up once for each state of it, first for the rows that the
   screen shows, then for a few more with each picture. */
function stillOpen(model, visit) {
  const before = known.get(visit), { ground } = model, lang = document.documentElement.lang;
  if (before?.ground === ground && before.lang === lang) return before.text;
  looked += 1;
  if (looked > AT_ONCE) {
    redraw();
    return before?.text ?? "";
  }
  const steps = open(model.judged(visit.id)), titles = steps.slice(0, OPEN_SHOWN).map((step) =>
    titleOf(step, visit)).join(t("、", ", "));
  const text = steps.length ? t(`待查 ${steps.length}：${titles}`,
    `${steps.length} to check: ${titles}`) + (steps.length > OPEN_SHOWN ? " …" : "") : "";
  known.set(visit, { ground, lang, text });
  return text;
}
