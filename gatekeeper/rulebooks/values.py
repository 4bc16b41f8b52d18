"""What each kind of rule is for, in one sentence, for who has to choose one."""

from __future__ import annotations

from gatekeeper.rules.values import Text

ABOUT: dict[str, Text] = {
    "confirm": Text("门卫看一眼、问一句，答是或否", "The guard looks or asks: yes or no"),
    "number": Text("读数有上限或下限，如体温、重量", "A reading with limits, such as a temperature or a weight"),
    "choice": Text("从几个选项里选，如去哪个区", "One of several options, such as the zone to go to"),
    "photo": Text("拍一张照片存证", "A picture is kept"),
    "text": Text("照着证件抄一项，如车架号", "Something copied from papers, such as a VIN"),
    "certificate": Text("证件到哪天有效、还剩几天", "Until when a certificate is valid"),
    "code_check": Text(
        "看手机上的码是什么颜色、有没有过期", "The colour of a code on the phone and whether it is valid"
    ),
    "test": Text("几小时内的检测结果为阴性", "A negative test result of the last hours"),
    "stay_in_cab": Text("进厂、在厂、离厂时司机都不下车", "The driver does not leave the cab"),
    "disinfection": Text("用什么药、多浓、等多久、谁来做", "Which agent, how strong, how long, by whom"),
    "document_handoff": Text("交哪些单据、怎么交、双方确认", "Which papers, in which way, both sides confirm"),
    "registered": Text("来之前先报备，必要时经审批", "Announced before it comes, and approved where needed"),
    "dwell_limit": Text("在厂里最多停留多久", "How long a visit may stay on site"),
    "visit_limit": Text("同一辆车 7 天内最多来几次", "How often one vehicle may come in seven days"),
    "gate_allowed": Text("只能走指定的门岗", "Only certain gates may be used"),
}
