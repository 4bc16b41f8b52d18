/* A row of a paper form, written in afterwards: when it happened, not when it is typed, and marked as late. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { asks, blank, entries, faults, keyOf } from "../around/paper.js";
import { ask, askFact, answer, begin, beginFact, factValue } from "../asking.js";
import { moment, wall } from "../asking/moments.js";
import { field as input } from "../asking/parts.js";
import { uuid7 } from "../outbox.js";
import { choice, notice, verdictChip } from "../parts.js";
import { parse } from "../plates.js";
import { aloud, faultOf, say, t, when } from "../say.js";
import { about, limit } from "../words.js";
import { FACTS, VISITOR_KINDS } from "../made.js";

let row = null, wrong = {}, failed = null, written = null, busy = false;

export const title = () => t("补记纸质登记", "Write in a paper form");

const WRONG = {
  missing: () => t("请填写", "Please fill this in"),
  form: () => t("表号只有字母、数字和短横", "A form's number has letters, digits and dashes only"),
  future: () => t("比现在还晚，请核对", "Later than now: please check"),
  long_ago: () => t("30 天以前的不能补记，请交给企业管理员", "More than 30 days ago: give the form to the enterprise's admin"),
  before: () => t("早于到达时间，请核对", "Before the arrival: please check"),
};

export function view(model) {
  if (!model.duty().by) return nobody();
  row ??= blank();
  const now = model.at(), found = asks(model.ground, model.phone.gate, row, now, model.duty().role);
  return html`<h1>${t("补记纸质登记", "Write in a paper form")}</h1>
    ${written ? notice(written, "done") : nothing}
    ${failed ? notice(failed, "error") : nothing}
    <p class="muted">${t("一次写一行。时间写纸上的，会注明“补记”。", "One row at a time, with the times on the paper; it is marked as written later.")} ${blankForm(model)}</p>
    <form class="late" novalidate @submit=${(event) => (event.preventDefault(), write(model, found))}>
      <div class="pair">${field("form", t("表号", "Form"), { mark: "characters" })} ${field("row", t("行", "Row"), { mode: "numeric" })}</div>
      ${choice(t("来的是", "Who came"), Object.entries(VISITOR_KINDS).map(([code, words]) => [code, say(words)]), row.kind, (kind) => put({ kind }))}
      ${row.kind === "walk_in" ? nothing : html`${field("plate", t("车牌", "Plate"), { mark: "characters" })}${known(model)}
        ${row.kind === "truck" ? field("trailer", t("挂车车牌（没有不填）", "Trailer's plate (if any)"), { mark: "characters" }) : nothing}`}
      ${field("name", row.kind === "walk_in" ? t("姓名", "Name") : t("司机姓名（可不填）", "Driver's name (may stay empty)"))}
      ${field("phone", t("手机（可不填）", "Mobile (may stay empty)"), { type: "tel" })}
      ${field("passengers", row.kind === "walk_in" ? t("同来几人", "How many with them") : t("随车几人", "How many passengers"), { mode: "numeric" })}
      ${field("company", t("单位、事由（可不填）", "Company, reason (may stay empty)"))}
      ${field("arrived", t("到达时间", "Arrived at"), { type: "datetime-local", max: wall(now) })}
      ${choice(t("后来", "What then"), [["admit", t("进厂了", "Admitted")], ["turn_away", t("劝返了", "Turned away")], ["wait", t("还在门前", "Still at the gate")]], row.outcome, (outcome) => put({ outcome }))}
      ${row.outcome === "admit" ? field("left", t("离厂时间（还在厂内不填）", "Left at (empty while inside)"), { type: "datetime-local", min: row.arrived, max: wall(now) }) : nothing}
      ${questions(model, found)}
      <div class="bar"><button class="key key--go" ?disabled=${busy}>${t("写入这一行", "Write this row")}</button></div>
    </form>`;
}

const nobody = () => html`<h1>${t("补记纸质登记", "Write in a paper form")}</h1>
  ${notice(t("请先选值班人：补记的人要署名。", "Choose who is on duty first: who writes it in stands in the book."))}
  <div class="bar"><a class="key key--go" href="#/duty">${t("选值班人", "Choose who is on duty")}</a></div>`;

function blankForm({ ground }) {
  if (!ground) return nothing;
  return html`<a href="/e/${ground.enterprise.slug}/paper-form" target="_blank" rel="noopener">${t("打印空白表（要登录）", "Print a blank form (sign in)")}</a>`;
}

function put(change) {
  Object.assign(row, change);
  for (const name of Object.keys(change)) delete wrong[name];
  written = failed = null;
  redraw();
}

function field(name, label, more = {}) {
  const fault = wrong[name] && WRONG[wrong[name]]();
  return html`<div>${input(label, String(row[name]), (value) => put({ [name]: value }), { id: `late-${name}`, told: fault, wrong: Boolean(fault), ...more })}</div>`;
}

/* What the plate is read as, and whether that vehicle is here now. */
function known(model) {
  if (!row.plate.trim()) return nothing;
  const { plate, note } = parse(row.plate), open = model.inside(plate);
  return html`${note ? html`<p class="muted">${say(note)}</p>` : nothing}
    ${open ? notice(html`${t("这辆车现在还有没结束的来访：", "This vehicle has a visit that is still open: ")}<a href="#/v/${open.id}">${t("打开来访", "open it")}</a>`, "error") : nothing}`;
}

function questions(model, { asked, facts, leaving, state }) {
  if (!state) return html`<p class="muted">${t("填好时间和车牌后，这里出现当时规则要问的。", "Once time and plate are there, what the rules of that hour ask appears here.")}</p>`;
  const all = [...facts.map((fact) => factRow(model, fact, state)), ...asked.map((question) => questionRow(model, question, state)), ...leaving.map((question) => questionRow(model, question, state))];
  if (!all.length) return nothing;
  return html`<h2>${t("纸上查了什么", "What was checked on paper")}</h2>
    <p class="muted">${t("纸上没有写的不要填，留空。", "Leave empty what the paper does not say.")}</p>${all}`;
}

function folded(name, key, done, inner) {
  return html`<details class="late__ask" ?open=${row.open === key} @toggle=${(event) => toggled(key, event.target.open)}>
    <summary><b>${name}</b> <span class="muted">${done ? `✓ ${t("已填", "filled")}` : t("空", "empty")}</span></summary>${inner}</details>`;
}

function toggled(key, open) {
  if (open === (row.open === key)) return;
  row.open = open ? key : null;
  redraw();
}

function questionRow(model, question, state) {
  const key = keyOf(question), draft = (row.answers[key] ??= begin(question, state));
  const change = (part) => put({ answers: { ...row.answers, [key]: { ...row.answers[key], ...part } } });
  const at = moment(question.stage === "exit" ? row.left : row.arrived), then = { at: () => at, photo: (blob) => model.photo(blob), duty: () => model.duty() };
  const inner = row.open === key ? html`<p class="muted">${say(limit(question))}</p>${ask(question, state, draft, change, then)}` : nothing;
  return folded(`${say(question.title)} · ${say(about(question, state))}`, key, answer(question, draft) !== null, inner);
}

function factRow(model, fact, state) {
  const draft = (row.facts[fact] ??= beginFact(fact, state));
  const change = (part) => put({ facts: { ...row.facts, [fact]: { ...row.facts[fact], ...part } } });
  return folded(say(FACTS[fact]), fact, factValue(fact, draft) !== null, row.open === fact ? askFact(fact, model.ground, draft, change) : nothing);
}

async function write(model, { asked, leaving }) {
  wrong = faults(row, model.at());
  const [first] = Object.keys(wrong);
  if (first) {
    redraw();
    aloud(WRONG[wrong[first]]());
    return requestAnimationFrame(() => document.getElementById(`late-${first}`)?.focus());
  }
  busy = true;
  redraw();
  try {
    const visit = uuid7(), at = moment(row.arrived);
    for (const [kind, body, happened] of entries(row, asked, leaving)) await model.act(kind, visit, body, { happened });
    const done = model.visit(visit);
    written = html`${t("已补记：", "Written: ")}${row.plate || row.name} ${when(at, model.at())} ${done ? verdictChip(done.verdict) : nothing} <a href="#/v/${visit}">${t("打开来访", "Open the visit")}</a>`;
    aloud(t("已补记", "Written"));
    row = blank(row);
    scrollTo(0, 0);
  } catch (fault) {
    failed = faultOf(fault);
  }
  busy = false;
  redraw();
}
