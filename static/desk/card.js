/* What is known of a plate, said at once: where it is, whether it was announced, what it brought last. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { redraw } from "./app.js";
import { arrived, kindOf } from "./arriving.js";
import { placeName } from "./asking/places.js";
import { lately, recalled } from "./known.js";
import { plate } from "./parts.js";
import { clock, say, t, when } from "./say.js";
import { typed, write } from "./typing.js";
import { CARGO, VISITOR_KINDS } from "./made.js";

const KINDS = Object.keys(VISITOR_KINDS).filter((code) => code !== "walk_in");

/** The card of a whole plate; `stands` as known.js has it. */
export function card(model, stands) {
  return html`<section class="card" aria-label=${t("这辆车", "This vehicle")}>
    <p class="card__head">${headline(model, stands)}</p>
    ${stands.away ? sentAway(when(stands.away, model.at())) : nothing}
    ${stands.alike.length ? alike(stands.alike) : nothing}
    ${stands.note && stands.what !== "none" && !odd(stands)
      ? html`<p class="card__note">${say(stands.note)}</p>`
      : nothing}
    ${stands.visit ? nothing : html`${facts(model, stands)}${kinds(model, stands)}`}
    ${stands.visit && typed.asks === "already" ? already(model, stands) : nothing}
  </section>`;
}

const sentAway = (at) =>
  html`<p class="card__note"><b>${t(`上次被劝返：${at}`, `Turned away last time: ${at}`)}</b></p>`;

/** A plate that is none, of nobody who is known. */
export const odd = (stands) => stands.what === "new" && stands.class === "other";

/** Where it is and whether it was here, in one line. */
export function headline(model, stands) {
  const { what, visit, registration, truck } = stands, at = model.at();
  if (what === "inside") return t(`已在厂内，${when(visit.admitted_at, at)} 进厂`, `Inside since ${when(visit.admitted_at, at)}`);
  if (what === "at_gate") return t(`已在门前，${clock(visit.arrived_at)} 到`, `At the gate since ${clock(visit.arrived_at)}`);
  if (what === "declined") return t("今天的报备被退回", "Its registration for today was declined");
  if (what === "announced" && registration.state === "approved") return t("今天报备✓", "Announced for today ✓");
  if (what === "announced") return t("今天报备，待批", "Announced for today, not approved yet");
  if (what === "known") {
    const often = lately(truck, at), last = when(truck.last, at);
    if (often > 1) return t(`来过，上次 ${last}，7 天 ${often} 次`, `Last here ${last}, ${often} times in 7 days`);
    return t(`来过，上次 ${last}`, `Last here ${last}`);
  }
  if (odd(stands)) return say(stands.note);
  return what === "none" ? t("没有号牌的车", "A vehicle without a plate") : t("第一次来", "New here");
}

const alike = (plates) => html`<p class="card__ask">${t("是不是：", "Is it:")}</p>
  <div class="keys">${plates.map((one) => html`<button type="button" class="key key--small"
    @click=${() => write(one, "text")}>${plate(one)}？</button>`)}</div>`;

/* What is taken over when the guard says that all is right. */
function facts(model, { truck, registration }) {
  if (!truck && !registration) return nothing;
  const { facts: found, people } = recalled(model, { truck, registration });
  const rows = [
    [t("单位", "Company"), registration?.company ?? truck?.company],
    [t("司机", "Driver"), registration?.driver ?? truck?.driver],
    [t("货物", "Cargo"), found.cargo && say(CARGO[found.cargo])],
    [t("来自", "From"), found.origin && placeName(found.origin, redraw)],
    [t("人数", "People"), people.length || null],
  ].filter(([, value]) => value);
  if (!rows.length) return nothing;
  const open = Object.keys(found).length + people.length;
  const row = ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<div class="card__known">
    ${open ? html`<span class="chip chip--strong">${t("待确认", "to confirm")}</span>` : nothing}
    <dl class="card__facts">${rows.map(row)}</dl></div>`;
}

function kinds(model, stands) {
  const chosen = kindOf(model, stands);
  if (stands.truck && !typed.kind && typed.asks !== "kind") return nothing;
  const choose = (code) => () => {
    typed.kind = code;
    redraw();
  };
  return html`<div class="keys" role="group" aria-label=${t("车型", "Kind of vehicle")}>${KINDS.map(
    (code) => html`<button type="button" class="key key--small" aria-pressed=${code === chosen}
      @click=${choose(code)}>${say(VISITOR_KINDS[code])}</button>`,
  )}</div>`;
}

/* An open visit of the same plate: what may have happened. */
function already(model, stands) {
  const one = (words, does) => html`<button type="button" class="key" @click=${does}>${words}</button>`;
  const came = (how) => () => arrived(model, stands, { already: how });
  const inside = stands.visit.status === "inside";
  return html`<p class="card__ask">${t("怎么回事？", "What happened?")}</p><div class="keys">
    ${one(t("车牌输错了，改一下", "Wrong plate: correct it"), () => write(typed.text, "text"))}
    ${inside ? one(t("上次出门漏记了，没有看见", "Its exit was missed: nobody saw it"), came("exit_missed")) : nothing}
    ${one(inside ? t("看见它出去，现在又来了", "I saw it leave; it came back")
      : t("没查完就开走了，现在又来了", "It drove off unchecked and came back"), came("came_back"))}
    ${one(t("那一辆的车牌当时记错了", "The other one was written down wrongly"), came("wrong_plate"))}
  </div>`;
}
