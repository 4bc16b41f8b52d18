"""What the rules say to people: a rule, the reason of a finding, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gatekeeper.rules.saying import Part, Place, Sentence, code_itself, duration, said
from gatekeeper.rules.sentences import demand, phrase, sentence
from gatekeeper.rules.values import Consequence, Decision, Finding, Rule, Stage, State, Text, Verdict

__all__ = ["REASONS", "Reason", "demand", "duration", "next_step", "phrase", "reason", "sentence"]


class Reason(NamedTuple):
    """A reason code: what it means, and its sentence for the numbers of a finding; None where there are none."""

    meaning: Text
    sentence: Sentence | None = None


def _reason(zh: str, en: str, *parts: Part) -> Reason:
    return Reason(Text(zh, en), Sentence(parts) if parts else None)


DISINFECTED = (
    Part("不符合：{wrong}", "Not as required: {wrong}", ("wrong?",)),
    Part("还缺：{lacking}", "Still lacking: {lacking}", ("lacking?",)),
    Part("还差 {remaining_s}", "{remaining_s} to go", ("remaining_s?",)),
    Part("少了 {short_s}", "{short_s} too short", ("short_s?",)),
)
HANDED_OVER = (
    Part("交接方式不符合，应为：{methods}", "Not an allowed way; allowed: {methods}", ("methods?",)),
    Part("缺少单据：{documents}", "Papers lacking: {documents}", ("documents?",)),
    Part("{sides}还没有确认", "Not confirmed by {sides}", ("sides?",)),
)

REASONS: Mapping[str, Reason] = {
    "met": _reason("符合要求", "As required"),
    "fact.missing": _reason(
        "条件所需的情况还不知道",
        "A fact the rule needs is not known",
        Part("还不知道：{facts}", "Not known yet: {facts}"),
    ),
    "people.missing": _reason("还没有登记人员", "The people are not noted yet"),
    "answer.missing": _reason("还没有查验", "Not checked yet"),
    "answer.unreadable": _reason("查验记录不完整，请重新填写", "The answer is not complete: please answer again"),
    "confirm.denied": _reason("不符合要求", "Not as required"),
    "number.above": _reason(
        "读数高于上限",
        "The number is above the limit",
        Part("高于上限 {limit}", "Above {limit}", ("inclusive",)),
        Part("达到或高于 {limit}", "Not below {limit}", ("!inclusive",)),
    ),
    "number.below": _reason(
        "读数低于下限",
        "The number is below the limit",
        Part("低于下限 {limit}", "Below {limit}", ("inclusive",)),
        Part("没有超过 {limit}", "Not above {limit}", ("!inclusive",)),
    ),
    "choice.not_accepted": _reason("所选的一项不合格", "The option chosen is not accepted"),
    "text.format": _reason("填写的号码格式不对", "The number is not written as it should be"),
    "certificate.expired": _reason(
        "证件过期",
        "The certificate is not valid long enough",
        Part("证件已过有效期", "The certificate is no longer valid", ("!spare_days",)),
        Part(
            "证件剩下的有效期不到 {spare_days} 天",
            "The certificate is valid for less than {spare_days} days more",
            ("spare_days",),
        ),
    ),
    "code.not_accepted": _reason("出示的码不符合要求", "The code shown is not accepted"),
    "code.expired": _reason("出示的码已过有效期", "The code shown is no longer valid"),
    "code.validity_missing": _reason("还没有记下码的有效期", "The validity of the code is not noted"),
    "test.not_accepted": _reason("检测结果不符合要求", "The test result is not accepted"),
    "test.none": _reason("没有做检测", "No test was taken"),
    "test.too_old": _reason(
        "检测超过时限",
        "The test is too old",
        Part("检测已超过 {within_hours} 小时", "The test is older than {within_hours} h"),
    ),
    "test.pending": _reason("检测结果还没有出来", "The test result is not known yet"),
    "test.in_future": _reason("采样时间晚于现在，请核对", "The sampling time lies in the future: please check"),
    "test.alternative_missing": _reason(
        "没有时限内的阴性结果，等另一项检测",
        "No negative result in time; the other test is due",
        Part(
            "没有 {within_hours} 小时内的阴性结果，请做另一项检测（{alternative_within_hours} 小时内有效）",
            "No negative result within {within_hours} h: "
            "take the other test now (good for {alternative_within_hours} h)",
        ),
    ),
    "stay_in_cab.unattested": _reason(
        "还没有确认司机是否下车",
        "Not attested yet that the driver stayed in the cab",
        Part("还没有确认司机没有下车：{at}", "Still to attest that the driver stayed in the cab: {at}"),
    ),
    "stay_in_cab.left": _reason(
        "司机下了车", "The driver left the cab", Part("司机下了车：{at}", "The driver left the cab: {at}")
    ),
    "disinfection.wrong": _reason("消杀不符合要求", "Not disinfected as required", *DISINFECTED),
    "disinfection.contact_running": _reason(
        "消杀作用时间未到",
        "The contact time is running",
        Part("消杀作用时间还差 {remaining_s}", "The disinfectant needs {remaining_s} more"),
    ),
    "disinfection.incomplete": _reason("消杀记录不完整", "The disinfection is not complete", *DISINFECTED),
    "handoff.method": _reason("交接方式不符合", "Handed over in a way that is not allowed", *HANDED_OVER),
    "handoff.incomplete": _reason("单据或确认不齐", "Papers or confirmations are lacking", *HANDED_OVER),
    "registered.none": _reason("没有报备", "Not registered"),
    "registered.other_day": _reason("报备的不是今天", "Registered for another day"),
    "registered.late": _reason(
        "报备不够提前",
        "Registered too late",
        Part(
            "须提前 {lead} 天报备，还差 {short_days} 天",
            "To be announced {lead} days ahead, {short_days} short",
            ("short_days?",),
        ),
        Part(
            "须提前 {lead} 小时报备，还差 {short_s}",
            "To be announced {lead} h ahead, {short_s} short",
            ("!short_days?",),
        ),
    ),
    "registered.not_approved": _reason(
        "报备未经审批", "Registration not approved yet", Part("报备还没有经{by}审批", "Not approved yet by {by}")
    ),
    "dwell.over": _reason(
        "停留超时",
        "Stayed too long",
        Part("在厂超过 {minutes}，多了 {over_s}", "Longer on site than {minutes}, by {over_s}"),
    ),
    "visits.over": _reason(
        "来得太多",
        "Came too often",
        Part("7 天内已经来过 {most} 次或更多", "Has come {most} times or more in seven days"),
    ),
    "gate.not_allowed": _reason(
        "走错门岗", "The wrong gate", Part("走错门岗，请走：{where}", "The wrong gate; use: {where}")
    ),
}
"""Every reason code a finding may carry. Codes never change; their wording may."""


def reason(finding: Finding, rule: Rule | None = None, *, place: Place = code_itself) -> Text:
    """Why the finding stands as it does, numbers in words; after the rule's title where ``rule`` is given."""
    found = _said(REASONS.get(finding.reason) or Reason(code_itself(finding.reason)), finding, place)
    if finding.state is State.WAIVED:
        found = Text(f"{found.zh}（已准予例外）", f"{found.en} (lawfully waived)")
    return found if rule is None else Text(f"{rule.title.zh}：{found.zh}", f"{rule.title.en}: {found.en}")


def _said(known: Reason, finding: Finding, place: Place) -> Text:
    try:
        return (known.sentence and said(known.sentence, finding.data, place)) or known.meaning
    except (KeyError, TypeError):  # data of an older program: the meaning still stands
        return known.meaning


ADMITTED: Mapping[Stage, Text] = {
    Stage.BEFORE_ARRIVAL: Text("符合要求，可以按报备的时间来访", "All right: come at the registered time"),
    Stage.ARRIVAL: Text("可以放行，请抬杆并告知去向", "Admit: open the barrier and say where to go"),
    Stage.ON_SITE: Text("在厂情况正常，无需处理", "All well on site, nothing to do"),
    Stage.EXIT: Text("可以离厂，请抬杆", "May leave: open the barrier"),
}
HELD = Text(
    "先不放行：请车辆靠边等候，报告班长处理", "Do not admit: let the vehicle wait aside and call the shift lead"
)
HELD_INSIDE = Text("请报告班长，处理好再离厂", "Call the shift lead and settle it before the visit leaves")
REFUSED = Text("请劝返：向司机说明原因，引导车辆掉头离开", "Turn away: tell the driver why and guide the vehicle out")
REFUSED_INSIDE = Text(
    "已在厂内：立即报告班长和企业管理员", "Already inside: report to shift lead and enterprise admin at once"
)

ASK = Sentence((Part("请先问清：{facts}", "First ask for: {facts}"),))
GO_ON = Sentence((Part("还有 {count} 项要查，请继续", "{count} still to check, please go on"),))
WAITS: Mapping[str, Text] = {
    "disinfection.contact_running": Text("请等候", "Please wait"),
    "registered.not_approved": Text("请联系审批人", "Please call who approves"),
}
"""What to do where waiting is all that is left."""


def next_step(decision: Decision) -> Text:
    """What the guard does next, in one sentence."""
    inside = decision.stage in (Stage.ON_SITE, Stage.EXIT)
    if decision.verdict is Verdict.ADMIT:
        return ADMITTED[decision.stage]
    if decision.verdict is Verdict.REFUSE:
        return REFUSED_INSIDE if inside else REFUSED
    facts = [item.question for item in decision.open if item.kind == "fact"]
    if facts:
        return said(ASK, {"facts": facts}) or HELD
    if decision.open:
        return said(GO_ON, {"count": len(decision.open)}) or HELD
    return _waiting(decision) or (HELD_INSIDE if inside else HELD)


def _waiting(decision: Decision) -> Text | None:
    """What to wait for, where waiting is all that is left."""
    holding = [
        finding
        for finding in decision.findings
        if finding.state in (State.MISSING, State.VIOLATED) and finding.consequence is not Consequence.NOTE
    ]
    if not holding or any(finding.reason not in WAITS for finding in holding):
        return None
    first = max(holding, key=lambda finding: int(finding.data.get("remaining_s", 0)))
    why, what = reason(first), WAITS[first.reason]
    return Text(f"{what.zh}：{why.zh}", f"{what.en}: {why.en}")
