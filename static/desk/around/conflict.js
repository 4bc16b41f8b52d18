/* What a person must see of an entry: what happened, in one line, and what to do; on its list and beside its visit. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { TROUBLES } from "../made.js";
import { plate, verdictName } from "../parts.js";
import { clock, say, t, when } from "../say.js";

const KINDS = {
  arrive: ["到达登记", "arrival"], answer: ["查验", "check"], admit: ["放行", "admission"], turn_away: ["劝返", "turning away"], leave: ["离场", "exit"],
  override: ["准予例外", "override"], note: ["备注", "note"], photo: ["照片", "photo"], care: ["送暖心包", "driver care"], move: ["换区", "move"],
  join: ["有人加入", "joining"], correct: ["更正", "correction"], void: ["作废", "voiding"], duty: ["值班", "going on duty"],
  handover: ["交班", "handover"], accept: ["接班", "taking over"], off: ["下班", "going off duty"],
};
const kindOf = ({ kind }) => (KINDS[kind] ? t(...KINDS[kind]) : kind);

const NOT_WAIVED = {
  "override.pin": () => t("密码不对，放行不算数。请班长再来一次，或写下怎么处理的。", "The PIN was wrong, the override does not count. Let the lead try again, or note what was done."),
  "override.not_allowed": () => t("放行不算数。请找规则里写明的人。", "The override does not count. Ask whom the rule names."),
};

/* What happened, and what to do about it. */
const TOLD = {
  differs: (one) => [
    t(`手机判定${verdictName(one.seen)}，服务器判定${verdictName(one.decided)}`, `The phone said ${verdictName(one.seen).toLowerCase()}, the server ${verdictName(one.decided).toLowerCase()}`),
    one.kind === "admit"
      ? t("车已放行：请告诉班长，按服务器的判定处理，再写下怎么处理的。", "It was admitted: tell the shift lead, follow the server's verdict, and note what was done.")
      : t("以服务器为准：打开来访，看原因，照新判定处理。", "The server's holds: open the visit, read why, act on it."),
  ],
  also: ({ first }) => [
    first?.by ? t(`${first.by} 已先放行${first.at ? `（${clock(first.at)}）` : ""}`, `${first.by} admitted it first${first.at ? ` (${clock(first.at)})` : ""}`) : t("别人已先放行", "Somebody else admitted it first"),
    t("两次都记下了，不用做什么；看过就可以收起。", "Both are recorded; nothing to do but to have seen it."),
  ],
  attention: ({ reason, ...one }) => [
    t(`${kindOf(one)}已收到，没有执行：${TROUBLES[reason]?.zh ?? reason}`, `The ${kindOf(one)} was received but not carried out: ${TROUBLES[reason]?.en ?? reason}`),
    NOT_WAIVED[reason]?.() ?? t("请在来访页或“待核对记录”里处理。", "Settle it on the visit's page or under “Entries to check”."),
  ],
  waiting: (one) => [
    t(`${kindOf(one)}已收到，在等前一步的记录`, `The ${kindOf(one)} was received and waits for the entry before it`),
    t("前一步到了会自动执行；一直不到就请管理员处理。", "It is carried out once that arrives; if it never does, the admin settles it."),
  ],
  unconfirmed: ({ text, ...one }) => [
    text ? say(text) : t(`${kindOf(one)}时的密码没有通过`, `The PIN for ${kindOf(one)} did not pass`),
    t("到值班人页面重新输入密码。", "Type the PIN again on the duty screen."),
  ],
  refused: ({ text, ...one }) => [
    t(`服务器不收这条${kindOf(one)}：${say(text)}`, `The server refuses this ${kindOf(one)}: ${say(text)}`),
    t("记录还在手机里。请在来访里更正后重新写一次；改不了就导出给管理员。", "It is still on this phone. Correct it by writing it again in the visit; if that is no use, export it for the admin."),
  ],
};

const told = (one) => {
  const [what, next] = TOLD[one.what](one);
  return html`<p><b>${what}</b></p><p>${next}</p>`;
};

const seen = (model, { id }) => html`<button type="button" class="key key--small" @click=${async () => {
  await model.seen(id);
  redraw();
}}>${t("知道了", "Understood")}</button>`;

/** Those of a visit, each to be put away by who has read it. */
export const ofVisit = (model, { id }) => model.conflicts().filter(({ visit }) => visit === id).map((one) => html`
  <div class="notice notice--error conflict" role="alert">
    <p class="muted">${kindOf(one)} ${clock(one.at)}</p>${told(one)}${seen(model, one)}</div>`);

/** A row of the list: a conflict of conflicts.js, or a refused entry. */
export function conflict(model, one) {
  return html`<li class="conflict">
    <p class="conflict__head">${one.plate ? plate(one.plate) : nothing} <span class="muted">${kindOf(one)} · ${when(one.at, model.at())}</span></p>
    ${told(one)}
    <p class="keys">
      ${one.visit ? html`<a class="key key--small" href="#/v/${one.visit}">${t("打开来访", "Open the visit")}</a>` : html`<a class="key key--small" href="#/duty">${t("值班人", "Who is on duty")}</a>`}
      ${seen(model, one)}
    </p>
  </li>`;
}
