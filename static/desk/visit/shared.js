/* What several screens of a visit show: their head, who else is there, what went wrong, reasons to choose from. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { plateOf } from "../parts.js";
import { clock, faultOf, t } from "../say.js";
import { watch, watchedOf } from "../watch.js";
import { fresh, held } from "./held.js";
import { read, speaks } from "./sound.js";

/** The line above: back to `back`, whose visit it is, and `more` at its end. */
export const head = (state, back, more = nothing) => html`<div class="step">
  <a class="step__back" data-back href="#/${back}" aria-label=${t("返回", "Back")}>‹</a>${plateOf(state)}<span
    class="step__end">${more}</span></div>`;

/** Who stands at the same truck, who is missing here, what was written and what went wrong. */
export function around(model, state) {
  const others = model.others(state.id), here = held(state.id), done = fresh(state.id);
  return html`
    ${watch(watchedOf(model, state))}
    ${others.length ? html`<p class="notice notice--info" role="status">${t("也在看这辆车：", "Also at this truck: ")}<b>${
      others.map((one) => (one.by ? `${one.by}（${one.name}）` : one.name)).join(t("、", ", "))}</b></p>` : nothing}
    ${model.duty().state !== "none" ? nothing : html`<p
      class="notice notice--info">${t("这台手机上没有人值班：", "Nobody is on duty on this phone: ")}<a href="#/duty">${
      t("先选值班人", "choose who is")}</a></p>`}
    ${done && !done.closes ? html`<p class="notice notice--info"
      role="status">${t("已写下：", "Written: ")}${done.act} ${clock(done.at)}</p>` : nothing}
    ${here.fault && here.faultAt === location.hash ? html`<p class="notice notice--error"
      role="alert">${faultOf(here.fault)}${
      here.fault.field === "duty" ? html` <a href="#/duty">${t("选值班人", "Choose who")}</a>` : nothing}</p>` : nothing}`;
}

/** Why it is asked, folded away; it can be read aloud. */
export const why = (pair, word = t("为什么要查", "Why it is asked")) => html`<details
  class="why"><summary>${word}</summary><p>${t(pair.zh, pair.en)}</p>${
  speaks() ? html`<button type="button" class="key key--small"
    @click=${() => read(pair.zh)}>${t("朗读", "Read in Chinese")}</button>` : nothing}</details>`;

/** A reason by a key or in words of one's own; `usual` are pairs, `most` the longest. */
export function reasonField(form, usual, label, most = 200) {
  const put = (reason) => {
    Object.assign(form, { reason, lacks: false });
    redraw();
  };
  return html`<div class="keys keys--reasons" role="group" aria-label=${t("常用", "Usual ones")}>${usual.map((pair) => {
      const word = t(pair.zh, pair.en);
      return html`<button type="button" class="key" aria-pressed=${String(form.reason === word)}
        @click=${() => put(word)}>${word}</button>`;
    })}</div>
    <label class="label" for="reason">${label}</label>
    <textarea class="field" id="reason" rows="2" maxlength=${most} .value=${form.reason ?? ""}
      aria-invalid=${form.lacks ? "true" : nothing}
      @input=${(event) => put(event.target.value)}></textarea>
    ${form.lacks ? html`<p class="wrong"
      role="alert">${t("请写明原因，或按上面的一个", "Write the reason, or press one of those above")}</p>` : nothing}`;
}

/** A key of the bar; `kind` as in desk.css. */
export const press = (word, act, kind = "", more = nothing) =>
  html`<button type="button" class="key ${kind}" ?disabled=${more.off ?? false} @click=${act}>${word}</button>`;
