/* What a guard may be asked of a visit besides its rules' questions: kind, origin, stops, cargo, cold chain, people,
   zone, purpose. A draft is as in asking.js. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { often } from "../facts.js";
import { say, t } from "../say.js";
import { CARGO, FACTS, PURPOSES, VISITOR_KINDS } from "../made.js";
import { keys, options } from "./parts.js";
import { people } from "./people.js";
import { origin, stops } from "./places.js";
import { yesNo } from "./plain.js";

const OFTEN = 5;

/** Every cargo, those first that known trucks had last. */
function cargo(ground) {
  const first = often(ground, "cargo").slice(0, OFTEN), rank = ([code]) => (first.includes(code) ? first.indexOf(code) : OFTEN);
  return options(CARGO).sort((one, two) => rank(one) - rank(two));
}

/** A fact that is one of a few: `from(ground)` gives the options. */
const oneOf = (name, from) => ({
  begin: (facts) => ({ chosen: facts[name] }),
  value: ({ chosen }) => chosen ?? null,
  view: ({ ground, draft, change }) => {
    const found = from(ground ?? {}), press = (chosen) => change({ chosen, quick: true });
    if (found.length) return keys(say(FACTS[name]), found, draft.chosen, press);
    return html`<p class="muted">${t("企业还没有设置，请告知班长。", "The enterprise has set none up: tell the shift lead.")}</p>`;
  },
});

const coldChain = {
  begin: (facts) => ({ chosen: facts.cold_chain }),
  value: ({ chosen }) => chosen ?? null,
  view: ({ draft, change }) => yesNo(say(FACTS.cold_chain), draft.chosen, (chosen) => change({ chosen, quick: true }),
    t("是冷链", "Cold chain"), t("不是冷链", "Not cold chain")),
};

const ASKED = {
  visitor_kind: oneOf("visitor_kind", () => options(VISITOR_KINDS)),
  cargo: oneOf("cargo", cargo),
  purpose: oneOf("purpose", () => options(PURPOSES)),
  zone: oneOf("zone", ({ zones }) => (zones ?? []).map(({ code, name }) => [code, name])),
  cold_chain: coldChain,
  people,
  origin,
  stops,
};

/** What the draft of a fact begins with: what this visit says of it already. */
export const beginFact = (fact, state) => ASKED[fact].begin(state?.facts ?? {}, state);

/** The question for a fact as keys and fields. */
export const askFact = (fact, ground, draft, change) =>
  Object.hasOwn(ASKED, fact) ? ASKED[fact].view({ ground, draft, change }) : nothing;

/** Its value: a code, true or false, codes (stops), rows of people; null while it is not complete. */
export const factValue = (fact, draft) => ASKED[fact].value(draft);

/** Whether one press has answered it. */
export const completeFact = (fact, draft) => draft.quick === true && factValue(fact, draft) !== null;
