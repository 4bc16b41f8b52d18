/* A shift lead, or the admin, waives what the rules let that person waive: who, which findings, why, and the PIN. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, redraw } from "../app.js";
import { onDigit, pad } from "../asking/reading.js";
import { judged } from "../judged.js";
import { say, t } from "../say.js";
import { OVERRIDE_ROLES } from "../made.js";
import { doing, formOf, written } from "./held.js";
import { titleOf } from "./reasons.js";
import { head, press, reasonField } from "./shared.js";

const LEADS = ["shift_lead", "enterprise_admin"], SHORTEST = 4, LONGEST = 6;
const USUAL = [
  { zh: "已当面核实，情况属实", en: "Verified on the spot" }, { zh: "企业负责人同意", en: "Agreed by the enterprise" },
  { zh: "生产急需，专人陪同", en: "Urgently needed, escorted" },
];

/** The screen: the lead first, since it depends on the person what may be waived. */
export function override(model, state, found) {
  const form = formOf(state.id, "override"), leads = (model.ground?.people ?? []).filter(({ role }) =>
    LEADS.includes(role));
  const lead = leads.find(({ id }) => id === form.lead), put = (part) => {
    Object.assign(form, part);
    redraw();
  };
  const grave = found.reasons.filter(({ finding }) => finding.consequence !== "note");
  return html`${head(state, `v/${state.id}`)}<h1 tabindex="-1">${t("班长放行", "Lead's override")}</h1>
    <form @submit=${(event) => (event.preventDefault(), waive(model, state, form, lead))}>
    <fieldset class="choice"><legend>${t("谁来放行", "Who overrides")}</legend><div class="keys">${leads.map((person) =>
      html`<button type="button" class="key" aria-pressed=${String(person.id === form.lead)} ?disabled=${!person.pin}
        @click=${() => put({ lead: person.id, without: [], pin: "" })}>${person.name}<small>${
        say(OVERRIDE_ROLES[person.role])}${person.pin ? "" : t(" · 没有设密码", " · no PIN set")}</small></button>`)}</div>
      ${leads.some(({ pin }) => pin) ? nothing
        : html`<p>${t("还没有人设过值班密码，请管理员在人员页设置。",
          "Nobody has a PIN yet: the admin sets one on the person's page.")}</p>`}</fieldset>
    ${lead ? chosen(model, state, form, lead, grave, put) : nothing}
    </form>`;
}

/** Whether anybody at this enterprise may waive what stands in the way: of a refusal, the refusal. */
export const anyMay = (model, state, verdict) => LEADS.some((role) =>
  waivable(model, state, role).some(({ finding }) => verdict !== "refuse" || finding.consequence === "refuse"));

/** The findings that `role` may waive, as they stand now. */
export const waivable = (model, state, role) =>
  judged(model.ground, state, model.at(), role).reasons.filter(({ overridable, finding }) => overridable
    && finding.consequence !== "note");

const named = ({ finding }) => `${finding.owner}|${finding.rule}|${finding.subject}`;

function chosen(model, state, form, lead, grave, put) {
  const may = waivable(model, state, lead.role), mine = new Set(may.map(named)), without = form.without ?? [];
  const turn = (name) => put({ without: without.includes(name) ? without.filter((one) => one !== name)
    : [...without, name] });
  if (!may.length) {
    return html`<p class="notice notice--error"
      role="alert">${t(`${lead.name}不能放行这里的任何一条，请找规则里写明的人。`,
        `None of these is ${lead.name}'s to waive: ask whom the rule names.`)}</p>
      <div class="bar"><a class="key key--go" data-back href=${`#/v/${state.id}`}>${t("返回", "Back")}</a></div>`;
  }
  const typed = (pin) => put({ pin: pin.replace(/\D/g, "").slice(0, LONGEST), wrong: false });
  return html`
    <fieldset class="choice"><legend>${t("放行哪些", "Which ones")}</legend><div
      class="keys keys--one">${grave.map((reason) => {
      const name = named(reason), own = mine.has(name);
      return html`<button type="button" class="key ask__tick" aria-pressed=${String(own && !without.includes(name))}
        ?disabled=${!own}
        @click=${() => turn(name)}>${titleOf(reason, state)}<small>${own ? say(reason.detail)
          : t("不能由这个人放行", "not this person's to waive")}</small></button>`;
    })}</div></fieldset>
    ${reasonField(form, USUAL, t("放行的原因（写进报告）", "Reason (stands in the report)"))}
    <div class="pin" @keydown=${onDigit(() => form.pin ?? "", typed)}><label class="label"
      for="pin">${t("班长的密码", "The lead's PIN")}</label>
      <input class="field" id="pin" type="password" inputmode="none" autocomplete="off" maxlength=${LONGEST}
        .value=${form.pin ?? ""}
        aria-invalid=${form.wrong ? "true" : nothing}
          @input=${(event) => typed(event.target.value)} />
      ${form.wrong ? html`<p class="wrong" role="alert">${t("密码为 4 到 6 位数字", "A PIN has 4 to 6 digits")}</p>` : nothing}
      ${pad(form.pin ?? "", typed, false)}</div>
    <div class="bar"><a class="key" data-back href=${`#/v/${state.id}`}>${t("返回", "Back")}</a>
      <button type="submit" class="key key--go">${t("确认放行", "Waive these")}</button></div>`;
}

async function waive(model, state, form, lead) {
  if (!lead) return;
  const reason = (form.reason ?? "").trim(), without = form.without ?? [];
  const findings = waivable(model, state, lead.role).filter((one) => !without.includes(named(one)))
    .map(({ finding: { owner, rule, subject, consequence } }) => ({ owner, rule, subject, consequence }));
  Object.assign(form, { lacks: !reason, wrong: (form.pin ?? "").length < SHORTEST });
  if (form.lacks || form.wrong || !findings.length) return redraw();
  const at = model.at();
  if (!(await doing(state.id, () => model.override(state.id, { findings, reason }, lead.id, form.pin)))) return;
  written(state.id, t("班长放行（联网后核对密码）", "Lead's override (the PIN is checked when online)"), at);
  go(`v/${state.id}`);
}
