/* The colour of a code with its validity, a test with the time of its sampling, the last day of a certificate. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { say, t, when } from "../say.js";
import { COLOURS, FIELDS_CODE_CHECK, FIELDS_TEST, REASONS, RESULTS } from "../made.js";
import { HOUR, another, digitsOf, lastOf, lateOn, minute } from "./moments.js";
import { field, keys, named, options, part } from "./parts.js";
import { pad } from "./reading.js";

const AGO = [0, 2, 6, 12, 24, 48];

/** Whether the validity of this code is asked: a colour that turns away needs none. */
const dated = ({ params }, colour) => params.valid_until_required && params.accepted.includes(colour);

export const code = {
  begin: ({ colour, valid_until }) => ({ colour, valid_until }),

  value(question, { colour, valid_until }) {
    if (!Object.hasOwn(COLOURS, colour ?? "")) return null;
    if (Number.isInteger(valid_until)) return { colour, valid_until };
    return dated(question, colour) ? null : { colour };
  },

  view({ question, draft, change, model }) {
    const now = model.at(), until = (valid_until) => change({ valid_until, quick: true });
    const label = named(FIELDS_CODE_CHECK.valid_until);
    const words = [t("今天", "Today"), t("明天", "Tomorrow"), t("后天", "In 2 days")];
    const days = words.map((word, after) => [lateOn(now, after), word, "23:59"]);
    return html`
      ${keys(say(question.title), options(COLOURS), draft.colour, (colour) => change({ colour, quick: true }))}
      ${dated(question, draft.colour) ? part(label, html`
        ${keys(label, days, draft.valid_until, until, "ask__keys--three")}
        ${another(label, draft.valid_until, (valid_until) => change({ valid_until, quick: false }), "until")}`)
        : nothing}`;
  },
};

export const test = {
  begin: ({ result, sampled_at }) => ({ result, sampled_at }),

  value(question, { result, sampled_at }) {
    if (!Object.hasOwn(RESULTS, result ?? "")) return null;
    if (result !== "negative") return { result };
    return Number.isInteger(sampled_at) ? { result, sampled_at } : null;
  },

  view({ question, draft, change, model }) {
    const label = named(FIELDS_TEST.sampled_at), now = model.at();
    const within = question.alternative ? question.params.alternative_within_hours : question.params.within_hours;
    const ago = AGO.filter((hours) => hours < within).map((hours) => [
      hours, hours ? t(`${hours} 小时前`, `${hours} h ago`) : t("刚才", "Just now"), when(now - hours * HOUR, now),
    ]);
    const press = (result) => change({ result, quick: result !== "negative" });
    const late = html`<p class="wrong" role="alert">${say(REASONS["test.in_future"].meaning)}</p>`;
    const sampled = (hours) => change({ sampled_at: minute(model.at() - hours * HOUR), ago: hours, quick: true });
    return html`
      ${keys(say(question.title), options(RESULTS), draft.result, press)}
      ${draft.result === "negative" ? part(label, html`
        ${keys(label, ago, draft.ago, sampled, "ask__keys--three")}
        ${another(label, draft.sampled_at, (sampled_at) => change({ sampled_at, ago: null, quick: false }), "sampled")}
        ${draft.sampled_at > now ? late : nothing}`)
        : nothing}`;
  },
};

/** 20270531 as it is read: 2027-05-31, what is not typed yet left open. */
const spread = (digits) => [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].filter(Boolean).join("-");

export const certificate = {
  begin: ({ valid_until }) => ({ day: digitsOf(valid_until) }),

  value(question, { day }) {
    const found = lastOf(day);
    return found === null ? null : { valid_until: found };
  },

  view({ draft, change, model }) {
    const day = draft.day ?? "", year = Number(digitsOf(model.at()).slice(0, 4));
    const wrong = day.length === 8 && lastOf(day) === null, such = `${year + 1}-05-31`;
    const type = (typed) => change({ day: typed.replace(/\D/g, "").slice(0, 8), quick: false });
    const years = [0, 1, 2, 3].map((after) => [String(year + after), String(year + after)]);
    return html`
      ${field(t("有效期至（年月日）", "Valid until (year, month, day)"), spread(day), type, {
        told: wrong ? t("没有这一天，请核对", "There is no such day: please check") : t(`例如 ${such}`, `Such as ${such}`),
        wrong, mode: "none", big: true, id: "day",
      })}
      ${keys(t("年份", "Year"), years, day.slice(0, 4), (one) => type(one + day.slice(4)), "ask__keys--four")}
      ${pad(day, type, false)}`;
  },
};
