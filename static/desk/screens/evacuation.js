/* The people inside now, by zone: read out in an emergency, ticked off at the meeting point, printed on one sheet. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { counted, endCount, rollcall, tick } from "../around/rollcall.js";
import { plateOf } from "../parts.js";
import { aloud, clock, day, say, t, when } from "../say.js";
import { about } from "../words.js";

export const title = () => t("在场人员名单", "People inside");

export function view(model) {
  const zones = byZone(model), rows = zones.flatMap(([, visits]) => visits.flatMap(({ people }) => people));
  const there = rows.filter(({ key }) => counted(key)).length, now = model.at(), place = model.ground;
  return html`<div class="evacuation">
    <h1>${t("在场人员名单", "People inside")}</h1>
    <p class="evacuation__where">${place?.enterprise.name ?? ""} · ${place?.gate.name ?? model.phone.name} · ${day(now)} ${clock(now)}</p>
    <p class="evacuation__count"><b>${rows.length}</b> ${t("人", rows.length === 1 ? "person" : "people")}
      <b>${zones.reduce((sum, [, visits]) => sum + visits.filter(({ vehicle }) => vehicle).length, 0)}</b> ${t("辆车", "vehicles")}
      ${rollcall ? html`<span class="evacuation__there" role="status">${t(`已到集合点 ${there} 人，还差 ${rows.length - there} 人`, `${there} at the meeting point, ${rows.length - there} missing`)}</span>` : nothing}</p>
    <p class="muted">${t("只有在门岗登记的来访人员，不含本厂员工。没有登记姓名的车按至少 1 人算。", "Visitors entered at the gates only, not the staff. A vehicle without names counts as one person at least.")}
      ${rollcall ? t(`点名从 ${when(rollcall.since, now)} 开始。`, `Counting since ${when(rollcall.since, now)}.`) : nothing}</p>
    ${told(model)}
    ${rows.length ? zones.map((zone) => section(model, zone)) : html`<p class="evacuation__none">${t("现在厂内没有来访人员。", "No visitor is inside now.")}</p>`}
    <div class="bar">
      ${rollcall ? html`<button class="key" @click=${end}>${t("结束点名", "End the count")}</button>` : nothing}
      <button class="key key--go" @click=${() => print()}>${t("打印", "Print")}</button>
    </div>
  </div>`;
}

/* How old it is what this phone knows. */
function told(model) {
  if (model.line().state !== "offline" || !model.now?.at) return nothing;
  return html`<p class="notice">${t(`离线：其他门岗的进出只到 ${when(model.now.at, model.at())} 为止。`, `Offline: what other gates did is known up to ${when(model.now.at, model.at())}.`)}</p>`;
}

function byZone(model) {
  const names = new Map((model.ground?.zones ?? []).map(({ code, name }) => [code, name])), found = new Map();
  for (const visit of model.visits()) {
    if (visit.status !== "inside") continue;
    const zone = names.get(visit.facts?.zone) ?? t("未分区", "No zone");
    found.set(zone, [...(found.get(zone) ?? []), { visit, vehicle: Boolean(visit.plates?.tractor), people: peopleOf(visit) }]);
  }
  const order = [...names.values()], place = ([zone]) => (order.includes(zone) ? order.indexOf(zone) : order.length);
  return [...found].sort((one, two) => place(one) - place(two));
}

function peopleOf(visit) {
  const present = [...(visit.present ?? [])].filter((subject) => subject.startsWith("occupant:")).sort();
  const named = present.map((subject) => ({ key: `${visit.id} ${subject}`, name: visit.people?.[subject]?.name, role: say(about({ subject }, visit)) }));
  return named.length ? named : [{ key: `${visit.id} occupant:1`, name: null, role: t("司机", "Driver") }];
}

function section(model, [zone, visits]) {
  const count = visits.reduce((sum, { people }) => sum + people.length, 0);
  return html`<section class="zone"><h2>${zone} <span class="muted">${t(`${count} 人`, `${count}`)}</span></h2>
    <ul class="zone__visits">${visits.map(({ visit, people }) => html`<li class="zone__visit">
      <p class="zone__plate">${plateOf(visit)} <span class="muted">${t(`${people.length} 人 · ${when(visit.admitted_at ?? visit.arrived_at, model.at())} 进厂`, `${people.length} · in since ${when(visit.admitted_at ?? visit.arrived_at, model.at())}`)}</span></p>
      <div class="zone__people">${people.map((person) => box(model, person))}</div>
    </li>`)}</ul></section>`;
}

function box(model, { key, name, role }) {
  const press = () => {
    tick(key, model.at());
    redraw();
  };
  return html`<button class="key tick" role="checkbox" aria-checked=${counted(key)} @click=${press}>
    <span class="tick__box" aria-hidden="true">${counted(key) ? "✓" : ""}</span>
    <span>${name ?? t("未登记姓名", "Name not entered")} <span class="muted">${role}</span></span>
    ${counted(key) ? html`<span class="tick__there">${t("已到集合点", "At the meeting point")}</span>` : nothing}
  </button>`;
}

function end() {
  if (!confirm(t("结束点名？勾过的都会清掉。", "End the count? All ticks are cleared."))) return;
  endCount();
  aloud(t("点名已结束", "The count is ended"));
  redraw();
}
