/* Leaving: what is still open is asked first, and can be passed; it is written whether somebody saw it leave. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, redraw } from "../app.js";
import { judged } from "../judged.js";
import { plateOf } from "../parts.js";
import { t } from "../say.js";
import { nextStep } from "../words.js";
import { asked, shownAnew, titleOf } from "./ask.js";
import { doing, formOf, written } from "./held.js";
import { reasonList } from "./reasons.js";
import { head, press } from "./shared.js";
import { open } from "./steps.js";
import { panel, unconfirmed } from "./verdict.js";

/** A visit judged as if it left now. */
export const leaving = (model, state) => judged(model.ground, { ...state, stage: "exit" }, model.at(),
  model.duty().role);

/** Whether it can leave with one more press. */
export const free = (found) => found.verdict === "admit" && !found.stillOpen.length;

/** It leaves at once where nothing stands in the way; else that is shown. */
export function leaves(model, state, seen = true) {
  if (free(leaving(model, state))) return left(model, state, seen);
  formOf(state.id, "leave").seen = seen;
  return go(`v/${state.id}/leave`);
}

export async function left(model, state, seen) {
  const at = model.at();
  if (!(await doing(state.id, () => model.act("leave", state.id, { seen, subjects: [] })))) return;
  written(state.id, seen ? t("离场", "Left") : t("离场（没看见）", "Left (not seen)"), at, true);
  go(`v/${state.id}`);
  shownAnew();
}

/** What is open is asked; then what stands in the way is shown. */
export function leave(model, state) {
  const found = leaving(model, state), form = formOf(state.id, "leave");
  const passing = form.pass ? nothing : html`<div class="keys beside">${anyway(form)}</div>`;
  const steps = open(found, true), asking = form.pass ? null : asked(model, state, found, null,
    { exit: true, passing });
  if (asking) return asking;
  if (free(found)) {
    return html`${head(state, `v/${state.id}`)}${panel("admit", plateOf(state, "big"), nextStep(found.decision),
      nothing, true)}
      <div class="bar">${press(t("离场（没看见）", "Left (not seen)"), () => left(model, state, false))}${press(t("离场",
        "Left"), () => left(model, state, true), "key--go")}</div>`;
  }
  return html`${head(state, `v/${state.id}`)}
    ${found.checking
      ? html`<h1 tabindex="-1">${t(`还有 ${steps.length} 项没有查`, `${steps.length} still unchecked`)}</h1>
        <ul class="ways">${steps.map((step) => html`<li><a class="way"
          href=${`#/v/${state.id}/${step.key}`}>${titleOf(step, state)}</a></li>`)}</ul>`
      : panel(found.verdict, html`${plateOf(state, "big")}${unconfirmed(model, state)}`, nextStep(found.decision),
        reasonList(found, state, model.at()), true)}
    <p>${t("仍然离场，未完成的会写明。", "If it leaves all the same, the book says what was not done.")}</p>
    <div class="keys beside">${found.reasons.some(({ finding }) => finding.consequence !== "note")
        ? html`<a class="key key--small" href=${`#/v/${state.id}/override`}>${t("班长放行", "Lead's override")}</a>`
          : nothing}
      ${press(t("离场（没看见）", "Left (not seen)"), () => left(model, state, false), "key--small")}</div>
    <div class="bar"><a class="key" data-back href=${`#/v/${state.id}`}
      @click=${() => { form.pass = false; }}>${t("返回", "Back")}</a>
      ${press(t("仍然离场", "Leave all the same"), () => left(model, state, form.seen ?? true), "key--go")}</div>`;
}

const anyway = (form) => press(t("仍然离场，未完成会写明", "Leave all the same; the book says what was not done"), () => {
  form.pass = true;
  redraw();
}, "key--small key--plain");
