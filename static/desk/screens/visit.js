/* One visit: what is asked of it, its verdict, and once it is inside what happens there. `#/v/<visit>/<what>`. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { here, redraw } from "../app.js";
import { ofVisit } from "../around/conflict.js";
import { AT_GATE, INSIDE } from "../fold.js";
import { t } from "../say.js";
import { asked, stepAt } from "../visit/ask.js";
import { care, join, move, note, part } from "../visit/beside.js";
import { amend, correct } from "../visit/correct.js";
import { done, ended } from "../visit/done.js";
import { leave } from "../visit/exit.js";
import { held } from "../visit/held.js";
import { listen } from "../visit/keyboard.js";
import { onsite } from "../visit/onsite.js";
import { override } from "../visit/override.js";
import { checking, refuse, verdict } from "../visit/verdict.js";
import { around } from "../visit/shared.js";

const WAYS = { refuse, override, correct, amend, note, care, move, join, part, leave };
let showing = null;

export const title = (model, id) => model.visit(id)?.plates.tractor?.written ?? t("来访", "Visit");

export function view(model, id, way, ...rest) {
  const state = model.visit(id);
  shown(model, id);
  if (!state) {
    return html`<h1>${t("没有这条来访", "There is no such visit")}</h1>
      <p>${t("它可能已经结束，或者是在另一台手机上登记的。", "It may have ended, or was noted on another phone.")}</p>
      <div class="bar"><a class="key key--go" data-back href="#/">${t("回到门前", "Back to the gate")}</a></div>`;
  }
  const finished = held(id).done;
  if (finished?.closes && !way) return done(model, state, finished);
  return html`${way ? nothing : ofVisit(model, state)}${around(model, state)}${screen(model, state, way, rest)}`;
}

function screen(model, state, way, rest) {
  const found = model.judged(state.id);
  if (way === "q" || way === "f") {
    const step = stepAt(found, way, rest);
    return step ? asked(model, state, found, step, { again: true }) : (location.replace(`#/v/${state.id}`), nothing);
  }
  if (WAYS[way]) return WAYS[way](model, state, found);
  if (state.status === INSIDE) return onsite(model, state, found);
  if (state.status !== AT_GATE) return ended(model, state, found);
  if (!found.checking) return verdict(model, state, found);
  return asked(model, state, found) ?? checking(model, state, found);
}

/* Others see which visit is open here; none, once the screen is another. */
function shown(model, id) {
  if (showing === null) {
    listen();
    addEventListener("hashchange", () => {
      if (here()[0] === "v") return;
      showing = "";
      model.showing(null);
    });
  }
  if (showing !== id) model.showing(id);
  showing = id;
}

setInterval(() => document.querySelector("[data-runs]") && redraw(), 1000);
