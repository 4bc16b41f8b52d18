/* Who is at the gate and who was announced: on a phone above the plate's keyboard, on a wide screen always to the left. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { matches, expected } from "../known.js";
import { CARGO } from "../made.js";
import { plate, plateOf, verdictChip } from "../parts.js";
import { say, since, t, when } from "../say.js";
import { pick, typed } from "../typing.js";
import { mark, watched, watchedOf } from "../watch.js";

const SHORT = 6, FOUND = 6;

export const title = () => t("门前", "At the gate");

/** Everybody at the gate and everybody expected today; `most` rows of each, then the way to the rest. */
export function list(model, most = Infinity) {
  const here = model.phone.gate, own = (visit) => (visit.gate === here ? 0 : 1);
  const waiting = model.visits().filter(({ status }) => status === "at_gate");
  waiting.sort((one, two) => own(one) - own(two));
  const coming = expected(model), left = Math.max(0, waiting.length - most) + Math.max(0, coming.length - most);
  return html`<div class="queue">
    <h2 class="queue__head"><span>${t("门前", "At the gate")}</span><span>${waiting.length}</span></h2>
    ${waiting.length
      ? html`<ul class="list">${waiting.slice(0, most).map((visit, at) => html`<li>${waits(model, visit, at)}</li>`)}</ul>`
      : html`<p class="queue__none">${t("门前没有车。来车先输车牌。", "Nobody at the gate. Begin with the plate.")}</p>`}
    ${coming.length
      ? html`<h2 class="queue__head"><span>${t("今天报备、还没到", "Announced, not here yet")}</span><span>${coming.length}</span></h2>
          <ul class="list">${coming.slice(0, most).map((row, at) => html`<li>${announced(model, row, at)}</li>`)}</ul>`
      : nothing}
    ${left ? html`<p><a class="key key--small key--plain" href="#/queue">${t(`还有 ${left} 辆`, `${left} more`)}</a></p>` : nothing}
  </div>`;
}

export const view = (model) => list(model);

/** As `list`, short enough to stand above the keyboard. */
export const short = (model) => list(model, SHORT);

/** What fits the letters typed so far. */
export function fitting(model) {
  const found = matches(model, typed.text, FOUND);
  if (!found.length) return html`<p class="queue__none">${t("没有认识的车，接着输。", "None is known so far: go on typing.")}</p>`;
  return html`<ul class="list" aria-label=${t("认识的车", "Known vehicles")}>${found.map((row, at) => html`<li>${
    row.what === "at_gate" ? waits(model, row.visit, at) : known(model, row, at)
  }</li>`)}</ul>`;
}

const stop = (at) => (at ? "-1" : "0");

function waits(model, visit, at) {
  const others = model.others(visit.id), { answered, total, checking, verdict } = model.judged(visit.id);
  const steps = total ? ` ${answered}/${total}` : "";
  const word = answered || others.length ? t("在查", "in check") : t("刚到", "just arrived");
  const what = checking || others.length ? html`<span class="row__what">${word}${steps}</span>` : verdictChip(verdict);
  const who = others.length ? html`<span class="row__who">${others.map(({ by, name }) => by ?? name).join("、")}</span>` : nothing;
  return html`<a class="row" href="#/v/${visit.id}" tabindex=${stop(at)}>${plateOf(visit)}${mark(watchedOf(model, visit))} ${what} ${who}${elsewhere(model, visit)}
    <span class="row__end">${since(visit.arrived_at, model.at())}</span></a>`;
}

function elsewhere(model, { gate }) {
  const name = gate !== model.phone.gate && model.ground?.gates?.find(({ id }) => id === gate)?.name;
  return name ? html` <span class="chip">${name}</span>` : nothing;
}

const cargo = (code) => (code && CARGO[code] ? html` <span class="row__what">${say(CARGO[code])}</span>` : nothing);

function announced(model, row, at) {
  const word = row.state === "approved" ? t("报备✓", "announced ✓") : t("报备待批", "waiting for approval");
  return picked(model, row.plate, plate(row.plate), row.cargo, word, at);
}

function known(model, { plate: key, class: cls, what, visit, registration, truck }, at) {
  if (registration) return announced(model, registration, at);
  const last = truck && when(truck.last, model.at());
  const word = what === "inside" ? t("已在厂内", "inside already") : t(`上次 ${last}`, `last ${last}`);
  return picked(model, key, plate(key, cls), truck?.cargo ?? visit?.facts.cargo, word, at);
}

const picked = (model, key, shown, load, word, at) => html`<button type="button" class="row" tabindex=${stop(at)}
  @click=${() => pick(key)}>${shown}${mark(watched(model, [key]))}${cargo(load)}<span class="row__end">${word}</span></button>`;
