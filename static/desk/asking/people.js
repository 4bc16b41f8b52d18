/* How many people there are, the driver's name and mobile if they are wanted. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { t } from "../say.js";
import { field, folded, key, keys } from "./parts.js";
import { clean, long } from "./plain.js";

const MOST = 60, LONGEST = 40, FEW = [1, 2, 3, 4];
const NAME = /^(?=.*\p{L})[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{Mn}\p{Mc} ·'.-]+$/u;

function counted(typed) {
  const text = String(typed ?? "").normalize("NFKC").trim(), number = Number(text);
  return /^[0-9]{1,2}$/.test(text) && number >= 1 && number <= MOST ? number : null;
}

/** A name as it is kept; null where it is none, "" where nothing was typed. */
export function nameOf(typed) {
  const text = clean((typed ?? "").normalize("NFKC").replace(/[•・]/g, "·")).replace(/\s+/g, " ");
  return !text || (long(text) <= LONGEST && NAME.test(text)) ? text : null;
}

/** The eleven digits of a mobile number; null where it is none, "" where nothing was typed. */
export function phoneOf(typed) {
  const text = (typed ?? "").normalize("NFKC").replace(/[\s().·‐‑‒–—-]/g, "");
  const digits = text.replace(/^(\+|00)?(?:86(?=[0-9]{11}$))?/, "");
  return !digits || /^1[3-9][0-9]{9}$/.test(digits) ? digits : null;
}

export const people = {
  begin(facts, state) {
    const known = Object.keys(state?.people ?? {}).length;
    return { count: known ? String(known) : "", walking: (state?.kind ?? facts.visitor_kind) === "walk_in" };
  },

  value({ count, name, phone, walking }) {
    const all = counted(count), known = { name: nameOf(name), phone: phoneOf(phone) };
    if (all === null || known.name === null || known.phone === null) return null;
    const first = { subject: "occupant:1", role: walking ? "visitor" : "driver" };
    for (const field of ["name", "phone"]) if (known[field]) first[field] = known[field];
    const others = Array.from({ length: all - 1 }, (_, index) => ({
      subject: `occupant:${index + 2}`, role: walking ? "visitor" : "passenger",
    }));
    return [first, ...others];
  },

  view({ draft, change }) {
    const many = draft.many || (counted(draft.count) ?? 0) > FEW.length;
    const whose = draft.walking
      ? t("姓名、手机（可不填）", "Name, mobile (may stay empty)")
      : t("司机姓名、手机（可不填）", "Driver's name, mobile (may stay empty)");
    return html`
      ${keys(t("几个人", "How many people"), FEW.map((count) => [String(count), String(count)]), draft.count,
        (count) => change({ count, many: false, quick: true }), "ask__keys--four")}
      ${many ? field(t("人数", "Number of people"), draft.count, (count) => change({ count, quick: false }), {
          mode: "numeric", id: "count", told: t(`请填 1 到 ${MOST} 之间的整数`, `A whole number from 1 to ${MOST}`),
          wrong: Boolean(draft.count) && counted(draft.count) === null })
        : key(t("5 人以上", "5 or more"), () => change({ many: true, count: "", quick: false }), { kind: "key--plain" })}
      ${folded(whose, html`${nameField(draft, change)}${phoneField(draft, change)}`)}`;
  },
};

function nameField({ name }, change) {
  const wrong = nameOf(name) === null;
  return field(t("姓名", "Name"), name, (typed) => change({ name: typed, quick: false }), { id: "name", wrong,
    told: wrong ? t("姓名只能是文字和间隔号，最多 40 个字", "A name has letters and dots only, 40 at most") : "" });
}

function phoneField({ phone }, change) {
  const told = phoneOf(phone) === null;
  return field(t("手机", "Mobile"), phone, (typed) => change({ phone: typed, quick: false }), { id: "phone", type: "tel",
    wrong: told && phone.length >= 11,
    told: told ? t("手机号为 11 位数字，以 13 至 19 开头", "A mobile number has 11 digits and begins with 13 to 19") : "" });
}
