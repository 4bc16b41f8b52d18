/* What was just written, with the way to correct it; and a visit that is over. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, here } from "../app.js";
import { plateOf, verdictChip } from "../parts.js";
import { clock, t, when } from "../say.js";
import { forget, held } from "./held.js";
import { head } from "./shared.js";

const STAYS_MS = 6_000;
const STATES = { left: ["已离场", "Left"], turned_away: ["已劝返", "Turned away"], void: ["已作废", "Void"],
  inside: ["在厂内", "Inside"], at_gate: ["在门前", "At the gate"] };

/** 已写下：放行 14:05 · 更正; the gate comes back by itself, or at once. */
export function done(model, state, written) {
  if (!written.timer) {
    written.timer = setTimeout(() => {
      if (held(state.id).done === written && here().join() === `v,${state.id}`) next(state);
    }, STAYS_MS);
  }
  const zone = model.ground?.zones?.find(({ code }) => code === state.facts.zone)?.name;
  return html`<section class="done"><p>${plateOf(state, "big")}</p>
      <h1 class="done__word" tabindex="-1"
        role="status">${t("已写下：", "Written: ")}${written.act} ${clock(written.at)}</h1>
      ${state.status === "inside" && zone ? html`<p>${t("去：", "Go to: ")}<b>${zone}</b></p>` : nothing}
      ${state.unsent ? html`<p
        class="muted">${t("已存在手机上，联网后自动上传。",
          "Kept on this phone; it is sent by itself when there is a network.")}</p>` : nothing}</section>
    <div class="bar"><a class="key" href=${`#/v/${state.id}/correct`}
      @click=${() => stop(state, written)}>${t("更正", "Correct")}</a>
      <a class="key key--go" data-back href="#/" @click=${() => leaveIt(state)}>${t("下一辆", "Next truck")}</a></div>`;
}

function stop(state, written) {
  clearTimeout(written.timer);
  held(state.id).done = null;
}

function leaveIt(state) {
  stop(state, held(state.id).done);
  forget(state.id);
}

function next(state) {
  forget(state.id);
  go("");
}

/** The state of a visit in words. */
export const stateName = (state) => t(...(STATES[state.status] ?? STATES.at_gate));

/** A visit that is over: how it ended, and what can still be written of it. */
export function ended(model, state, found) {
  return html`${head(state, "")}
    <h1 tabindex="-1">${stateName(state)}</h1>
    <dl class="told"><dt>${t("到达", "Arrived")}</dt><dd>${when(state.arrived_at, model.at())}</dd>
      ${state.admitted_at ? html`<dt>${t("放行", "Admitted")}</dt><dd>${when(state.admitted_at, model.at())}</dd>`
        : nothing}
      ${state.closed_at ? html`<dt>${t("结束", "Ended")}</dt><dd>${when(state.closed_at, model.at())}</dd>` : nothing}
      <dt>${t("判定", "Verdict")}</dt><dd>${verdictChip(found.verdict)}</dd></dl>
    <div class="bar"><a class="key" href=${`#/v/${state.id}/correct`}>${t("更正", "Correct")}</a>
      <a class="key key--go" data-back href="#/">${t("回到门前", "Back to the gate")}</a></div>`;
}
