// Reads [{ground, events: [{event, told, at, role}]}] from stdin; says what the phone makes of each event, and of what
// it is told of the visit afterwards, as seen at `at` by somebody in `role`.

import { gathered } from "../../static/desk/facts.js";
import { fromServer } from "../../static/desk/fold.js";
import { judged } from "../../static/desk/judged.js";
import { played } from "../../static/desk/played.js";

let text = "";
for await (const piece of process.stdin) text += piece;
const given = JSON.parse(text);

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function state(found) {
  if (!found) return null;
  const { decision: _1, corrected: _2, id: _3, seq: _4, attention: _5, closed_at, ...rest } = found;
  const waivers = [...found.waivers].sort((one, two) => (one.join("\0") < two.join("\0") ? -1 : 1));
  return sorted({ ...rest, closed_at, waivers, present: [...found.present].sort() });
}

function look(ground, found, { at, role }) {
  const { reasons, due, exitDue, done, decision, unknown, stillOpen, checking, answered, total, facts } = judged(
    ground, found, at, role);
  const names = (questions) => questions.map(({ code, subject }) => [code, subject]);
  return sorted({
    decision, unknown, stillOpen, checking, answered, total, facts,
    due: names(due), exitDue: names(exitDue), done: names(done),
    reasons: reasons.map(({ title, detail, owner, why, finding, overridable, until }) =>
      [title, detail, owner, why, finding.rule, finding.subject, finding.state, overridable, until]),
  });
}

const said = given.map(({ ground, events }) => {
  let now = null;
  return events.map(({ event, told, at, role }) => {
    const { state: after, reason, act } = played(ground, now, event);
    now = after;
    return {
      reason: reason ?? null, act: act ?? null, state: state(now), told: told && state(fromServer(told)),
      decision: reason ? null : sorted(now?.decision ?? null),
      look: now && look(ground, now, { at, role }), again: told && look(ground, fromServer(told), { at, role }),
    };
  });
});
console.log(JSON.stringify(said));
