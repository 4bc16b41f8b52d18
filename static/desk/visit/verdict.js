/* The verdict over the whole screen: colour, word, shape, sound, every reason, what comes next and what may be done. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, redraw } from "../app.js";
import { field } from "../asking/parts.js";
import { plateOf, shape, verdictName } from "../parts.js";
import { aloud, say, t } from "../say.js";
import { nextStep } from "../words.js";
import { shownAnew, titleOf } from "./ask.js";
import { doing, formOf, held, written } from "./held.js";
import { anyMay } from "./override.js";
import { reasonList, spoken } from "./reasons.js";
import { head, press, reasonField } from "./shared.js";
import { read, signal, speaks } from "./sound.js";
import { open } from "./steps.js";

const WORDS = { admit: "放行", hold: "待定", refuse: "劝返" };
const BLIND = {
  no_rules: { zh: "这台手机还没有收到规则，不能判定。请按纸质规定查验，照实写下放行或劝返。",
    en: "This phone has no rules yet and cannot judge. Check by the paper rules and write down what was done." },
  too_old: { zh: "这台手机的程序太旧，读不懂现在的规则。请照实写下，联网后换上新版本。",
    en: "This phone is too old for the rules in force. Write down what was done; take the newer version online." },
};

/** The verdict of a visit at the gate. */
export function verdict(model, state, found) {
  const at = model.at(), here = held(state.id), word = found.verdict, step = found.blind ? BLIND[found.blind]
    : nextStep(found.decision);
  heard(here, word, step);
  const grave = found.reasons.filter(({ finding }) => finding.consequence !== "note");
  return html`${panel(word, html`${plateOf(state, "big")}${unconfirmed(model, state)}`, step,
    reasonList(found, state, at))}
    <div class="keys beside">
      ${speaks() ? press(t("朗读", "Read in Chinese"), () => read(spoken(WORDS[word], grave, step.zh)), "key--small")
        : nothing}
      <a class="key key--small" href=${`#/v/${state.id}/correct`}>${t("更正", "Correct")}</a>
      <a class="key key--small" href=${`#/v/${state.id}/note`}>${t("记下当时怎么处理", "Note what was done")}</a>
      ${word === "admit" || waiting(grave) ? html`<a class="key key--small"
        href=${`#/v/${state.id}/refuse`}>${word === "admit" ? t("仍然劝返", "Turn away anyway")
          : t("劝返", "Turn away")}</a>` : nothing}
      ${word === "admit" ? nothing : against(model, state)}
    </div>
    ${formOf(state.id, "sure").open ? sure(model, state, word) : bar(model, state, found, grave)}`;
}

/** Word, shape and colour; `about` above, the next step and the reasons below. */
export const panel = (word, about, step, reasons, part = false) => html`<section
  class="verdict verdict--${word} ${part ? "verdict--part" : ""}" aria-labelledby="verdict">
  <div class="verdict__about">${part ? nothing : html`<a class="step__back" data-back href="#/"
    aria-label=${t("返回", "Back")}>‹</a>`}${about}</div>
  <h1 class="verdict__word" id="verdict" tabindex="-1">${shape(word)}<span>${verdictName(word)}</span></h1>
  <p class="verdict__next">${t("下一步：", "Next: ")}${say(step)}</p>
  ${reasons}</section>`;

/* It sounds once for each verdict that this screen comes to. */
function heard(here, word, step) {
  if (here.heard === word) return;
  here.heard = word;
  signal(word);
  aloud(`${verdictName(word)}. ${say(step)}`);
}

/** A lead's override that the server has not seen yet. */
export function unconfirmed(model, state) {
  const known = model.now?.visits.find((row) => row.id === state.id)?.waivers.length ?? 0;
  return state.waivers.length > known
    ? html`<span class="chip chip--strong">${t("班长放行 · 未确认", "Lead's override · unconfirmed")}</span>`
    : state.waivers.length ? html`<span class="chip">${t("班长放行 · 已确认", "Lead's override · confirmed")}</span>`
      : nothing;
}

function bar(model, state, found, grave) {
  const next = html`<a class="key" href="#/">${t("看别的车", "Other trucks")}</a>`;
  const away = (kind) => html`<a class="key ${kind}" href=${`#/v/${state.id}/refuse`}>${t("劝返", "Turn away")}</a>`;
  if (found.verdict === "admit") return html`<div
    class="bar">${next}${press(t("放行", "Admit"), () => admit(model, state), "key--go")}</div>`;
  const may = !found.blind && anyMay(model, state, found.verdict);
  if (waiting(grave)) return html`<div class="bar">${may ? lead(state, "") : away("")}<a class="key key--go"
    href="#/">${t("先看别的车", "Other trucks meanwhile")}</a></div>`;
  if (found.verdict === "hold" && may) return html`<div class="bar">${away("")}${lead(state, "key--go")}</div>`;
  return html`<div class="bar">${may ? lead(state, "") : next}${away("key--go")}</div>`;
}

/* Whether waiting is all that is left. */
const waiting = (grave) => grave.length === 1 && Boolean(grave[0].until);

const lead = (state, kind) => html`<a class="key ${kind}"
  href=${`#/v/${state.id}/override`}>${t("班长放行", "Lead's override")}</a>`;

/** What was done against the verdict can always be written. */
export const against = (model, state) => press(t("仍然放行 · 记为违反判定", "Admit anyway · noted as against the verdict"),
  () => {
  formOf(state.id, "sure").open = true;
  redraw();
}, "key--small key--plain");

function sure(model, state, word) {
  const form = formOf(state.id, "sure");
  const keep = () => {
    form.open = false;
    redraw();
  };
  return html`<div class="bar bar--sure" role="alertdialog" aria-label=${t("确认", "Confirm")}>
    <p>${word === null ? t("还没有查完。放行会写明是在查完之前。", "The checks are not finished; the book will say so.")
      : t(`判定是${WORDS[word]}。放行会写明违反判定，企业和镇街都看得到。`,
        `The verdict is ${word}. Admitting is written as against it, seen by enterprise and township.`)}</p>
    ${field(t("为什么放行（可不填）", "Why (may stay empty)"), form.reason, (reason) => Object.assign(form, { reason }), { id: "because", most: 200 })}
    ${press(t("不放行", "Do not admit"), keep)}
    ${press(t("确认放行", "Admit all the same"), () => admit(model, state, form.reason?.trim()), "key--go")}</div>`;
}

async function admit(model, state, reason = "") {
  const at = model.at(), made = await doing(state.id, () => model.act("admit", state.id, reason ? { reason } : {}));
  if (made) {
    written(state.id, t("放行", "Admitted"), at, true);
    shownAnew();
  }
}

/** Nothing is left but what was skipped: the screen says how far it is, and never a verdict. */
export function checking(model, state, found) {
  const steps = open(found), here = held(state.id);
  return html`${head(state, "")}
    <section class="checking"><h1 class="checking__word"
      tabindex="-1">${t("在查", "Checking")} ${found.answered}/${found.total}</h1>
      <p>${t("还没有判定。先跳过的：", "No verdict yet. Skipped so far:")}</p></section>
    <ul class="ways">${steps.map((step) => html`<li><a class="way"
      href=${`#/v/${state.id}/${step.key}`}>${titleOf(step, state)}</a></li>`)}</ul>
    <div class="keys beside"><a class="key key--small" href=${`#/v/${state.id}/correct`}>${t("更正", "Correct")}</a>
      <a class="key key--small" href=${`#/v/${state.id}/refuse`}>${t("劝返", "Turn away")}</a>
      <a class="key key--small" href=${`#/v/${state.id}/note`}>${t("备注", "Note")}</a>${against(model, state)}</div>
    ${formOf(state.id, "sure").open ? sure(model, state, null) : html`<div class="bar"><a class="key"
      href="#/">${t("看别的车", "Other trucks")}</a>
      ${press(t("接着查", "Go on checking"), () => { here.skipped.clear(); shownAnew(); }, "key--go")}</div>`}`;
}

/** Turning away, with the reason said to the driver. */
export function refuse(model, state, found) {
  const form = formOf(state.id, "refuse");
  const known = found.reasons.filter(({ finding }) => finding.state === "violated").map(({ title, detail }) => ({
    zh: `${title.zh}：${detail.zh}`, en: `${title.en}: ${detail.en}` }));
  form.reason ??= known[0] ? say(known[0]) : "";
  const usual = [...known.slice(0, 3), { zh: "没有报备", en: "Not registered" },
    { zh: "走错地方", en: "Came to the wrong place" }, { zh: "司机不愿配合查验", en: "The driver refused the checks" }];
  return html`${head(state, `v/${state.id}`)}<h1 tabindex="-1">${t("劝返", "Turn away")}</h1>
    ${reasonField(form, usual, t("对司机说的原因", "The reason told to the driver"))}
    <div class="bar"><a class="key" data-back
      href=${`#/v/${state.id}`}>${t("返回", "Back")}</a>${press(t("劝返", "Turn away"), () => turnAway(model, state),
        "key--go")}</div>`;
}

async function turnAway(model, state) {
  const form = formOf(state.id, "refuse"), reason = form.reason.trim(), at = model.at();
  if (!reason) {
    form.lacks = true;
    return redraw();
  }
  if (!(await doing(state.id, () => model.act("turn_away", state.id, { reason })))) return;
  written(state.id, t("劝返", "Turned away"), at, true);
  go(`v/${state.id}`);
}
