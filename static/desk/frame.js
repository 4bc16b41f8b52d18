/* The head of every screen: gate, who is on duty, the line and what is not sent yet, and the way to each list. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { newer, takeOver } from "./app.js";
import { keysFor } from "./keys.js";
import { openNow } from "./known.js";
import { t } from "./say.js";

/** The head; `name` is the screen that is shown. */
export function frame(model, name) {
  if (!model.phone) return nothing;
  keysFor(model);
  const duty = model.duty();
  return html`<header class="head">
      <a class="head__gate" href="#/">${model.ground?.gate.name ?? model.phone.name}</a>
      <a class="head__duty ${duty.by ? "" : "head__duty--none"}" href="#/duty">${duty.state === "none" && !duty.by ? t("无人值班", "Nobody on duty") : duty.name}${
        duty.state === "none" && duty.by ? html`<span class="head__mark">${t("已交班", "handed over")}</span>` : nothing}${
        duty.state === "unconfirmed" ? html`<span class="head__mark">${t("待核", "unconfirmed")}</span>` : nothing
      }</a>
      ${line(model.line())}
      <a class="head__more" href="#/settings" aria-label=${t("更多", "More")}>☰</a>
    </header>
    ${model.ground?.enterprise.demo ? html`<aside class="demo">${t("演示：人与企业均为虚构", "Demo: all people and companies are invented")}</aside>` : nothing}
    ${tabs(model, name)}
    ${newer() ? html`<p class="notice notice--info">${t("门岗有新版本。", "There is a newer desk.")} <button class="key key--small" @click=${takeOver}>${t("现在换上", "Take it")}</button></p>` : nothing}`;
}

function line({ state, waiting, refused, revoked, stale, storage }) {
  const word = revoked
    ? t("已停用", "Out of service")
    : { online: t("在线", "Online"), offline: t("离线", "Offline"), sending: t("上传中", "Sending") }[state];
  return html`<a class="head__line head__line--${revoked ? "revoked" : state}" href="#/attention">
    <span class="head__dot" aria-hidden="true"></span>${word}${
      waiting ? html` <span class="head__count">${t(`${waiting} 条未传`, `${waiting} unsent`)}</span>` : nothing
    }${refused.length || stale || storage.low ? html` <span class="head__mark">!</span>` : nothing}</a>`;
}

function tabs(model, name) {
  const { waiting, inside, late, wrong } = openNow(model);
  const tab = (address, word, count, kind = "") => html`<a class="tab ${kind}" href="#/${address}" aria-current=${
    address === name ? "page" : nothing
  }>${word} <b>${count}</b></a>`;
  return html`<nav class="tabs" aria-label=${t("清单", "Lists")}>
    ${tab("", t("门前", "Gate"), waiting)} ${tab("inside", t("厂内", "Inside"), inside)}
    ${late ? tab("inside", t("超时", "Overdue"), late, "tab--late") : nothing}
    ${wrong ? tab("attention", t("待处理", "Attention"), wrong, "tab--late") : nothing}
  </nav>`;
}
