/* The end of a shift: what is open, what to tell, what is left. The next guard takes it over on the duty screen. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { left, supplies } from "../around/left.js";
import { openNow } from "../known.js";
import { notice } from "../parts.js";
import { aloud, faultOf, t, when } from "../say.js";

const LONGEST = 500, MOST = 9999;

let draft = null, wrong = null;

export const title = () => t("交接班", "Shift handover");

export function view(model) {
  const duty = model.duty();
  if (duty.state === "none") return nobody(model, duty);
  draft ??= { note: "", supplies: { ...duty.handover?.supplies } };
  return html`<h1>${t("交班", "Hand over")}</h1>
    <p>${t("交班人", "Handing over")} <b>${duty.name}</b>${duty.since ? html` <span class="muted">${t(`${when(duty.since, model.at())} 起`, `since ${when(duty.since, model.at())}`)}</span>` : nothing}</p>
    ${open(model)}
    <label class="label" for="note">${t("留给下一班的话", "A note for the next shift")}</label>
    <textarea class="field" id="note" rows="3" maxlength=${LONGEST} .value=${draft.note} @input=${(event) => (draft.note = event.target.value)}></textarea>
    <h2>${t("剩余物资", "Supplies left")}</h2>
    <p class="muted">${t("没有点过的不填。", "Leave out what was not counted.")}</p>
    <ul class="list">${supplies(model).map(([code, word]) => counter(code, word))}</ul>
    ${wrong ? notice(wrong, "error") : nothing}
    <div class="bar"><button class="key key--go" @click=${() => handOver(model)}>${t("交班", "Hand over")}</button></div>`;
}

function nobody(model, { handover }) {
  return html`<h1>${t("交接班", "Shift handover")}</h1>
    ${handover ? left(model, handover) : notice(t("现在没有人在这台手机上值班，没有可交的班。", "Nobody is on duty on this phone, so there is no shift to hand over."))}
    ${handover ? notice(t("已交班，等下一班用密码接班。没有人接班时，企业和镇街都看得到。", "Handed over; the next guard takes over with a PIN. Until then the enterprise and the township see that nobody has."), "error") : nothing}
    <div class="bar"><a class="key key--go" href="#/duty">${handover ? t("接班", "Take over") : t("选值班人", "Choose who is on duty")}</a></div>`;
}

/* What a shift leaves open: how many of what, and where. */
function open(model) {
  const { waiting, inside, late, wrong } = openNow(model);
  const rows = [
    [t("门前", "At the gate"), waiting, ""], [t("厂内", "Inside"), inside, "inside"], [t("超时", "Overdue"), late, "inside"],
    [t("未传", "Unsent"), model.line().waiting, "attention"], [t("待处理", "Needs attention"), wrong, "attention"],
  ];
  return html`<ul class="tally" aria-label=${t("未了的", "What is open")}>${rows.map(([word, count, address]) => html`<li><a href="#/${address}"><b>${count}</b>${word}</a></li>`)}</ul>`;
}

function counter(code, word) {
  const count = draft.supplies[code];
  const put = (value) => {
    draft.supplies[code] = Math.max(0, Math.min(MOST, value));
    redraw();
  };
  const add = (more) => () => put((draft.supplies[code] ?? 0) + more); // as it is when it is pressed, not when it was drawn
  const typed = (event) => {
    const digits = event.target.value.replace(/\D/g, "");
    if (digits) put(Number(digits));
    else delete draft.supplies[code];
    redraw();
  };
  return html`<li class="row counter"><label for="left-${code}">${word}</label><span class="counter__keys">
    <button class="key" aria-label=${t(`${word} 减一`, `${word}: one less`)} @click=${add(-1)}>−</button>
    <input class="field" id="left-${code}" inputmode="numeric" autocomplete="off" .value=${String(count ?? "")} @input=${typed} />
    <button class="key" aria-label=${t(`${word} 加一`, `${word}: one more`)} @click=${add(1)}>+</button>
  </span></li>`;
}

async function handOver(model) {
  try {
    await model.handOver({ note: draft.note.trim(), supplies: draft.supplies });
    draft = wrong = null;
    aloud(t("已交班", "Handed over"));
  } catch (fault) {
    wrong = faultOf(fault);
  }
  redraw();
}
