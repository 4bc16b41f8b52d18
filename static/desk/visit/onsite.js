/* A visit that is inside: since when, where, until when; what is still to be checked there; and its way out. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { clock, minutes, say, since, t, when } from "../say.js";
import { about, nextStep } from "../words.js";
import { titleOf } from "./ask.js";
import { leaves } from "./exit.js";
import { reasonList } from "./reasons.js";
import { head, press } from "./shared.js";
import { stepOf } from "./steps.js";
import { panel, unconfirmed } from "./verdict.js";

/** The screen. */
export function onsite(model, state, found) {
  const at = model.at(), grave = found.verdict !== "admit" && found.reasons.some(({ finding }) =>
    finding.state === "violated");
  const late = state.due_at && state.due_at < at, zone = zoneOf(model, state);
  return html`${head(state, "inside", t(`在厂 ${since(state.admitted_at, at)}`,
    `Inside ${since(state.admitted_at, at)}`))}
    <h1 class="unseen" tabindex="-1">${t("在厂内", "Inside")}</h1>
    ${late ? html`<p
      class="notice"><b>${t("超时",
        "Overdue")} ${minutes((at - state.due_at) / 6e7)}</b> ${t(`应在 ${clock(state.due_at)} 前离厂`,
          `was due by ${clock(state.due_at)}`)}</p>` : nothing}
    ${grave ? panel(found.verdict, unconfirmed(model, state), nextStep(found.decision), reasonList(found, state, at),
      true) : nothing}
    <dl class="told"><dt>${t("放行", "Admitted")}</dt><dd>${when(state.admitted_at, at)}${state.against ? html` <span
      class="chip chip--strong">${t("违反判定", "against the verdict")}</span>` : nothing}</dd>
      ${zone ? html`<dt>${t("区域", "Zone")}</dt><dd>${zone}</dd>` : nothing}
      <dt>${t("在场", "Here")}</dt><dd>${present(state)}</dd>
      ${late || !state.due_at ? nothing : html`<dt>${t("应在", "Due by")}</dt><dd>${when(state.due_at, at)}</dd>`}</dl>
    ${found.unknown.length || found.due.length ? todo(state, found) : nothing}
    <div class="keys beside">
      ${way(state, "care", t("暖心包", "Driver care"))}${way(state, "move", t("换区", "Another zone"))}${way(state, "note",
        t("备注", "Note"))}
      ${grave ? way(state, "override", t("班长放行", "Lead's override")) : nothing}
      <details class="more"><summary>${t("更多", "More")}</summary><div
        class="keys">${way(state, "correct", t("更正", "Correct"))}
        ${way(state, "join", t("有人或挂车加入", "A person or trailer joins"))}${state.present.length > 2
          ? way(state, "part", t("部分离场", "Some leave")) : nothing}
        ${press(t("离场（没看见）", "Left (not seen)"), () => leaves(model, state, false), "key--small")}</div></details>
    </div>
    <div class="bar"><a class="key" data-back href="#/inside">${t("厂内清单", "All inside")}</a>${press(t("离场", "Left"),
      () => leaves(model, state), "key--go")}</div>`;
}

const way = (state, name, words) => html`<a class="key key--small" href=${`#/v/${state.id}/${name}`}>${words}</a>`;

/** The zone's name, or nothing. */
export const zoneOf = (model, state) => {
  const code = state.facts.zone ?? state.judged_facts.zone;
  return model.ground?.zones?.find((zone) => zone.code === code)?.name ?? code ?? "";
};

function present(state) {
  const there = state.present.filter((subject) => subject !== "visit");
  return there.sort((one, two) => order(one) - order(two)).map((subject) =>
    state.plates[subject]?.written ?? `${say(about({ subject }, state))}${state.people[subject]?.name
      ? ` ${state.people[subject].name}` : ""}`).join(t("、", ", "))
    || t("未登记人员", "nobody noted");
}

const order = (subject) => ["tractor", "trailer", "occupant"].indexOf(subject.split(":")[0]);

function todo(state, found) {
  const rows = [...found.unknown.map((fact) => ({ key: `f/${fact}`, fact })), ...found.due.map(stepOf)];
  return html`<h2>${t("在厂要查", "To check on site")}</h2><ul class="ways">${rows.map((step) =>
    html`<li><a class="way" href=${`#/v/${state.id}/${step.key}`}>${titleOf(step, state)}</a></li>`)}</ul>`;
}
