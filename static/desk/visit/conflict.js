/* Where the server saw this visit otherwise than the guard did: both are shown, with what to do. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { verdictChip } from "../parts.js";
import { clock, say, t } from "../say.js";

const KINDS = { admit: ["放行", "Admission"], turn_away: ["劝返", "Turning away"], leave: ["离场", "Leaving"],
  override: ["班长放行", "Override"], answer: ["查验", "Check"], arrive: ["到达", "Arrival"] };
const kind = (one) => t(...(KINDS[one.kind] ?? [one.kind, one.kind]));

const TOLD = {
  differs: (one) => html`${t("手机上看到：", "On the phone: ")}${verdictChip(one.seen)} ${t("服务器判定：",
    "The server: ")}${verdictChip(one.decided)}
    <br />${one.kind === "admit" ? t("车已放行：请告诉班长，按服务器的判定处理，再写下怎么处理的。",
      "It was admitted: tell the shift lead, follow the server's verdict, and note what was done.")
      : t("以服务器的判定为准：请看下面的原因，照着处理。", "The server's verdict counts: see the reasons below and follow them.")}`,
  also: (one) => t(`别人已先放行（${one.first?.by?.name ?? ""}），不用再做什么。`,
    `Somebody admitted it first (${one.first?.by?.name ?? ""}): nothing to do.`),
  attention: (one) => one.reason === "override.pin" ? t("密码不对，放行不算数。请班长再来一次，或写下怎么处理的。",
    "The PIN was wrong, the override does not count. Let the lead try again, or note what was done.")
    : one.reason === "override.not_allowed" ? t("这条规则不归这个人放行，放行不算数。请找规则里写明的人。",
      "This rule is not that person's to waive, so it does not count. Ask whom the rule names.")
    : t("已收到，但没有执行，请班长在“待核对”里处理。", "Received but not carried out: the shift lead deals with it under 待核对."),
  waiting: () => t("还在等前一步的记录。", "It waits for the entry before it."),
  unconfirmed: () => t("密码没有核对通过。", "The PIN did not pass."),
  refused: (one) => html`${say(one.text)} ${t("记录还在手机上。", "The entry is still on this phone.")}`,
};

/** The conflicts of this visit, each to be put away by who has read it. */
export const conflicts = (model, state) => model.conflicts().filter((one) => one.visit === state.id).map((one) => html`
  <div class="notice notice--error conflict"
    role="alert"><b>${kind(one)} ${clock(one.at)}</b> ${(TOLD[one.what] ?? TOLD.attention)(one)}
    <button type="button" class="key key--small"
      @click=${() => model.seen(one.id)}>${t("知道了", "Understood")}</button></div>`);
