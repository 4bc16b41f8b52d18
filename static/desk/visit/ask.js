/* One question at a time: title and limit, why, the keys of its answer, on and back. An answer is written at once. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { keyed } from "../../vendor/lit-html/directives/keyed.js";
import { redraw } from "../app.js";
import { answer, ask, askFact, begin, beginFact, complete, completeFact, factValue, runs } from "../asking.js";
import { aloud, say, t } from "../say.js";
import { about, limit } from "../words.js";
import { FACTS, STAGES } from "../made.js";
import { doing, held } from "./held.js";
import { head, press, why } from "./shared.js";
import { counted, named, next, open } from "./steps.js";

/** The step that an address names. */
export const stepAt = (found, kind, [code, subject]) => named(found, kind, code, subject);

/** The screen of a step: the one that is given (`again`: it was asked for by itself), else the next that is open; null
    where all that is open was skipped. `exit`: those of the exit too; `passing` is what else the bar offers. */
export function asked(model, state, found, wanted = null, { again = false, exit = false, passing = nothing } = {}) {
  const here = held(state.id), steps = open(found, exit), step = wanted ?? next(steps, here.skipped);
  if (!step) return null;
  here.now = step.key;
  const told = here.trail.filter((key) => key.startsWith("f/")).length;
  const place = again ? null : counted(found, steps, step, told, exit);
  const count = place ? t(`第${place.n}步/共${place.of}步`, `Step ${place.n} of ${place.of}`) : nothing;
  const title = titleOf(step, state), bound = step.question && limit(step.question);
  const draft = draftOf(here, step, state), change = (part) => changed(model, state, step, part, { again, exit });
  return keyed(step.key, html`<form class="asked"
    @submit=${(event) => (event.preventDefault(), answered(model, state, step, { again, exit }))}
      data-runs=${step.question && runs(step.question, draft) ? "" : nothing}>
    ${head(state, backTo(here, state, step, again), count)}
    <h1 class="asked__title" tabindex="-1">${title}</h1>
    ${bound ? html`<p class="asked__limit">${say(bound)}</p>` : nothing}
    ${step.question ? ask(step.question, state, draft, change, model) : askFact(step.fact, model.ground, draft, change)}
    ${step.question ? why(step.question.why) : nothing}
    ${exit ? passing : nothing}
    <div class="bar">
      ${here.lacks === step.key ? html`<p class="wrong"
        role="alert">${t("还没有填好：请先回答，或先跳过", "Not complete: answer it, or skip it")}</p>` : nothing}
      ${again ? nothing : press(t("先跳过", "Skip for now"), () => skipped(here, step), "key--small")}
      <button type="submit" class="key key--go">${t("下一步", "Next")}</button>
    </div></form>`);
}

/** 司机 · 测体温: whom it is about and what. */
export function titleOf({ fact, question }, state) {
  if (fact) return say(FACTS[fact]);
  const title = question.kind === "stay_in_cab" ? `${say(question.title)} · ${say(STAGES[question.stage])}`
    : say(question.title);
  return question.subject === "visit" ? title : `${say(about(question, state))} · ${title}`;
}

function draftOf(here, { key, fact, question }, state) {
  if (!here.drafts.has(key)) here.drafts.set(key, fact ? beginFact(fact, state) : begin(question, state));
  return here.drafts.get(key);
}

/* Where "back" leads: to what was answered before, from there to what is open, and from the first to the gate. */
function backTo({ trail }, state, { key }, again) {
  if (again) return `v/${state.id}`;
  const before = trail.filter((one) => one !== key).at(-1);
  return before ? `v/${state.id}/${before}` : state.status === "inside" ? `v/${state.id}` : "";
}

function changed(model, state, step, part, how) {
  const here = held(state.id), before = here.drafts.get(step.key);
  if (before) {
    const draft = { ...before, ...part };
    here.drafts.set(step.key, draft);
    here.lacks = null;
    const whole = step.fact ? completeFact(step.fact, draft) : complete(step.question, draft);
    if (whole && "quick" in part) answered(model, state, step, how);
  }
  redraw();
}

async function answered(model, state, step, { again, exit }) {
  const here = held(state.id), draft = here.drafts.get(step.key);
  const given = step.fact ? factValue(step.fact, draft) : answer(step.question, draft);
  if (given === null) {
    here.lacks = step.key;
    return redraw();
  }
  const made = await doing(state.id, () => written(model, state, step, given, exit));
  if (!made) return;
  here.drafts.delete(step.key);
  here.skipped.delete(step.key);
  here.lacks = null;
  if (!here.trail.includes(step.key)) here.trail.push(step.key);
  if (again) location.replace(`#/v/${state.id}`);
  else shownAnew();
}

function written(model, state, { fact, question }, given, exit) {
  if (fact === "people") return model.answer(state.id, [], { people: given });
  if (fact) return model.answer(state.id, [], { facts: { [fact]: given } });
  const stage = (exit || question.stage === "exit") && state.status === "inside" ? "exit" : undefined;
  return model.answer(state.id, [given], { stage });
}

function skipped(here, step) {
  here.skipped.add(step.key);
  shownAnew();
}

/** Draw, and begin what is new at its top with the reading there. */
export function shownAnew() {
  redraw();
  requestAnimationFrame(() => {
    scrollTo(0, 0);
    const title = document.querySelector("#main h1");
    title?.focus({ preventScroll: true });
    if (title) aloud(title.textContent);
  });
}
