"""Closed lists of codes with their names: what facts, parameters and answers may say."""

from __future__ import annotations

from typing import NamedTuple

from gatekeeper.rules.values import Text


class Choice(NamedTuple):
    """One code of a closed list and its name."""

    code: str
    label: Text


def _choices(*rows: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, Text(zh, en)) for code, zh, en in rows)


def label(choices: tuple[Choice, ...], code: str) -> Text:
    """The name of ``code``; the code itself where the list does not hold it."""
    for choice in choices:
        if choice.code == code:
            return choice.label
    return Text(code, code)


VISITOR_KINDS = _choices(
    ("truck", "货车", "truck"),
    ("van", "客车", "van or bus"),
    ("car", "小汽车", "car"),
    ("walk_in", "步行来访", "visitor on foot"),
    ("other", "其他车辆", "other vehicle"),
)
PLATE_CLASSES = _choices(
    ("emergency", "应急救援", "emergency"),
    ("new_energy_small", "小型新能源", "small new-energy"),
    ("new_energy_large", "大型新能源", "large new-energy"),
    ("trailer", "挂车", "trailer"),
    ("learner", "教练车", "learner"),
    ("police", "警车", "police"),
    ("hk_macao", "港澳入出境", "Hong Kong or Macao"),
    ("embassy", "使馆", "embassy"),
    ("consulate", "领馆", "consulate"),
    ("armed_police", "武警", "armed police"),
    ("military", "军车", "military"),
    ("ordinary", "普通号牌", "ordinary"),
    ("other", "其他号牌", "other"),
)
RISK_LEVELS = _choices(
    ("none", "无风险", "no risk"),
    ("low", "低风险", "low risk"),
    ("medium", "中风险", "medium risk"),
    ("high", "高风险", "high risk"),
)
"""In rising order."""
CARGO = _choices(
    ("empty", "空车", "empty"),
    ("cement_bulk", "散装水泥", "bulk cement"),
    ("cement_bagged", "袋装水泥", "bagged cement"),
    ("clinker", "熟料", "clinker"),
    ("limestone", "石灰石", "limestone"),
    ("coal", "煤炭", "coal"),
    ("gypsum", "石膏", "gypsum"),
    ("fly_ash", "粉煤灰", "fly ash"),
    ("slag", "矿渣", "slag"),
    ("metal", "金属材料", "metal"),
    ("hardware", "五金制品", "hardware"),
    ("yarn", "纱线", "yarn"),
    ("fabric", "布料", "fabric"),
    ("garments", "服装", "garments"),
    ("dyes", "染料助剂", "dyes and auxiliaries"),
    ("packaging", "包装材料", "packaging"),
    ("parts", "机器配件", "machine parts"),
    ("food", "食品", "food"),
    ("livestock", "活畜禽", "livestock"),
    ("feed", "饲料", "feed"),
    ("dangerous", "危险货物", "dangerous goods"),
    ("waste", "废料", "waste"),
    ("parcel", "快递包裹", "parcels"),
    ("other", "其他货物", "other cargo"),
)
PURPOSES = _choices(
    ("deliver", "送货", "to deliver"),
    ("collect", "提货", "to collect"),
    ("meeting", "洽谈公务", "a meeting"),
    ("repair", "检修施工", "repair or construction"),
    ("inspection", "检查督导", "an inspection"),
    ("interview", "应聘面试", "a job interview"),
    ("private", "私人来访", "a private visit"),
    ("other", "其他事由", "another purpose"),
)
STAGES = _choices(
    ("before_arrival", "到达前", "before arrival"),
    ("arrival", "进厂", "arrival"),
    ("on_site", "在厂", "on site"),
    ("exit", "离厂", "exit"),
)
SUBJECTS = _choices(
    ("visit", "整次来访", "the visit"),
    ("tractor", "车辆（车头）", "the vehicle (tractor)"),
    ("trailer", "挂车", "each trailer"),
    ("occupant", "每位人员", "each person"),
)
CONSEQUENCES = _choices(("note", "仅记录", "note only"), ("hold", "待定", "hold"), ("refuse", "劝返", "turn away"))
VERDICTS = _choices(("admit", "放行", "admit"), ("hold", "待定", "hold"), ("refuse", "劝返", "turn away"))
OWNERS = _choices(("township", "镇街", "township"), ("enterprise", "企业", "enterprise"))
OVERRIDE_ROLES = _choices(
    ("shift_lead", "班长", "shift lead"),
    ("enterprise_admin", "企业管理员", "enterprise admin"),
    ("township_admin", "镇街管理员", "township admin"),
)
EVIDENCE = _choices(("photo", "照片", "photo"), ("signature", "签字", "signature"), ("document", "单据", "document"))
PERSONAL = _choices(
    ("health", "健康信息", "health details"),
    ("photo", "照片", "photos"),
    ("contact", "姓名和手机号", "names and phones"),
    ("identity", "证件号码", "document numbers"),
    ("plate", "车牌", "plates"),
    ("note", "文字说明", "free text"),
)
"""Classes of personal values; each is kept for its own time (``retention.py``)."""
COLOURS = _choices(
    ("green", "绿码", "green"), ("yellow", "黄码", "yellow"), ("red", "红码", "red"), ("none", "无码", "no code")
)
RESULTS = _choices(
    ("negative", "阴性", "negative"),
    ("positive", "阳性", "positive"),
    ("pending", "结果未出", "no result yet"),
    ("none", "没有做", "not taken"),
)
AGENTS = _choices(
    ("chlorine", "含氯消毒剂", "chlorine disinfectant"),
    ("peracetic_acid", "过氧乙酸", "peracetic acid"),
    ("hydrogen_peroxide", "过氧化氢", "hydrogen peroxide"),
    ("quaternary_ammonium", "季铵盐", "quaternary ammonium"),
    ("peroxymonosulfate", "过硫酸氢钾", "potassium peroxymonosulfate"),
    ("glutaraldehyde", "戊二醛", "glutaraldehyde"),
    ("iodophor", "碘伏", "iodophor"),
    ("alcohol", "75% 酒精", "75 % alcohol"),
)
DOCUMENTS = _choices(
    ("waybill", "运单", "waybill"),
    ("delivery_note", "送货单", "delivery note"),
    ("loading_order", "提货单", "loading order"),
    ("weigh_slip", "磅单", "weigh slip"),
    ("packing_list", "装箱单", "packing list"),
    ("quality_certificate", "质检单", "quality certificate"),
    ("quarantine_certificate", "检疫证明", "quarantine certificate"),
    ("customs_declaration", "报关单", "customs declaration"),
)
METHODS = _choices(
    ("box", "交接箱", "handoff box"),
    ("contact_free", "无接触传递", "without contact"),
    ("electronic", "电子单据", "electronic"),
    ("by_hand", "当面递交", "by hand"),
)
FORMATS = _choices(("free", "不限", "anything"), ("vin", "车架号", "VIN"), ("engine_no", "发动机号", "engine number"))
"""What a written text is checked as."""
GATE_KINDS = _choices(("logistics", "货车门", "gates for trucks"), ("people", "非货车门", "gates without trucks"))
"""The kinds of gate that the program tells apart: by whether trucks are accepted there."""
LEADS = _choices(("hours", "小时", "hours"), ("calendar_days", "自然日", "calendar days"))
