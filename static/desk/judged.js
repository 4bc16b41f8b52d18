/* What the desk shows of one visit at one minute, as gatekeeper/visits/page.py has it. Pure. */

import { evidence, gathered, index } from "./facts.js";
import { INSIDE, closed } from "./fold.js";
import { compile } from "./rules/compiled.js";
import { decide, needs, questions } from "./rules.js";
import { reason } from "./words.js";

const OWNERS = {
  township: { zh: "镇街规定", en: "Township rule" },
  enterprise: { zh: "企业规定", en: "Enterprise rule" },
};
const ORDER = { zh: "镇街指令", en: "Township order" };
const SEVERITY = { refuse: 0, hold: 1, note: 2 };
const NOTHING = { verdict: "hold", stage: "arrival", books: [], findings: [], open: [] };

/**
 * {decision, verdict, reasons, due, exitDue, done, unknown, stillOpen, checking, answered, total, facts, blind}: an
 * open visit judged as of `at` for somebody in `role`, a closed one as it was decided. `due` is what is to be answered
 * now, `exitDue` those of the exit, `done` what was answered and may be answered anew, `unknown` the facts to ask for,
 * `stillOpen` what stands in the way of closing; `answered` of `total` steps before the verdict are done. `blind`: this
 * phone cannot judge, because it has no rules yet ("no_rules") or is too old for them ("too_old").
 */
export function judged(ground, state, at, role) {
  if (closed(state)) return shown(state.decision ?? NOTHING, [], { state });
  if (!ground) return shown(NOTHING, [], { state, blind: "no_rules" });
  try {
    return standing(ground, state, at, role);
  } catch {
    return shown(NOTHING, [], { state, blind: "too_old" });
  }
}

function standing(ground, state, at, role) {
  const { facts, books, switches } = gathered(ground, state, at), given = evidence(state, facts);
  let decision, asked, stillOpen = [];
  if (state.status === INSIDE) {
    const leaving = decide(books, given, "exit", at);
    decision = state.stage === "exit" ? leaving : decide(books, given, "on_site", at);
    asked = questions(books, given, "exit");
    stillOpen = leaving.open;
  } else {
    decision = decide(books, given, "arrival", at);
    asked = questions(books, given, "arrival");
  }
  const reasons = reasonsOf(ground, decision, books, switches, role, at);
  const unknown = decision.open.filter((row) => row[2] === "fact").map((row) => row[0]);
  const toAsk = needs(books).filter((fact) => unknown.includes(fact));
  return shown(decision, asked, { state, facts, reasons, stillOpen, unknown: toAsk });
}

function shown(decision, asked, given) {
  const { state, facts = state.judged_facts, reasons = [], stillOpen = [], unknown = [], blind = null } = given;
  const toAnswer = [...decision.open, ...stillOpen].filter((row) => row[2] !== "fact");
  const open = new Set(toAnswer.map((row) => `${row[0]}\0${row[1]}`));
  const due = asked.filter(({ code, subject }) => open.has(`${code}\0${subject}`));
  const done = asked.filter((question) => question.answered && !due.includes(question));
  const answered = done.filter(({ stage }) => stage !== "exit").length;
  return {
    decision, reasons, stillOpen, unknown, facts, done, answered, blind,
    verdict: decision.verdict,
    due: due.filter(({ stage }) => stage !== "exit"),
    exitDue: due.filter(({ stage }) => stage === "exit"),
    total: answered + decision.open.length,
    checking: decision.open.length > 0 && decision.verdict !== "refuse" && !closed(state),
  };
}

/** A finding of a stored decision as an object: {owner, version, rule, subject, consequence, state, reason, data}. */
export function finding(decision, row) {
  const [owner, version] = decision.books[row[0]];
  const [state, code, data] = row.length > 4 ? row.slice(4) : ["met", "met", {}];
  return { owner, version, rule: row[1], subject: row[2], consequence: row[3], state, reason: code, data };
}

function reasonsOf(ground, decision, books, switches, role, at) {
  const byCode = (book) => compile(book).rules.map((rule) => [`${book.owner}\0${rule.code}`, rule]);
  const ownerOf = (book) => (switches.includes(book.version) ? orderOf(book) : OWNERS[book.owner]);
  const rules = new Map(books.flatMap(byCode)), wanted = new Map(books.map((book) => [book.version, ownerOf(book)]));
  const rank = (found) => SEVERITY[found.consequence] * 2 + (found.state === "violated" ? 0 : 1);
  const found = decision.findings.map((row) => finding(decision, row)).sort((one, two) => rank(one) - rank(two));
  const stands = (one) => !["met", "waived"].includes(one.state) && rules.has(`${one.owner}\0${one.rule}`);
  return found.filter(stands).map((one) => {
    const rule = rules.get(`${one.owner}\0${one.rule}`), running = one.reason === "disinfection.contact_running";
    return {
      title: rule.title,
      detail: reason(one, placeOf(ground)),
      owner: wanted.get(one.version) ?? OWNERS[one.owner],
      why: rule.why,
      finding: one,
      overridable: mayOverride(rule, one.owner, one.consequence, role),
      until: running ? at + one.data.remaining_s * 1_000_000 : null,
    };
  });
}

const orderOf = ({ title }) => ({ zh: `${ORDER.zh}：${title.zh}`, en: `${ORDER.en}: ${title.en}` });

/** Whether `role` may waive a finding with this consequence: a shift lead never waives a refusal. */
export function mayOverride(rule, owner, consequence, role) {
  if (!(rule.overridable_by ?? []).includes(role)) return false;
  if (consequence !== "refuse") return true;
  return role !== "shift_lead" && (owner === "township" || role === "enterprise_admin");
}

/** How a gate is called that a rule names by its id; the id itself where it is not known. */
export const placeOf = (ground) => (id) => {
  const name = index(ground).gates.get(id)?.name ?? id;
  return { zh: name, en: name };
};
