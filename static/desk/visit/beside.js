/* What happens beside the checks: a note, driver care, another zone, somebody who joins, some who leave. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, redraw } from "../app.js";
import { field } from "../asking/parts.js";
import { say, t } from "../say.js";
import { about } from "../words.js";
import { doing, formOf, written } from "./held.js";
import { head, press, reasonField } from "./shared.js";

const screen = (state, title, inner, bar = nothing) => html`${head(state, `v/${state.id}`)}<h1
  tabindex="-1">${title}</h1>${inner}
  <div class="bar"><a class="key" data-back href=${`#/v/${state.id}`}>${t("返回", "Back")}</a>${bar}</div>`;

async function act(model, state, kind, body, words) {
  const at = model.at();
  if (!(await doing(state.id, () => model.act(kind, state.id, body)))) return;
  written(state.id, words, at);
  go(`v/${state.id}`);
}

const NOTED = [
  { zh: "已报告班长", en: "Told the shift lead" }, { zh: "已引导到等候区", en: "Led to the waiting area" },
  { zh: "已二次测温", en: "Measured a second time" }, { zh: "已劝司机回车内", en: "Driver asked back into the cab" },
];

/** A note, of what was done against a finding or of anything else. */
export function note(model, state) {
  const form = formOf(state.id, "note"), save = () => {
    const text = (form.reason ?? "").trim();
    form.lacks = !text;
    return text ? act(model, state, "note", { text }, t("备注", "Note")) : redraw();
  };
  return screen(state, t("记下当时怎么处理", "Note what was done"), reasonField(form, NOTED, t("内容", "What"), 500),
    press(t("写下", "Write it down"), save, "key--go"));
}

/** Driver care that was handed out. */
export const care = (model, state) => screen(state, t("暖心包", "Driver care"), html`<div
  class="keys keys--one">${(model.ground?.care ?? []).map((item) =>
  press(say(item), () => act(model, state, "care", { item: item.code }, say(item)), ""))}</div>`);

/** Another zone. */
export const move = (model, state) => screen(state, t("换区", "Another zone"), html`<div
  class="keys keys--one">${(model.ground?.zones ?? []).map(({ code, name }) =>
  html`<button type="button" class="key" aria-pressed=${String(state.facts.zone === code)}
    @click=${() => act(model, state, "move", { zone: code },
      t(`换到${name}`, `Moved to ${name}`))}>${name}</button>`)}</div>`);

/* The first number that nobody of this kind has. */
function free(known, kind) {
  let number = 1;
  while (known[`${kind}:${number}`]) number += 1;
  return `${kind}:${number}`;
}

/** A person or a trailer that comes along; the questions about it follow. */
export function join(model, state) {
  const form = formOf(state.id, "join"), role = Object.keys(state.plates).length ? "passenger" : "visitor";
  const person = () => {
    const name = (form.name ?? "").trim(), subject = free(state.people, "occupant");
    return act(model, state, "join", { people: [{ subject, role, ...(name ? { name } : {}) }] },
      t("有人加入", "Somebody joined"));
  };
  const trailer = () => {
    const typed = (form.trailer ?? "").trim();
    form.none = !typed;
    return typed ? act(model, state, "join", { plates: [{ subject: free(state.plates, "trailer"), written: typed }] },
      t("挂车加入", "A trailer joined")) : redraw();
  };
  return screen(state, t("加入", "Joining"), html`<h2>${t("来了一个人", "A person")}</h2>
    ${field(t("姓名（可不填）", "Name (may stay empty)"), form.name, (name) => Object.assign(form, { name }), { id: "name", most: 40 })}
    <div class="keys keys--one">${press(t("写下这个人", "Write the person down"), person)}</div>
    <h2>${t("挂上一辆挂车", "A trailer")}</h2>
    ${field(t("挂车车牌", "The trailer's plate"), form.trailer, (trailer) => Object.assign(form, { trailer }), {
      id: "trailer", most: 20, mark: "characters", wrong: form.none,
      told: form.none && t("请填挂车车牌；没有车牌就写“无牌”", "Enter the plate; write 无牌 where there is none") })}
    <div class="keys keys--one">${press(t("写下这辆挂车", "Write the trailer down"), trailer)}</div>`);
}

/** Some leave, the others stay: a trailer that was dropped, a passenger who works here. */
export function part(model, state) {
  const form = formOf(state.id, "part"), going = form.going ?? [], here = state.present.filter((subject) =>
    subject !== "visit");
  const turn = (subject) => {
    Object.assign(form, { none: false, going: going.includes(subject) ? going.filter((one) => one !== subject)
      : [...going, subject] });
    redraw();
  };
  const save = () => {
    form.none = !going.length;
    return going.length ? act(model, state, "leave", { seen: true, subjects: going }, t("部分离场", "Some left"))
      : redraw();
  };
  const name = (subject) =>
    state.plates[subject]?.written ?? `${say(about({ subject }, state))} ${state.people[subject]?.name ?? ""}`;
  return screen(state, t("部分离场", "Some leave"), html`<p>${t("谁走了？没选的留在厂内。", "Who left? The others stay inside.")}</p>
    <div class="keys keys--one">${here.map((subject) => html`<button type="button" class="key ask__tick"
      aria-pressed=${String(going.includes(subject))}
      @click=${() => turn(subject)}>${name(subject)}</button>`)}</div>
    ${form.none ? html`<p class="wrong" role="alert">${t("请至少选一个", "Choose at least one")}</p>` : nothing}`,
      press(t("写下离场", "Write that they left"), save, "key--go"));
}
