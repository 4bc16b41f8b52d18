"""What the rules say to people: a rule, the reason of a finding, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.demands import gates
from gatekeeper.rules.kinds import UNITS
from gatekeeper.rules.sentences import Place, code_itself, demand, duration, joined, names, phrase, sentence
from gatekeeper.rules.values import Consequence, Decision, Finding, Rule, Stage, State, Text, Verdict
from gatekeeper.rules.vocabulary import DOCUMENTS, METHODS, STAGES

__all__ = ["REASONS", "Reason", "demand", "duration", "next_step", "phrase", "reason", "sentence"]

Data = Mapping[str, Any]


class Reason(NamedTuple):
    """A reason code: what it means (for the documentation) and its sentence for the numbers of a finding."""

    meaning: Text
    say: Callable[[Data, Place], Text]


def _plain(zh: str, en: str) -> Reason:
    said = Text(zh, en)
    return Reason(said, lambda data, place: said)


def _limit(data: Data, zh: tuple[str, str], en: tuple[str, str]) -> Text:
    unit, at = UNITS[data["unit"]], 0 if data["inclusive"] else 1
    number = unit.say(data["limit"])
    return Text(f"{zh[at]} {number}{unit.symbol.zh}", f"{en[at]} {number}{unit.symbol.en}")


def _facts(data: Data, place: Place) -> Text:
    said = joined([FACTS[name].label for name in data.get("facts", ()) if name in FACTS])
    return Text(f"还不知道：{said.zh}", f"Not known yet: {said.en}")


def _too_old(data: Data, place: Place) -> Text:
    hours = data["within_hours"]
    return Text(f"检测已超过 {hours} 小时", f"The test is older than {hours} h")


def _alternative(data: Data, place: Place) -> Text:
    one, two = data["within_hours"], data["alternative_within_hours"]
    return Text(
        f"没有 {one} 小时内的阴性结果，请做另一项检测（{two} 小时内有效）",
        f"No negative result within {one} h: take the other test now (good for {two} h)",
    )


def _stages(zh: str, en: str) -> Callable[[Data, Place], Text]:
    def say(data: Data, place: Place) -> Text:
        when = names(data.get("at", ()), STAGES)
        return Text(f"{zh}：{when.zh}", f"{en}: {when.en}")

    return say


PARTS: Mapping[str, Text] = {
    "agent": Text("消毒剂", "agent"),
    "dilution": Text("稀释倍数", "dilution"),
    "clothing": Text("防护服", "protective clothing"),
    "contact": Text("作用时间", "contact time"),
    "operator": Text("消杀人员", "operator"),
    "start": Text("开始时间", "start time"),
}


def _disinfection(data: Data, place: Place) -> Text:
    zh, en = [], []
    for key, zh_word, en_word in (("wrong", "不符合", "Not as required"), ("lacking", "还缺", "Still lacking")):
        if data.get(key):
            said = joined([PARTS[part] for part in data[key] if part in PARTS])
            zh.append(f"{zh_word}：{said.zh}")
            en.append(f"{en_word}: {said.en}")
    if "remaining_s" in data:
        left = duration(data["remaining_s"])
        zh.append(f"还差 {left.zh}")
        en.append(f"{left.en} to go")
    if "short_s" in data:
        short = duration(data["short_s"])
        zh.append(f"少了 {short.zh}")
        en.append(f"{short.en} too short")
    return Text("；".join(zh), "; ".join(en))


def _running(data: Data, place: Place) -> Text:
    left = duration(data["remaining_s"])
    return Text(f"消杀作用时间还差 {left.zh}", f"The disinfectant needs {left.en} more")


def _handoff(data: Data, place: Place) -> Text:
    zh, en = [], []
    if data.get("methods"):
        ways = names(data["methods"], METHODS)
        zh.append(f"交接方式不符合，应为：{ways.zh}")
        en.append(f"Not an allowed way; allowed: {ways.en}")
    if data.get("documents"):
        papers = names(data["documents"], DOCUMENTS)
        zh.append(f"缺少单据：{papers.zh}")
        en.append(f"Papers lacking: {papers.en}")
    sides = {"given": Text("交方", "the giver"), "received": Text("收方", "the receiver")}
    if data.get("sides"):
        said = joined([sides[side] for side in data["sides"] if side in sides])
        zh.append(f"{said.zh}还没有确认")
        en.append(f"Not confirmed by {said.en}")
    return Text("；".join(zh), "; ".join(en))


def _late(data: Data, place: Place) -> Text:
    lead = data["lead"]
    if "short_days" in data:
        days = data["short_days"]
        return Text(f"须提前 {lead} 天报备，还差 {days} 天", f"To be announced {lead} days ahead, {days} short")
    short = duration(data["short_s"])
    return Text(f"须提前 {lead} 小时报备，还差 {short.zh}", f"To be announced {lead} h ahead, {short.en} short")


def _approval(data: Data, place: Place) -> Text:
    who = {"enterprise": Text("企业", "the enterprise"), "township": Text("镇街", "the township")}
    said = joined([who[by] for by in data.get("by", ()) if by in who])
    return Text(f"报备还没有经{said.zh}审批", f"Not approved yet by {said.en}")


def _over(data: Data, place: Place) -> Text:
    most, over = duration(data["minutes"] * 60), duration(data["over_s"])
    return Text(f"在厂超过 {most.zh}，多了 {over.zh}", f"Longer on site than {most.en}, by {over.en}")


def _expired(data: Data, place: Place) -> Text:
    spare = data["spare_days"]
    if not spare:
        return Text("证件已过有效期", "The certificate is no longer valid")
    return Text(f"证件剩下的有效期不到 {spare} 天", f"The certificate is valid for less than {spare} days more")


def _visits(data: Data, place: Place) -> Text:
    most = data["most"]
    return Text(f"7 天内已经来过 {most} 次或更多", f"Has come {most} times or more in seven days")


def _gate(data: Data, place: Place) -> Text:
    right = gates(data.get("gates", ()), data.get("gate_kinds", ()), place)
    return Text(f"走错门岗，请走：{right.zh}", f"The wrong gate; use: {right.en}")


REASONS: Mapping[str, Reason] = {
    "met": _plain("符合要求", "As required"),
    "fact.missing": Reason(Text("条件所需的情况还不知道", "A fact the rule needs is not known"), _facts),
    "people.missing": _plain("还没有登记人员", "The people are not noted yet"),
    "answer.missing": _plain("还没有查验", "Not checked yet"),
    "answer.unreadable": _plain("查验记录不完整，请重新填写", "The answer is not complete: please answer again"),
    "confirm.denied": _plain("不符合要求", "Not as required"),
    "number.above": Reason(
        Text("读数高于上限", "The number is above the limit"),
        lambda data, place: _limit(data, ("高于上限", "达到或高于"), ("Above", "Not below")),
    ),
    "number.below": Reason(
        Text("读数低于下限", "The number is below the limit"),
        lambda data, place: _limit(data, ("低于下限", "没有超过"), ("Below", "Not above")),
    ),
    "choice.not_accepted": _plain("所选的一项不合格", "The option chosen is not accepted"),
    "text.format": _plain("填写的号码格式不对", "The number is not written as it should be"),
    "certificate.expired": Reason(Text("证件过期", "The certificate is not valid long enough"), _expired),
    "code.not_accepted": _plain("出示的码不符合要求", "The code shown is not accepted"),
    "code.expired": _plain("出示的码已过有效期", "The code shown is no longer valid"),
    "code.validity_missing": _plain("还没有记下码的有效期", "The validity of the code is not noted"),
    "test.not_accepted": _plain("检测结果不符合要求", "The test result is not accepted"),
    "test.none": _plain("没有做检测", "No test was taken"),
    "test.too_old": Reason(Text("检测超过时限", "The test is too old"), _too_old),
    "test.pending": _plain("检测结果还没有出来", "The test result is not known yet"),
    "test.in_future": _plain("采样时间晚于现在，请核对", "The sampling time lies in the future: please check"),
    "test.alternative_missing": Reason(
        Text("没有时限内的阴性结果，等另一项检测", "No negative result in time; the other test is due"), _alternative
    ),
    "stay_in_cab.unattested": Reason(
        Text("还没有确认司机是否下车", "Not attested yet that the driver stayed in the cab"),
        _stages("还没有确认司机没有下车", "Still to attest that the driver stayed in the cab"),
    ),
    "stay_in_cab.left": Reason(
        Text("司机下了车", "The driver left the cab"), _stages("司机下了车", "The driver left the cab")
    ),
    "disinfection.wrong": Reason(Text("消杀不符合要求", "Not disinfected as required"), _disinfection),
    "disinfection.contact_running": Reason(Text("消杀作用时间未到", "The contact time is running"), _running),
    "disinfection.incomplete": Reason(Text("消杀记录不完整", "The disinfection is not complete"), _disinfection),
    "handoff.method": Reason(Text("交接方式不符合", "Handed over in a way that is not allowed"), _handoff),
    "handoff.incomplete": Reason(Text("单据或确认不齐", "Papers or confirmations are lacking"), _handoff),
    "registered.none": _plain("没有报备", "Not registered"),
    "registered.other_day": _plain("报备的不是今天", "Registered for another day"),
    "registered.late": Reason(Text("报备不够提前", "Registered too late"), _late),
    "registered.not_approved": Reason(Text("报备未经审批", "Registration not approved yet"), _approval),
    "dwell.over": Reason(Text("停留超时", "Stayed too long"), _over),
    "visits.over": Reason(Text("来得太多", "Came too often"), _visits),
    "gate.not_allowed": Reason(Text("走错门岗", "The wrong gate"), _gate),
}
"""Every reason code a finding may carry. Codes never change; their wording may."""


def reason(finding: Finding, rule: Rule | None = None, *, place: Place = code_itself) -> Text:
    """Why the finding stands as it does, numbers in words; after the rule's title where ``rule`` is given."""
    known = REASONS.get(finding.reason)
    try:
        said = known.say(finding.data, place) if known else Text(finding.reason, finding.reason)
    except (KeyError, TypeError):  # data of an older program: the meaning still stands
        said = known.meaning if known else Text(finding.reason, finding.reason)
    if finding.state is State.WAIVED:
        said = Text(f"{said.zh}（已准予例外）", f"{said.en} (lawfully waived)")
    return said if rule is None else Text(f"{rule.title.zh}：{said.zh}", f"{rule.title.en}: {said.en}")


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


def next_step(decision: Decision) -> Text:
    """What the guard does next, in one sentence."""
    inside = decision.stage in (Stage.ON_SITE, Stage.EXIT)
    if decision.verdict is Verdict.ADMIT:
        return ADMITTED[decision.stage]
    if decision.verdict is Verdict.REFUSE:
        return REFUSED_INSIDE if inside else REFUSED
    facts = [item.question for item in decision.open if item.kind == "fact"]
    if facts:
        said = joined([FACTS[name].label for name in facts if name in FACTS])
        return Text(f"请先问清：{said.zh}", f"First ask for: {said.en}")
    if decision.open:
        count = len(decision.open)
        return Text(f"还有 {count} 项要查，请继续", f"{count} still to check, please go on")
    return _waiting(decision) or (HELD_INSIDE if inside else HELD)


def _waiting(decision: Decision) -> Text | None:
    """What to wait for, where waiting is all that is left."""
    holding = [
        finding
        for finding in decision.findings
        if finding.state in (State.MISSING, State.VIOLATED) and finding.consequence is not Consequence.NOTE
    ]
    waits = {
        "disinfection.contact_running": Text("请等候", "Please wait"),
        "registered.not_approved": Text("请联系审批人", "Please call who approves"),
    }
    if not holding or any(finding.reason not in waits for finding in holding):
        return None
    first = max(holding, key=lambda finding: int(finding.data.get("remaining_s", 0)))
    why, what = reason(first), waits[first.reason]
    return Text(f"{what.zh}：{why.zh}", f"{what.en}: {why.en}")
