/* Correcting: an answer is given anew, a plate is corrected with a reason; what stood before stays in the book. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { go, redraw } from "../app.js";
import { field } from "../asking/parts.js";
import { closed } from "../fold.js";
import { plate } from "../parts.js";
import { parse } from "../plates.js";
import { t } from "../say.js";
import { titleOf } from "./ask.js";
import { doing, forget, formOf, written } from "./held.js";
import { head, press, reasonField } from "./shared.js";
import { stepOf, toldFacts } from "./steps.js";

const USUAL = [{ zh: "看错车牌", en: "Misread the plate" }, { zh: "打错字", en: "Typed wrongly" },
  { zh: "按错了", en: "Pressed by mistake" }];

/** What may be corrected of this visit. */
export function correct(model, state, found) {
  const form = formOf(state.id, "correct"), row = (key, words) => html`<li><a class="way"
    href=${`#/v/${state.id}/${key}`}>${words}</a></li>`;
  const steps = closed(state) ? [] : [...toldFacts(state), ...found.done.map(stepOf)];
  return html`${head(state, `v/${state.id}`)}<h1 tabindex="-1">${t("更正", "Correct")}</h1>
    <p class="muted">${t("原来写的都留在账上，更正加在后面。", "What was written stays in the book; a correction is added.")}</p>
    ${undo(model, state, form)}
    <ul class="ways">${row("amend", t("车牌，或其他（写明原因）", "The plate, or anything else (with a reason)"))}${
      steps.map((step) => row(step.key, titleOf(step, state)))}</ul>
    <div class="bar"><a class="key" data-back href=${`#/v/${state.id}`}>${t("返回", "Back")}</a></div>`;
}

/** Another plate with its reason, or a correction in words alone. */
export function amend(model, state) {
  const form = formOf(state.id, "amend"), before = state.plates.tractor?.written ?? "", typed = form.plate ?? before,
    read = typed ? parse(typed) : null;
  const put = (value) => {
    form.plate = value;
    redraw();
  };
  return html`${head(state, `v/${state.id}/correct`)}<h1 tabindex="-1">${t("更正", "Correct")}</h1><form
    @submit=${(event) => (event.preventDefault(), save(model, state, form, before))}>
    ${field(t("正确的车牌", "The right plate"), typed, put, { id: "plate", most: 20, mark: "characters" })}
    ${read && typed !== before ? html`<p>${plate(read.plate ?? read.written, read.class)}</p>` : nothing}
    ${reasonField(form, USUAL, t("原因，或要更正什么", "Reason, or what is to be corrected"))}
    <div class="bar"><a class="key" data-back href=${`#/v/${state.id}/correct`}>${t("返回", "Back")}</a>
      <button type="submit" class="key key--go">${t("写下更正", "Write the correction")}</button></div></form>`;
}

async function save(model, state, form, before) {
  const typed = (form.plate ?? "").trim(), reason = (form.reason ?? "").trim();
  const changed = typed && typed !== before;
  form.lacks = !reason;
  if (form.lacks) return redraw();
  const body = changed ? { reason, plates: [{ subject: "tractor", written: typed }] } : { reason };
  await corrected(model, state, () => model.act("correct", state.id, body));
}

async function corrected(model, state, act, closes = false) {
  const at = model.at();
  if (!(await doing(state.id, act))) return;
  written(state.id, t("更正", "Correction"), at, closes);
  go(`v/${state.id}`);
}

/* An act that was pressed by mistake: what really happened is written after it. */
function undo(model, state, form) {
  const sure = (act, words, told) => form.undo === act
    ? html`<p class="notice">${told} ${press(t("确认", "Confirm"), () => UNDO[act](model, state), "key--small")}</p>`
    : press(words, () => { form.undo = act; redraw(); }, "key--small");
  if (state.status === "inside" && model.at() - state.admitted_at < 3600e6) {
    return sure("stayed_out", t("放行按错了：车没有进厂", "Admitted by mistake: it did not go in"),
      t("会写明误放行，并记为没有进厂就离开。", "The book will say that it was a mistake and that it left without going in."));
  }
  if (state.status === "turned_away") {
    return sure("came_again", t("劝返按错了：车还在门前", "Turned away by mistake: it is still here"),
      t("会写明误劝返，并重新登记这辆车，查验从头做。",
        "The book will say that it was a mistake; the truck is noted anew and checked again."));
  }
  return nothing;
}

const UNDO = {
  stayed_out: (model, state) => corrected(model, state, async () => {
    await model.act("correct", state.id, { reason: "误放行，车辆没有进厂" });
    return model.act("leave", state.id, { seen: true, subjects: [] });
  }, true),
  async came_again(model, state) {
    const people = Object.entries(state.people).map(([subject, { role }]) => ({ subject, role }));
    const plates = Object.entries(state.plates).map(([subject, { written }]) => ({ subject, written }));
    const { visitor_kind: kind, ...facts } = state.facts;
    const visit = await doing(state.id, async () => {
      await model.act("correct", state.id, { reason: "误劝返，车辆还在门前，已重新登记" });
      return model.arrive({ plates, people, kind, facts, registration: state.registration ?? undefined });
    });
    if (!visit) return;
    forget(state.id);
    go(`v/${visit}`);
  },
};
