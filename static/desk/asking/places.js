/* Where a visit comes from and passes through: the likely places as keys, every other by a part of its name. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { often } from "../facts.js";
import { t } from "../say.js";
import { field, key } from "./parts.js";

const LIKELY = 6, SHOWN = 8;
const known = new Map();
let regions = null;

/** What the register of places finds for some words; it is read when it is first wanted. */
async function search(words) {
  regions ??= import("../regions.js").catch((fault) => {
    regions = null;
    throw fault;
  });
  const found = (await (await regions).search(words)) ?? [];
  for (const { code, name, path } of found) known.set(code, { name, path });
  return found;
}

/** Look up the names of codes that are not known here yet, once, and draw again. */
function resolve(codes, change) {
  const unknown = codes.filter((code) => !known.has(code));
  if (!unknown.length) return;
  for (const code of unknown) known.set(code, { name: code, path: "" });
  Promise.all(unknown.map((code) => search(code))).then(() => change({}), () => undefined);
}

const nameOf = (code) => known.get(code)?.name ?? code;
const pathOf = (code) => known.get(code)?.path ?? "";

/** Rows of keys under a name for who hears the screen; nothing where there are none. */
const rows = (label, all, shape) =>
  all.length ? html`<div class="ask__keys ${shape}" role="group" aria-label=${label}>${all}</div>` : nothing;

let asked = 0;

/** Ask for places by words; only the newest question is answered. */
function look(words, change) {
  const now = ++asked;
  change({ words, quick: false, lost: false });
  if (!words.trim()) return change({ found: [] });
  search(words).then(
    (found) => now === asked && change({ found: found.slice(0, SHOWN) }),
    () => now === asked && change({ found: [], lost: true }),
  );
}

function places({ ground, draft, change, label }, chosen, press) {
  const likelies = often(ground, "origin").slice(0, LIKELY), found = draft.found ?? [];
  resolve([...likelies, ...chosen], change);
  const row = (code) =>
    key(nameOf(code), () => press(code), { pressed: String(chosen.includes(code)), under: pathOf(code) });
  const none = Boolean(draft.words?.trim() && draft.found && !found.length && !draft.lost);
  const told = none ? t("没有找到，请换个写法", "Nothing found: try another way of writing it")
    : draft.lost ? t("地名还没有下载，联网后再试", "The places are not on this phone yet: try again online")
    : t("地名或拼音首字母，例如 yh", "A name or initials, such as yh");
  return html`
    ${draft.words ? nothing : rows(t("常来的地方", "Usual places"), likelies.map(row), "ask__keys--two")}
    ${field(label, draft.words, (words) => look(words, change), { id: "place", enter: "search", told, wrong: none })}
    ${rows(t("找到的地方", "Places found"), found.map(({ code }) => row(code)), "ask__keys--one")}`;
}

export const origin = {
  begin: (facts) => ({ chosen: facts.origin }),
  value: ({ chosen }) => chosen ?? null,
  view(here) {
    const { draft, change } = here, { chosen } = draft;
    const press = (code) => change({ chosen: code, quick: true }), label = t("从哪里来", "Coming from");
    const told = html`<p class="muted" role="status">${t("已选：", "Chosen: ")}<b>${pathOf(chosen) || nameOf(chosen)}</b></p>`;
    return html`
      ${chosen ? told : nothing}
      ${places({ ...here, label }, chosen ? [chosen] : [], press)}`;
  },
};

export const stops = {
  begin: (facts) => ({ chosen: facts.stops }),
  value: ({ chosen }) => chosen ?? null,
  view(here) {
    const { draft, change } = here, chosen = draft.chosen ?? [];
    const without = (code) => chosen.filter((one) => one !== code);
    const turn = (code) =>
      change({ chosen: chosen.includes(code) ? without(code) : [...chosen, code], words: "", found: [], quick: false });
    const none = key(t("没有途经别处", "No other place"), () => change({ chosen: [], quick: true }), {
      pressed: String(draft.chosen?.length === 0) });
    const kept = chosen.map((code) =>
      key(nameOf(code), () => turn(code), { pressed: "true", under: pathOf(code), kind: "ask__tick" }));
    return html`
      ${rows(t("途经", "Passing through"), [none], "ask__keys--one")}
      ${rows(t("已选的地方，再按去掉", "Chosen, press to remove"), kept, "ask__keys--one")}
      ${places({ ...here, label: t("途经", "Passing through") }, chosen, turn)}`;
  },
};

/** The name of a place by its code; looked up once, then `again` is called. */
export function placeName(code, again) {
  resolve([code], again);
  return nameOf(code);
}
