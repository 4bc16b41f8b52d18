/* Disinfection with its clock, and the handing over of papers. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { clock, say, t } from "../say.js";
import { AGENTS, DOCUMENTS, FIELDS_DISINFECTION, FIELDS_DOCUMENT_HANDOFF, METHODS, REASONS } from "../made.js";
import { duration, said } from "../words/said.js";
import { MINUTE, another } from "./moments.js";
import { field, folded, key, keys, named, options, part, ticks } from "./parts.js";
import { room, written } from "./plain.js";

const NAMES = FIELDS_DISINFECTION, PAPERS = FIELDS_DOCUMENT_HANDOFF;

const DILUTION = /^[0-9]{1,5}$/, WEAKEST = 10_000;

function diluted(typed) {
  const text = String(typed ?? "").normalize("NFKC").trim(), number = Number(text);
  return DILUTION.test(text) && number >= 1 && number <= WEAKEST ? number : null;
}

/** What is filled in of a disinfection, as it is stored. */
function parts(draft) {
  const found = {};
  if (Object.hasOwn(AGENTS, draft.agent ?? "")) found.agent = draft.agent;
  if (diluted(draft.dilution) !== null) found.dilution = diluted(draft.dilution);
  for (const name of ["started_at", "finished_at"]) if (Number.isInteger(draft[name])) found[name] = draft[name];
  if (written(draft.operator, 40)) found.operator = written(draft.operator, 40);
  if (typeof draft.protective_clothing === "boolean") found.protective_clothing = draft.protective_clothing;
  return found;
}

/** The names of the demanded parts that are not filled in. */
function open({ params }, given, again = []) {
  const wanted = [
    ["agent", params.agents.length > 0, given.agent], ["dilution", params.dilution !== null, given.dilution],
    ["clothing", params.protective_clothing, given.protective_clothing], ["operator", params.operator || again.includes("operator"), given.operator],
    ["start", params.contact_minutes > 0, given.started_at],
  ];
  return wanted.filter(([, demanded, value]) => demanded && value === undefined).map(([name]) => name);
}

export const disinfection = {
  begin: (before, { params }) => ({ ...before, dilution: before.dilution ?? params.dilution ?? undefined }),

  /* Once the clock runs it is an answer, whatever still lacks: the start must not be lost with the page. */
  value(question, draft) {
    const given = parts(draft), alone = Object.keys(given).every((name) => name === "dilution");
    if (alone || room(draft.operator, 40).wrong || (draft.dilution && given.dilution === undefined)) return null;
    return given.started_at !== undefined || !open(question, given).length ? given : null;
  },

  view({ question, draft, change, model }) {
    const { params } = question, set = (name) => (value) => change({ [name]: value, quick: false });
    const here = (wanted) => (wanted ? (inner) => [inner, nothing] : (inner) => [nothing, inner]);
    const rows = [
      here(params.dilution !== null)(dilution(draft, set("dilution"))),
      here(params.operator)(operator(draft, set("operator"), model)),
      here(params.protective_clothing)(clothing(draft, set("protective_clothing"))),
      here(params.contact_minutes > 0)(timer(params.contact_minutes, draft, change, model)),
    ];
    const missing = said(REASONS["disinfection.incomplete"], { lacking: open(question, parts(draft), draft.again) });
    return html`
      ${choose(NAMES.agent, options(AGENTS, params.agents, draft.agent), draft.agent, set("agent"))}
      ${rows.map(([shown]) => shown)}
      ${rows.some(([, more]) => more !== nothing) ? folded(t("更多", "More"), rows.map(([, more]) => more)) : nothing}
      ${missing ? html`<p class="muted">${say(missing)}</p>` : nothing}`;
  },
};

const choose = (pair, all, chosen, set) => part(named(pair), keys(named(pair), all, chosen, set));

function clothing(draft, set) {
  const worn = [[true, t("穿戴齐全", "Worn")], [false, t("没有穿", "Not worn")]];
  return choose(NAMES.protective_clothing, worn, draft.protective_clothing, set);
}

function dilution(draft, set) {
  const wrong = Boolean(draft.dilution) && diluted(draft.dilution) === null;
  return field(named(NAMES.dilution), draft.dilution, set, {
    mode: "numeric", id: "dilution", wrong, told: wrong ? t(`请填 1 到 ${WEAKEST}`, `1 to ${WEAKEST}`) : "",
  });
}

function operator(draft, set, model) {
  const name = model.duty?.()?.name, duty = t("当班", "On duty");
  return html`${field(named(NAMES.operator), draft.operator, set, { ...room(draft.operator, 40), id: "operator" })}
    ${name ? keys(duty, [[name, name, duty]], draft.operator, set, "ask__keys--one") : nothing}`;
}

function timer(minutes, draft, change, model) {
  const now = model.at(), label = named(NAMES.started_at), { started_at: from, finished_at: to } = draft;
  const begun = Number.isInteger(from), ended = Number.isInteger(to);
  const begin = () => change({ started_at: model.at(), finished_at: null, quick: false });
  const start = begun
    ? key(t("重新计时", "Start again"), begin, { kind: "key--plain" })
    : key(t("现在开始计时", "Start now"), begin, { kind: "key--go" });
  const typed = another(label, from, (started_at) => change({ started_at, quick: false }), "started");
  if (!begun) return part(label, html`<div class="ask__keys ask__keys--one">${start}</div>${typed}`);
  const left = Math.ceil((from + minutes * MINUTE - (ended ? to : now)) / 1_000_000), { zh, en } = duration(left);
  return part(t(`${clock(from)} 开始`, `Started ${clock(from)}`), html`
    <p class="ask__timer" role="timer">${
      left <= 0 ? t(`已满 ${minutes} 分钟`, `${minutes} minutes are over`)
      : ended ? t(`少了 ${zh}`, `${en} too short`) : t(`还差 ${zh}`, `${en} to go`)}</p>
    ${ended ? html`<p class="muted">${t(`${clock(to)} 结束`, `Finished ${clock(to)}`)}</p>` : nothing}
    <div class="ask__keys ask__keys--two">
      ${left > 0 || ended ? nothing
        : key(t("消杀结束", "Finished"), () => change({ finished_at: model.at(), quick: false }))}${start}
    </div>${typed}`);
}

export const handoff = {
  begin: (before) => ({ ...before, had: Boolean(before.documents?.length) }),

  value(question, { documents, had, method, given, received }) {
    if (!Object.hasOwn(METHODS, method ?? "")) return null;
    const sides = Object.entries({ given, received }).filter(([, said]) => typeof said === "boolean");
    return { ...(documents?.length || had ? { documents } : {}), method, ...Object.fromEntries(sides) };
  },

  view({ question, draft, change }) {
    const { params } = question, papers = draft.documents ?? [], listed = named(PAPERS.documents);
    const set = (name) => (value) => change({ [name]: value, quick: false });
    const side = (name, zh, en) =>
      key(t(zh, en), () => set(name)(!draft[name]), { pressed: String(draft[name] === true), kind: "ask__tick" });
    const missing = said(REASONS["handoff.incomplete"], {
      documents: params.documents.filter((code) => !papers.includes(code)),
      sides: ["given", "received"].filter((name) => params.both_sides && draft[name] !== true),
    });
    return html`
      ${part(listed, ticks(listed, options(DOCUMENTS, params.documents), papers, set("documents")))}
      ${choose(PAPERS.method, options(METHODS, params.methods, draft.method), draft.method, set("method"))}
      ${params.both_sides ? part(t("双方确认", "Both sides confirm"), html`<div class="ask__keys ask__keys--two">
        ${side("given", "交方已确认", "Giver confirms")} ${side("received", "收方已确认", "Receiver confirms")}</div>`) : nothing}
      ${missing ? html`<p class="muted">${say(missing)}</p>` : nothing}`;
  },
};
