/* Yes or no, one of a few, a written text, and whether the driver stayed in the cab. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { say, t } from "../say.js";
import { field, key, keys } from "./parts.js";

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/** Free text as it is kept (gatekeeper/formats/people.py, `clean_text`), whole. */
export const clean = (typed) =>
  (typed ?? "").replace(/\r\n|\r|\u2028|\u2029/g, "\n").replaceAll("\t", " ").replace(BIDI, "")
    .replace(/(?!\n)[\p{Cc}\p{Cs}]/gu, "\ufffd").normalize("NFC").replace(OUTER, "");

/** How many characters a text has, as Python counts them. */
export const long = (text) => [...text].length;

/** The text that was typed; null where it is empty or longer than `most`. */
export function written(typed, most) {
  const text = clean(typed);
  return text && long(text) <= most ? text : null;
}

/** The sentence under a field whose text has at most `most` characters, and whether there are more. */
export function room(typed, most) {
  const over = long(clean(typed)) - most;
  if (over <= 0) return {};
  return { told: t(`最多 ${most} 个字，多了 ${over} 个`, `At most ${most} characters, ${over} too many`), wrong: true };
}

/** Two keys, yes above no. */
export const yesNo = (label, chosen, press, yes, no) =>
  keys(label, [[true, yes], [false, no]], chosen, press, "ask__keys--big");

export const confirm = {
  begin: ({ ok }) => ({ ok }),
  value: (question, { ok }) => (typeof ok === "boolean" ? { ok } : null),
  view: ({ question, draft, change }) =>
    yesNo(say(question.title), draft.ok, (ok) => change({ ok, quick: true }), t("是", "Yes"), t("否", "No")),
};

export const choice = {
  begin: ({ choice: chosen }) => ({ choice: chosen }),
  value: ({ params }, draft) =>
    params.options.some(({ code }) => code === draft.choice) ? { choice: draft.choice } : null,
  view: ({ question, draft, change }) =>
    keys(say(question.title), question.params.options.map((option) => [option.code, say(option)]), draft.choice,
      (chosen) => change({ choice: chosen, quick: true })),
};

const EXACT = { vin: 17 };

export const text = {
  begin: (before) => ({ text: before.text }),
  value({ params }, draft) {
    const found = written(draft.text, params.longest);
    return found === null ? null : { text: found };
  },
  view({ question: { title, params }, draft, change }) {
    const count = long(clean(draft.text)), exact = EXACT[params.format];
    return field(say(title), draft.text, (typed) => change({ text: typed, quick: false }), {
      told: exact ? t(`已填 ${count} 位，共 ${exact} 位`, `${count} of ${exact}`) : "",
      ...room(draft.text, params.longest), mark: params.format === "free" ? undefined : "characters",
      id: "text", enter: "done",
    });
  },
};

const WHY = [["用卫生间", "Toilet"], ["装卸货", "Loading"], ["办手续", "Papers"], ["检查车辆", "Checking it over"]];

export const stay = {
  begin: ({ stayed, reason }) => ({ stayed, reason }),
  value(question, { stayed, reason }) {
    if (typeof stayed !== "boolean") return null;
    if (stayed || !clean(reason)) return { stayed };
    const found = written(reason, 200);
    return found === null ? null : { stayed, reason: found };
  },
  view: ({ question, draft, change }) => html`
    ${yesNo(say(question.title), draft.stayed, (stayed) => change({ stayed, quick: stayed }),
      t("一直在车内", "Stayed in the cab"), t("下过车", "Left the cab"))}
    ${draft.stayed === false ? html`
      ${field(t("下车原因（可不填）", "Why (may stay empty)"), draft.reason,
        (reason) => change({ reason, quick: false }), { ...room(draft.reason, 200), id: "reason" })}
      <div class="ask__keys" role="group" aria-label=${t("常见原因", "Usual reasons")}>${WHY.map(([zh, en]) =>
        key(t(zh, en), () => change({ reason: t(zh, en), quick: false })))}</div>` : nothing}`,
};
