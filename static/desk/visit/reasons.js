/* The reasons of a verdict: what, in whose rules, why, and how long it still runs. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { say, t } from "../say.js";
import { about, duration } from "../words.js";
import { why } from "./shared.js";

/** Every reason, those first that no open question will settle; one that ends by itself counts down. */
export function reasonList({ reasons, decision, stillOpen }, state, at) {
  const asked = decision.open.length > 0 || stillOpen.length > 0;
  const settled = reasons.filter(({ finding, until }) => !asked || until || finding.state === "violated");
  const rest = reasons.filter((reason) => !settled.includes(reason));
  return html`${settled.length ? list(settled, state, at) : nothing}
    ${rest.length ? html`<details
      class="why"><summary>${t(`还没有查的 ${rest.length} 项`, `${rest.length} not checked yet`)}</summary>${list(rest,
        state, at)}</details>` : nothing}`;
}

function list(reasons, state, at) {
  return html`<ol class="reasons">${reasons.map((reason) => html`<li class="reason">
    <p class="reason__title">${titleOf(reason, state)}<span class="reason__owner">${say(reason.owner)}</span></p>
    <p>${reason.until ? left(reason.until - at) : say(reason.detail)}</p>
    ${why(reason.why, t("为什么", "Why"))}</li>`)}</ol>`;
}

/** 司机 · 测体温: whom a reason is about and what. */
export function titleOf({ title, finding }, state) {
  return finding.subject === "visit" ? say(title) : `${say(about(finding, state))} · ${say(title)}`;
}

/** How long it still runs, drawn again every second. */
export function left(micros) {
  const said = duration(Math.max(0, Math.ceil(micros / 1e6)));
  return html`<span class="left" role="timer" data-runs>${t(`还差 ${said.zh}`, `${said.en} to go`)}</span>`;
}

/** A verdict with its reasons and next step as one Chinese text to be read aloud. */
export const spoken = (word, reasons, step) =>
  [word, ...reasons.map(({ title, detail }) => `${title.zh}，${detail.zh}`), step].filter(Boolean).join("。");
