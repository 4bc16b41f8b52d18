/* Who is on duty on this phone: one tap on the name, then the PIN. What the last shift left is taken over with it. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, redraw } from "../app.js";
import { clearPin, pinPad } from "../around/pinpad.js";
import { left } from "../around/left.js";
import { notice } from "../parts.js";
import { aloud, faultOf, say, set, settings, t, when } from "../say.js";

const ROLES = { guard: ["门卫", "Guard"], shift_lead: ["班长", "Shift lead"], enterprise_admin: ["管理员", "Admin"] };
const MOST_REMEMBERED = 8;

let chosen = null, wrong = null, asked = null, others = false;

export const title = () => t("值班人", "On duty");

export function view(model) {
  const duty = model.duty(), refusal = failed(model, duty);
  if (asked && refusal) reject(refusal);
  if (asked && !chosen && duty.state === "on") welcome(duty);
  const person = chosen && people(model).find(({ id }) => id === chosen);
  if (person) return pad(model, person, duty);
  if (duty.state !== "none" && !others) return standing(model, duty, refusal);
  return html`<h1>${duty.handover && duty.state === "none" ? t("接班：谁来值班？", "Take over: who is on duty?") : t("谁来值班？", "Who is on duty?")}</h1>
    ${duty.handover && duty.state === "none" ? left(model, duty.handover) : nothing}
    ${choose(model, duty)}
    ${others ? html`<div class="bar"><button class="key" @click=${() => show({ others: false })}>${t("返回", "Back")}</button></div>` : nothing}`;
}

function show(change) {
  if ("others" in change) others = change.others;
  if ("chosen" in change) chosen = change.chosen;
  wrong = null;
  clearPin();
  redraw();
  if (chosen) focusPin();
}

/* Once the pad is drawn. */
const focusPin = () => requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("pin")?.focus()));

const people = (model) => model.ground?.people ?? [];

/* Those who were on duty here last stand first. */
function sorted(model) {
  const last = settings.recent ?? [], place = ({ id }) => (last.includes(id) ? last.indexOf(id) : last.length);
  return [...people(model)].sort((one, two) => place(one) - place(two));
}

const role = ({ role: code }) => (ROLES[code] ? t(...ROLES[code]) : code);

function choose(model, duty) {
  const known = sorted(model), able = known.filter(({ pin }) => pin), without = known.filter(({ pin }) => !pin);
  if (!known.length) return notice(t("还没有值班人名单。连上网络一次就会出现。", "No list of people yet. It appears once this phone has been online."));
  return html`<ul class="people">
      ${able.map((person) => html`<li><button class="key person" aria-current=${person.id === duty.by ? "true" : nothing} @click=${() => show({ chosen: person.id })}>
        <b>${person.name}</b><span class="muted">${role(person)}</span></button></li>`)}
    </ul>
    ${able.length ? nothing : notice(t("还没有人设过密码，暂时不能换班。", "Nobody has a PIN yet, so nobody can go on duty."), "error")}
    ${without.length ? html`<h2>${t("还没有密码", "Without a PIN")}</h2>
      <p>${without.map(({ name }) => name).join(t("、", ", "))}</p>
      <p class="muted">${t("请本人登录后在“密码、PIN 与登录”里设，或请企业管理员在人员页给一个。", "They set one after signing in, under “Password, PIN, devices”; or the enterprise's admin gives one on the person's page.")}</p>` : nothing}`;
}

function pad(model, person, duty) {
  const accepts = duty.handover && duty.state === "none";
  const use = async (pin) => {
    try {
      for (const { id } of refusals(model, person.id)) await model.seen(id); // this try stands in for those before it
      if (accepts) await model.accept(duty.handover.id, person.id, pin);
      else await model.takeDuty(person.id, pin);
      asked = { by: person.id };
      set({ recent: [person.id, ...(settings.recent ?? []).filter((id) => id !== person.id)].slice(0, MOST_REMEMBERED) });
      show({ chosen: null, others: false });
    } catch (fault) {
      wrong = faultOf(fault);
      redraw();
    }
  };
  return html`<h1>${person.name} <span class="muted">${role(person)}</span></h1>
    ${pinPad({ done: use, back: () => show({ chosen: null }), go: accepts ? t("接班", "Take over") : t("开始值班", "Go on duty"), wrong })}`;
}

function standing(model, duty, refusal) {
  const off = async () => {
    await model.goOff();
    aloud(t("已下班", "Off duty"));
    redraw();
  };
  return html`<h1>${t("现在值班", "On duty now")}</h1>
    <p class="onduty"><b>${duty.name ?? t("名单外的人", "Somebody not on the list")}</b> ${duty.since ? html`<span class="muted">${t(`${when(duty.since, model.at())} 起`, `since ${when(duty.since, model.at())}`)}</span>` : nothing}
      ${duty.state === "unconfirmed" ? html`<span class="chip chip--strong">${t("待核", "Unconfirmed")}</span>` : nothing}</p>
    ${duty.state !== "unconfirmed" ? nothing
      : refusal ? notice(refusalWords(refusal), "error")
      : notice(t("密码还没有核对：连上网络后自动核对。可以照常值班，记录都算数。", "The PIN is not checked yet; that happens by itself once online. Work on: every entry counts."))}
    ${duty.handover && duty.state === "on" ? left(model, duty.handover) : nothing}
    <div class="keys keys--stacked">
      <button class="key" @click=${() => show({ others: true })}>${refusal ? t("重新输入密码", "Type the PIN again") : t("换人值班", "Somebody else is on duty")}</button>
      <a class="key" href="#/handover">${t("交班", "Hand over")}</a>
      <button class="key" @click=${off}>${t("下班", "Off duty")}</button>
    </div>
    <div class="bar"><a class="key key--go" href="#/">${t("去门前", "To the gate")}</a></div>`;
}

/* What the server said against the PIN of whoever is on duty here, or null. */
function failed(model, duty) {
  return duty.state === "unconfirmed" ? (refusals(model, duty.by).at(-1) ?? null) : null;
}

const refusals = (model, person) => model.conflicts().filter(({ what, kind, by }) => what === "unconfirmed" && ["duty", "accept"].includes(kind) && by === person);

const refusalWords = ({ code, text }) =>
  code === "duty.pin" || !text ? t("密码不对，请重新输入。先前的记录都还在。", "Wrong PIN: type it again. What was written stays.") : say(text);

function reject(refusal) {
  ({ by: chosen } = asked);
  asked = null;
  wrong = refusalWords(refusal);
  aloud(wrong);
  focusPin();
}

function welcome({ name }) {
  asked = null;
  aloud(t(`${name}开始值班`, `${name} is on duty`));
  queueMicrotask(() => go(""));
}
