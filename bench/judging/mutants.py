"""Faults to plant in the interpreter of the desk, one at a time: of each operator, each kind, the decision itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from bench.judging.interpreters import DESK


class Mutant(NamedTuple):
    """In ``file`` the text ``old``, which stands there once, becomes ``new``."""

    name: str
    file: str
    old: str
    new: str


CLAUSES, DECIDE, QUESTIONS = "rules/clauses.js", "rules.js", "rules/questions.js"
PLAIN, PAPERS, HEALTH = (f"rules/kinds/{name}.js" for name in ("plain", "papers", "health"))
HANDLING, KNOWN, SHAPE = (f"rules/kinds/{name}.js" for name in ("handling", "known", "shape"))

OPERATORS = (
    Mutant("eq", CLAUSES, "value === wanted : null", "value !== wanted : null"),
    Mutant("ne", CLAUSES, "value !== wanted : null", "value === wanted : null"),
    Mutant("in", CLAUSES, "? wanted.includes(value)", "? wanted[0] === value"),
    Mutant("not_in", CLAUSES, "? !wanted.includes(value)", "? wanted[0] !== value"),
    Mutant("at_least of a level", CLAUSES, "rank >= RISING.indexOf(wanted)", "rank > RISING.indexOf(wanted)"),
    Mutant("at_most of a level", CLAUSES, "rank <= RISING.indexOf(wanted)", "rank < RISING.indexOf(wanted)"),
    Mutant("at_least of a number", CLAUSES, "value >= wanted", "value > wanted"),
    Mutant("at_most of a number", CLAUSES, "value <= wanted", "value < wanted"),
    Mutant("within", CLAUSES, "place(wanted, true,", "place(wanted.slice(0, 1), true,"),
    Mutant("not_within", CLAUSES, "place(wanted, false,", "place(wanted.slice(0, 1), false,"),
    Mutant("one place", CLAUSES, "lies(value) === inside : null", "regions.includes(value) === inside : null"),
    Mutant("places passed", CLAUSES, "value.some(lies)", "value.every(lies)"),
    Mutant("a province covers its cities", CLAUSES, "return code.slice(0, 2)", "return code.slice(0, 4)"),
    Mutant("a city covers its counties", CLAUSES, "code.slice(0, 4) : code", "code.slice(0, 6) : code"),
    Mutant("a county covers its towns", CLAUSES, "region.slice(0, 6) : region", "region : region"),
    Mutant("what is false decides", CLAUSES, "if (holds === false) return null", "if (holds === false) return missing"),
    Mutant(
        "what is not known waits",
        CLAUSES,
        "value === null ? null : test(value)",
        "value === null ? false : test(value)",
    ),
    Mutant("what cannot be compared", CLAUSES, "Number.isInteger(value) ? holds(value) : null", "holds(value)"),
    Mutant("a fact is missing once", CLAUSES, " && !missing.includes(fact)", ""),
    Mutant("who is asked for a fact", CLAUSES, "ask.slice(0, 1)", "ask.slice(-1)"),
)

KINDS = (
    Mutant("confirm", PLAIN, 'answer.ok === false ? violated("confirm.denied") :', "false ? 0 :"),
    Mutant("number above", PLAIN, "n > max ||", "n > max + 1 ||"),
    Mutant("number at its upper limit", PLAIN, "n === max && !max_inclusive", "n === max && max_inclusive"),
    Mutant("number below", PLAIN, "n < min ||", "n < min - 1 ||"),
    Mutant("number at its lower limit", PLAIN, "n === min && !min_inclusive", "n === min && min_inclusive"),
    Mutant("number that is none", PLAIN, "!Number.isInteger(n)", "false"),
    Mutant("choice", PLAIN, "accepted.includes(code) ? MET", "true ? MET"),
    Mutant("choice not offered", PLAIN, "!options.some((option) => option.code === code)", "false"),
    Mutant("photo", PLAIN, "[0-9a-f]{64}$/", "[0-9a-fA-F]{64}/"),
    Mutant("text as a VIN", PAPERS, "[A-HJ-NPR-Z0-9]", "[A-Z0-9]"),
    Mutant("text as an engine number", PAPERS, "{4,20}", "{3,21}"),
    Mutant("text in small letters", PAPERS, "{17}$/i", "{17}$/"),
    Mutant("text too long", PAPERS, "[...said].length > longest", "said.length > longest"),
    Mutant("text of blanks", SHAPE, "[\\t-\\r\\x1c-\\x20", "[\\t-\\r\\x20\\ufeff"),
    Mutant("certificate", PAPERS, "until < moment", "until <= moment"),
    Mutant("certificate with days to spare", PAPERS, " + spare * DAY", ""),
    Mutant("code_check of a colour", HEALTH, "!rule.params.accepted.includes(colour)", "false"),
    Mutant("code_check of validity", HEALTH, "until <= moment", "until < moment"),
    Mutant("code_check without validity", HEALTH, "rule.params.valid_until_required &&", "false &&"),
    Mutant("test exactly as old as it may be", HEALTH, "<= hours * HOUR", "< hours * HOUR"),
    Mutant("test in the future", HEALTH, "sampled > at", "sampled > when"),
    Mutant("test in place of another", HEALTH, 'first === "fresh" || other === "fresh"', 'first === "fresh"'),
    Mutant("test in place, positive", HEALTH, 'first === "positive" || other', "other"),
    Mutant("test that is pending", HEALTH, 'unanswered(rule, "test.pending")', 'violated("test.pending")'),
    Mutant("arrival judged at admission", SHAPE, "Number.isInteger(admitted) && admitted < at", "false"),
    Mutant("stay_in_cab", HANDLING, "stayed(one) === false)", "stayed(one) !== true)"),
    Mutant("stay_in_cab attested by now", HANDLING, "STAGES.indexOf(when) <= STAGES", "STAGES.indexOf(when) < STAGES"),
    Mutant("disinfection agent", HANDLING, "!params.agents.includes(agent)", "params.agents[0] !== agent"),
    Mutant("disinfection dilution", HANDLING, "dilution > params.dilution", "dilution >= params.dilution"),
    Mutant("disinfection exact dilution", HANDLING, "(exact && ", "(false && "),
    Mutant("disinfection clothing", HANDLING, "clothing === false ? wrong", "clothing === null ? wrong"),
    Mutant("disinfection operator", HANDLING, " && !isBlank(operator)", ""),
    Mutant("disinfection contact", HANDLING, "if (short <= 0)", "if (short < 0)"),
    Mutant("disinfection contact not begun", HANDLING, "Math.max(0, (ended", "Math.max(-9e9, (ended"),
    Mutant("disinfection running", HANDLING, "lacking.length === 1", "lacking.length >= 1"),
    Mutant("document_handoff documents", HANDLING, "!given.includes(code)", "false"),
    Mutant("document_handoff sides", HANDLING, "both && answer[side] !== true", "both && answer[side] === false"),
    Mutant("document_handoff way", HANDLING, "!methods.includes(answer.method)", "methods[0] !== answer.method"),
    Mutant("registered day", KNOWN, "iso(today) !== (registration.day ?? null)", "false"),
    Mutant("registered in Shanghai", KNOWN, "floored(micros + SHANGHAI, DAY)", "floored(micros, DAY)"),
    Mutant("registered before 1970", SHAPE, "- (rest < 0 ? 1 : 0)", ""),
    Mutant("registered hours ahead", KNOWN, "return short > 0 ? {", "return short >= 0 ? {"),
    Mutant("registered days ahead", KNOWN, "days < lead ?", "days <= lead ?"),
    Mutant("registered approvals", KNOWN, "rule.params[wanted] && ", ""),
    Mutant("dwell_limit", KNOWN, "over <= 0 ? MET", "over < 0 ? MET"),
    Mutant("dwell_limit after leaving", KNOWN, "(Number.isInteger(left) ? left : at) - admitted", "at - admitted"),
    Mutant("a started second is a whole one", SHAPE, "micros + MICRO - 1, MICRO", "micros, MICRO"),
    Mutant("visit_limit", KNOWN, "count >= most", "count > most"),
    Mutant("gate_allowed", KNOWN, "gates.includes(facts.gate) ||", "gates[0] === facts.gate ||"),
    Mutant("gate_allowed by kind", KNOWN, "kinds.includes(facts.gate_kind)) return", "false) return"),
    Mutant("gate_allowed unknown", KNOWN, "gates.length > 0 && !isText(facts.gate)", "!isText(facts.gate)"),
)  # fmt: skip

DECISION = (
    Mutant("the severest wins", DECIDE, "Math.max(worst, SEVERITY[consequence])", "SEVERITY[consequence]"),
    Mutant("what is missing never refuses", DECIDE, 'state === "missing" ? rule.missing : ', ""),
    Mutant("what is missing of a note", "rules/compiled.js", 'row.consequence === "note" ? "note" : "hold"', '"hold"'),
    Mutant("a waiver of one subject", "rules/evidence.js", "waivers.has(`${owner}\\0${rule}\\0${subject}`)", "false"),
    Mutant("a waiver of all subjects", "rules/evidence.js", " || waivers.has(`${owner}\\0${rule}`)", ""),
    Mutant("people are not known", DECIDE, 'rule.subject === "occupant"', "false"),
    Mutant("asked once", DECIDE, "if (!open.has(key)) ", ""),
    Mutant("stages up to this one", "rules/compiled.js", "<= rank", "=== rank"),
    Mutant("what a rulebook leaves out", "rules/compiled.js", " ?? value", " ?? (value === true ? false : value)"),
    Mutant("trailers", "rules/evidence.js", "subject.startsWith(`${kind}:`)", "subject.startsWith(`${kind}:1`)"),
)

ASKED = (
    Mutant("a question asked by two", QUESTIONS, "? together(found.get(key), one) : one", "? found.get(key) : one"),
    Mutant("the earlier stage", QUESTIONS, "STAGES[Math.min(", "STAGES[Math.max("),
    Mutant("any of both", QUESTIONS, "one || two", "one && two"),
    Mutant("all of both", QUESTIONS, "one && two", "one || two"),
    Mutant("what both accept", QUESTIONS, "one.filter((item) => two.includes(item))", "one"),
    Mutant(
        "what one of both wants",
        QUESTIONS,
        "[...one, ...two.filter((item) => !one.some((other) => same(item, other)))]",
        "one",
    ),
    Mutant("an alternative that is needed", QUESTIONS, "at !== null && ", "false && "),
    Mutant("who must be counted", QUESTIONS, 'if (rule.subject === "occupant")', "if (false)"),
)

MUTANTS = (*OPERATORS, *KINDS, *DECISION, *ASKED)


def plant(mutant: Mutant, folder: Path) -> Path:
    """A copy of the interpreter in ``folder`` with the fault in it; raises ``ValueError`` where its text is not found
    exactly once."""
    shutil.copytree(DESK, folder)
    path = folder / mutant.file
    text = path.read_text("utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: “{mutant.old}” stands {text.count(mutant.old)} times in {mutant.file}")
    path.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    return folder / "rules.js"
