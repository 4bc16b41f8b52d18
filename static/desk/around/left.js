/* What a shift left for the next one: a note, supplies, what was open. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { t, when } from "../say.js";

/** The names of supplies, by code: what drivers are given, and what a gate uses up. */
export function supplies(model) {
  const care = (model.ground?.care ?? []).map(({ code, zh, en }) => [code, t(zh, en)]);
  const used = [["disinfectant", t("消毒液（桶）", "Disinfectant (cans)")], ["thermometer", t("体温枪", "Thermometers")], ["gloves", t("手套（双）", "Gloves (pairs)")]];
  return [...care, ...used];
}

/** A handover as its next reader needs it. */
export function left(model, { name, at, note, supplies: counts = {}, open = null }) {
  const named = supplies(model).filter(([code]) => counts?.[code] !== undefined);
  return html`<section class="left" aria-label=${t("上一班留下的", "Left by the shift before")}>
    <h2>${t("上一班", "The shift before")} <span class="muted">${name ?? ""} ${at ? when(at, model.at()) : ""}</span></h2>
    ${note ? html`<p class="left__note">${note}</p>` : html`<p class="muted">${t("没有留言", "No note")}</p>`}
    ${open === null ? nothing : html`<p>${t(`交班时未了 ${open} 辆（人）`, `${open} visits were open then`)}</p>`}
    ${named.length ? html`<dl class="counts">${named.map(([code, word]) => html`<div><dt>${word}</dt><dd>${counts[code]}</dd></div>`)}</dl>` : nothing}
  </section>`;
}
