// What the program knows and says, as data. Made by gatekeeper/desk/made.py: do not edit.
export const VISITOR_KINDS = {
  "truck": {"zh": "货车", "en": "truck"},
  "van": {"zh": "客车", "en": "van or bus"},
  "car": {"zh": "小汽车", "en": "car"},
  "walk_in": {"zh": "步行来访", "en": "visitor on foot"},
  "other": {"zh": "其他车辆", "en": "other vehicle"},
};
export const CARGO = {
  "empty": {"zh": "空车", "en": "empty"},
  "cement_bulk": {"zh": "散装水泥", "en": "bulk cement"},
  "cement_bagged": {"zh": "袋装水泥", "en": "bagged cement"},
  "clinker": {"zh": "熟料", "en": "clinker"},
  "limestone": {"zh": "石灰石", "en": "limestone"},
  "coal": {"zh": "煤炭", "en": "coal"},
  "gypsum": {"zh": "石膏", "en": "gypsum"},
  "fly_ash": {"zh": "粉煤灰", "en": "fly ash"},
  "slag": {"zh": "矿渣", "en": "slag"},
  "metal": {"zh": "金属材料", "en": "metal"},
  "hardware": {"zh": "五金制品", "en": "hardware"},
  "yarn": {"zh": "纱线", "en": "yarn"},
  "fabric": {"zh": "布料", "en": "fabric"},
  "garments": {"zh": "服装", "en": "garments"},
  "dyes": {"zh": "染料助剂", "en": "dyes and auxiliaries"},
  "packaging": {"zh": "包装材料", "en": "packaging"},
  "parts": {"zh": "机器配件", "en": "machine parts"},
  "food": {"zh": "食品", "en": "food"},
  "livestock": {"zh": "活畜禽", "en": "livestock"},
  "feed": {"zh": "饲料", "en": "feed"},
  "dangerous": {"zh": "危险货物", "en": "dangerous goods"},
  "waste": {"zh": "废料", "en": "waste"},
  "parcel": {"zh": "快递包裹", "en": "parcels"},
  "other": {"zh": "其他货物", "en": "other cargo"},
};
export const PURPOSES = {
  "deliver": {"zh": "送货", "en": "to deliver"},
  "collect": {"zh": "提货", "en": "to collect"},
  "meeting": {"zh": "洽谈公务", "en": "a meeting"},
  "repair": {"zh": "检修施工", "en": "repair or construction"},
  "inspection": {"zh": "检查督导", "en": "an inspection"},
  "interview": {"zh": "应聘面试", "en": "a job interview"},
  "private": {"zh": "私人来访", "en": "a private visit"},
  "other": {"zh": "其他事由", "en": "another purpose"},
};
export const COLOURS = {
  "green": {"zh": "绿码", "en": "green"},
  "yellow": {"zh": "黄码", "en": "yellow"},
  "red": {"zh": "红码", "en": "red"},
  "none": {"zh": "无码", "en": "no code"},
};
export const RESULTS = {
  "negative": {"zh": "阴性", "en": "negative"},
  "positive": {"zh": "阳性", "en": "positive"},
  "pending": {"zh": "结果未出", "en": "no result yet"},
  "none": {"zh": "没有做", "en": "not taken"},
};
export const AGENTS = {
  "chlorine": {"zh": "含氯消毒剂", "en": "chlorine disinfectant"},
  "peracetic_acid": {"zh": "过氧乙酸", "en": "peracetic acid"},
  "hydrogen_peroxide": {"zh": "过氧化氢", "en": "hydrogen peroxide"},
  "quaternary_ammonium": {"zh": "季铵盐", "en": "quaternary ammonium"},
  "peroxymonosulfate": {"zh": "过硫酸氢钾", "en": "potassium peroxymonosulfate"},
  "glutaraldehyde": {"zh": "戊二醛", "en": "glutaraldehyde"},
  "iodophor": {"zh": "碘伏", "en": "iodophor"},
  "alcohol": {"zh": "75% 酒精", "en": "75 % alcohol"},
};
export const DOCUMENTS = {
  "waybill": {"zh": "运单", "en": "waybill"},
  "delivery_note": {"zh": "送货单", "en": "delivery note"},
  "loading_order": {"zh": "提货单", "en": "loading order"},
  "weigh_slip": {"zh": "磅单", "en": "weigh slip"},
  "packing_list": {"zh": "装箱单", "en": "packing list"},
  "quality_certificate": {"zh": "质检单", "en": "quality certificate"},
  "quarantine_certificate": {"zh": "检疫证明", "en": "quarantine certificate"},
  "customs_declaration": {"zh": "报关单", "en": "customs declaration"},
};
export const METHODS = {
  "box": {"zh": "交接箱", "en": "handoff box"},
  "contact_free": {"zh": "无接触传递", "en": "without contact"},
  "electronic": {"zh": "电子单据", "en": "electronic"},
  "by_hand": {"zh": "当面递交", "en": "by hand"},
};
export const STAGES = {
  "before_arrival": {"zh": "到达前", "en": "before arrival"},
  "arrival": {"zh": "进厂", "en": "arrival"},
  "on_site": {"zh": "在厂", "en": "on site"},
  "exit": {"zh": "离厂", "en": "exit"},
};
export const GATE_KINDS = {
  "logistics": {"zh": "货车门", "en": "gates for trucks"},
  "people": {"zh": "非货车门", "en": "gates without trucks"},
};
export const OVERRIDE_ROLES = {
  "shift_lead": {"zh": "班长", "en": "shift lead"},
  "enterprise_admin": {"zh": "企业管理员", "en": "enterprise admin"},
  "township_admin": {"zh": "镇街管理员", "en": "township admin"},
};
export const PARTS = {
  "agent": {"zh": "消毒剂", "en": "agent"},
  "dilution": {"zh": "稀释倍数", "en": "dilution"},
  "clothing": {"zh": "防护服", "en": "protective clothing"},
  "contact": {"zh": "作用时间", "en": "contact time"},
  "operator": {"zh": "消杀人员", "en": "operator"},
  "start": {"zh": "开始时间", "en": "start time"},
};
export const SIDES = {
  "given": {"zh": "交方", "en": "the giver"},
  "received": {"zh": "收方", "en": "the receiver"},
};
export const WHO = {
  "enterprise": {"zh": "企业", "en": "the enterprise"},
  "township": {"zh": "镇街", "en": "the township"},
};
export const FACTS = {
  "visitor_kind": {"zh": "来访类型", "en": "kind of visitor"},
  "plate_class": {"zh": "号牌种类", "en": "class of plate"},
  "risk_level": {"zh": "来源地风险等级", "en": "risk level of the places"},
  "origin": {"zh": "来源地", "en": "origin"},
  "stops": {"zh": "途经地", "en": "places passed"},
  "cargo": {"zh": "货物", "en": "cargo"},
  "cold_chain": {"zh": "冷链", "en": "cold chain"},
  "people": {"zh": "人数", "en": "number of people"},
  "gate": {"zh": "门岗", "en": "gate"},
  "gate_kind": {"zh": "门岗类别", "en": "kind of gate"},
  "zone": {"zh": "厂区分区", "en": "zone"},
  "purpose": {"zh": "来访事由", "en": "purpose"},
  "exporter": {"zh": "外贸企业", "en": "exporter"},
  "cluster": {"zh": "产业集群", "en": "industry cluster"},
  "alert_level": {"zh": "预警级别", "en": "alert level"},
  "visits_of_plate_in_days": {"zh": "该车近期来访次数", "en": "recent visits of the plate"},
  "registration": {"zh": "报备", "en": "registration"},
  "arrived_at": {"zh": "到达时间", "en": "time of arrival"},
  "admitted_at": {"zh": "放行时间", "en": "time of admission"},
  "left_at": {"zh": "离厂时间", "en": "time of leaving"},
};
export const FIELDS_CODE_CHECK = {
  "colour": {"zh": "颜色", "en": "colour"},
  "valid_until": {"zh": "有效期至", "en": "valid until"},
};
export const FIELDS_TEST = {
  "result": {"zh": "结果", "en": "result"},
  "sampled_at": {"zh": "采样时间", "en": "sampled at"},
};
export const FIELDS_DISINFECTION = {
  "agent": {"zh": "消毒剂", "en": "agent"},
  "dilution": {"zh": "稀释倍数（1∶n）", "en": "dilution 1:n"},
  "started_at": {"zh": "开始时间", "en": "started at"},
  "finished_at": {"zh": "结束时间", "en": "finished at"},
  "operator": {"zh": "消杀人员", "en": "operator"},
  "protective_clothing": {"zh": "穿防护服", "en": "protective clothing worn"},
};
export const FIELDS_DOCUMENT_HANDOFF = {
  "documents": {"zh": "交接的单据", "en": "documents"},
  "method": {"zh": "交接方式", "en": "way"},
  "given": {"zh": "交方确认", "en": "given"},
  "received": {"zh": "收方确认", "en": "received"},
};
export const UNITS = {
  "celsius": {"symbol": {"zh": " ℃", "en": " °C"}, "scale": 10, "lowest": 300, "highest": 450},
  "kg": {"symbol": {"zh": " 千克", "en": " kg"}, "scale": 1, "lowest": 0, "highest": 200000},
  "minutes": {"symbol": {"zh": " 分钟", "en": " minutes"}, "scale": 1, "lowest": 0, "highest": 100000},
  "days": {"symbol": {"zh": " 天", "en": " days"}, "scale": 1, "lowest": 0, "highest": 3650},
  "count": {"symbol": {"zh": "", "en": ""}, "scale": 1, "lowest": 0, "highest": 100000},
};
export const ASKED = {
  "visitor_kind": {"type": "choice", "ask": ["visitor_kind"]},
  "plate_class": {"type": "choice", "ask": []},
  "risk_level": {"type": "level", "ask": ["origin", "stops"]},
  "origin": {"type": "region", "ask": ["origin"]},
  "stops": {"type": "regions", "ask": ["stops"]},
  "cargo": {"type": "choice", "ask": ["cargo"]},
  "cold_chain": {"type": "bool", "ask": ["cold_chain"]},
  "people": {"type": "int", "ask": ["people"]},
  "gate": {"type": "code", "ask": []},
  "gate_kind": {"type": "code", "ask": []},
  "zone": {"type": "code", "ask": ["zone"]},
  "purpose": {"type": "choice", "ask": ["purpose"]},
  "exporter": {"type": "bool", "ask": []},
  "cluster": {"type": "name", "ask": []},
  "alert_level": {"type": "int", "ask": []},
  "visits_of_plate_in_days": {"type": "int", "ask": []},
};
export const KINDS = {
  "confirm": {"asks": true, "params": {}},
  "number": {"asks": true, "params": {"unit": {"value": null, "merge": "first"}, "min": {"value": null, "merge": "max"}, "max": {"value": null, "merge": "min"}, "min_inclusive": {"value": true, "merge": "all"}, "max_inclusive": {"value": true, "merge": "all"}}},
  "choice": {"asks": true, "params": {"options": {"value": [], "merge": "union"}, "accepted": {"value": [], "merge": "common"}}},
  "photo": {"asks": true, "params": {}},
  "text": {"asks": true, "params": {"format": {"value": "free", "merge": "first"}, "longest": {"value": 80, "merge": "min"}}},
  "certificate": {"asks": true, "params": {"spare_days": {"value": 0, "merge": "max"}}},
  "code_check": {"asks": true, "params": {"accepted": {"value": ["green"], "merge": "common"}, "valid_until_required": {"value": false, "merge": "any"}}},
  "test": {"asks": true, "params": {"within_hours": {"value": null, "merge": "min"}, "alternative_question": {"value": null, "merge": "first"}, "alternative_title": {"value": null, "merge": "first"}, "alternative_within_hours": {"value": 1, "merge": "min"}}},
  "stay_in_cab": {"asks": true, "params": {"at": {"value": ["arrival", "on_site", "exit"], "merge": "union"}}},
  "disinfection": {"asks": true, "params": {"agents": {"value": [], "merge": "common"}, "dilution": {"value": null, "merge": "min"}, "dilution_exact": {"value": false, "merge": "any"}, "contact_minutes": {"value": 0, "merge": "max"}, "operator": {"value": true, "merge": "any"}, "protective_clothing": {"value": false, "merge": "any"}}},
  "document_handoff": {"asks": true, "params": {"documents": {"value": [], "merge": "union"}, "methods": {"value": [], "merge": "common"}, "both_sides": {"value": true, "merge": "any"}}},
  "registered": {"asks": false, "params": {"lead": {"value": 0, "merge": "max"}, "lead_unit": {"value": "hours", "merge": "first"}, "enterprise_approval": {"value": true, "merge": "any"}, "township_approval": {"value": false, "merge": "any"}}},
  "dwell_limit": {"asks": false, "params": {"minutes": {"value": null, "merge": "min"}}},
  "visit_limit": {"asks": false, "params": {"most": {"value": null, "merge": "min"}}},
  "gate_allowed": {"asks": false, "params": {"gates": {"value": [], "merge": "common"}, "gate_kinds": {"value": [], "merge": "common"}}},
};
export const REASONS = {
  "met": {"meaning": {"zh": "符合要求", "en": "As required"}},
  "fact.missing": {"meaning": {"zh": "条件所需的情况还不知道", "en": "A fact the rule needs is not known"}, "parts": [["还不知道：{facts}", "Not known yet: {facts}"]], "between": {"zh": "；", "en": "; "}},
  "people.missing": {"meaning": {"zh": "还没有登记人员", "en": "The people are not noted yet"}},
  "answer.missing": {"meaning": {"zh": "还没有查验", "en": "Not checked yet"}},
  "answer.unreadable": {"meaning": {"zh": "查验记录不完整，请重新填写", "en": "The answer is not complete: please answer again"}},
  "confirm.denied": {"meaning": {"zh": "不符合要求", "en": "Not as required"}},
  "number.above": {"meaning": {"zh": "读数高于上限", "en": "The number is above the limit"}, "parts": [["高于上限 {limit}", "Above {limit}", "inclusive"], ["达到或高于 {limit}", "Not below {limit}", "!inclusive"]], "between": {"zh": "；", "en": "; "}},
  "number.below": {"meaning": {"zh": "读数低于下限", "en": "The number is below the limit"}, "parts": [["低于下限 {limit}", "Below {limit}", "inclusive"], ["没有超过 {limit}", "Not above {limit}", "!inclusive"]], "between": {"zh": "；", "en": "; "}},
  "choice.not_accepted": {"meaning": {"zh": "所选的一项不合格", "en": "The option chosen is not accepted"}},
  "text.format": {"meaning": {"zh": "填写的号码格式不对", "en": "The number is not written as it should be"}},
  "certificate.expired": {"meaning": {"zh": "证件过期", "en": "The certificate is not valid long enough"}, "parts": [["证件已过有效期", "The certificate is no longer valid", "!spare_days"], ["证件剩下的有效期不到 {spare_days} 天", "The certificate is valid for less than {spare_days} days more", "spare_days"]], "between": {"zh": "；", "en": "; "}},
  "code.not_accepted": {"meaning": {"zh": "出示的码不符合要求", "en": "The code shown is not accepted"}},
  "code.expired": {"meaning": {"zh": "出示的码已过有效期", "en": "The code shown is no longer valid"}},
  "code.validity_missing": {"meaning": {"zh": "还没有记下码的有效期", "en": "The validity of the code is not noted"}},
  "test.not_accepted": {"meaning": {"zh": "检测结果不符合要求", "en": "The test result is not accepted"}},
  "test.none": {"meaning": {"zh": "没有做检测", "en": "No test was taken"}},
  "test.too_old": {"meaning": {"zh": "检测超过时限", "en": "The test is too old"}, "parts": [["检测已超过 {within_hours} 小时", "The test is older than {within_hours} h"]], "between": {"zh": "；", "en": "; "}},
  "test.pending": {"meaning": {"zh": "检测结果还没有出来", "en": "The test result is not known yet"}},
  "test.in_future": {"meaning": {"zh": "采样时间晚于现在，请核对", "en": "The sampling time lies in the future: please check"}},
  "test.alternative_missing": {"meaning": {"zh": "没有时限内的阴性结果，等另一项检测", "en": "No negative result in time; the other test is due"}, "parts": [["没有 {within_hours} 小时内的阴性结果，请做另一项检测（{alternative_within_hours} 小时内有效）", "No negative result within {within_hours} h: take the other test now (good for {alternative_within_hours} h)"]], "between": {"zh": "；", "en": "; "}},
  "stay_in_cab.unattested": {"meaning": {"zh": "还没有确认司机是否下车", "en": "Not attested yet that the driver stayed in the cab"}, "parts": [["还没有确认司机没有下车：{at}", "Still to attest that the driver stayed in the cab: {at}"]], "between": {"zh": "；", "en": "; "}},
  "stay_in_cab.left": {"meaning": {"zh": "司机下了车", "en": "The driver left the cab"}, "parts": [["司机下了车：{at}", "The driver left the cab: {at}"]], "between": {"zh": "；", "en": "; "}},
  "disinfection.wrong": {"meaning": {"zh": "消杀不符合要求", "en": "Not disinfected as required"}, "parts": [["不符合：{wrong}", "Not as required: {wrong}", "wrong?"], ["还缺：{lacking}", "Still lacking: {lacking}", "lacking?"], ["还差 {remaining_s}", "{remaining_s} to go", "remaining_s?"], ["少了 {short_s}", "{short_s} too short", "short_s?"]], "between": {"zh": "；", "en": "; "}},
  "disinfection.contact_running": {"meaning": {"zh": "消杀作用时间未到", "en": "The contact time is running"}, "parts": [["消杀作用时间还差 {remaining_s}", "The disinfectant needs {remaining_s} more"]], "between": {"zh": "；", "en": "; "}},
  "disinfection.incomplete": {"meaning": {"zh": "消杀记录不完整", "en": "The disinfection is not complete"}, "parts": [["不符合：{wrong}", "Not as required: {wrong}", "wrong?"], ["还缺：{lacking}", "Still lacking: {lacking}", "lacking?"], ["还差 {remaining_s}", "{remaining_s} to go", "remaining_s?"], ["少了 {short_s}", "{short_s} too short", "short_s?"]], "between": {"zh": "；", "en": "; "}},
  "handoff.method": {"meaning": {"zh": "交接方式不符合", "en": "Handed over in a way that is not allowed"}, "parts": [["交接方式不符合，应为：{methods}", "Not an allowed way; allowed: {methods}", "methods?"], ["缺少单据：{documents}", "Papers lacking: {documents}", "documents?"], ["{sides}还没有确认", "Not confirmed by {sides}", "sides?"]], "between": {"zh": "；", "en": "; "}},
  "handoff.incomplete": {"meaning": {"zh": "单据或确认不齐", "en": "Papers or confirmations are lacking"}, "parts": [["交接方式不符合，应为：{methods}", "Not an allowed way; allowed: {methods}", "methods?"], ["缺少单据：{documents}", "Papers lacking: {documents}", "documents?"], ["{sides}还没有确认", "Not confirmed by {sides}", "sides?"]], "between": {"zh": "；", "en": "; "}},
  "registered.none": {"meaning": {"zh": "没有报备", "en": "Not registered"}},
  "registered.other_day": {"meaning": {"zh": "报备的不是今天", "en": "Registered for another day"}},
  "registered.late": {"meaning": {"zh": "报备不够提前", "en": "Registered too late"}, "parts": [["须提前 {lead} 天报备，还差 {short_days} 天", "To be announced {lead} days ahead, {short_days} short", "short_days?"], ["须提前 {lead} 小时报备，还差 {short_s}", "To be announced {lead} h ahead, {short_s} short", "!short_days?"]], "between": {"zh": "；", "en": "; "}},
  "registered.not_approved": {"meaning": {"zh": "报备未经审批", "en": "Registration not approved yet"}, "parts": [["报备还没有经{by}审批", "Not approved yet by {by}"]], "between": {"zh": "；", "en": "; "}},
  "dwell.over": {"meaning": {"zh": "停留超时", "en": "Stayed too long"}, "parts": [["在厂超过 {minutes}，多了 {over_s}", "Longer on site than {minutes}, by {over_s}"]], "between": {"zh": "；", "en": "; "}},
  "visits.over": {"meaning": {"zh": "来得太多", "en": "Came too often"}, "parts": [["7 天内已经来过 {most} 次或更多", "Has come {most} times or more in seven days"]], "between": {"zh": "；", "en": "; "}},
  "gate.not_allowed": {"meaning": {"zh": "走错门岗", "en": "The wrong gate"}, "parts": [["走错门岗，请走：{where}", "The wrong gate; use: {where}"]], "between": {"zh": "；", "en": "; "}},
};
export const LIMITS = {
  "number": {"parts": [["不低于 {min}", "at least {min}", "min?", "min_inclusive"], ["高于 {min}", "above {min}", "min?", "!min_inclusive"], ["不高于 {max}", "at most {max}", "max?", "max_inclusive"], ["低于 {max}", "below {max}", "max?", "!max_inclusive"]], "between": {"zh": "、", "en": " and "}},
  "choice": {"parts": [["限{accepted}", "only {accepted}", "accepted?"]], "between": {"zh": "；", "en": "; "}},
  "text": {"parts": [["17 位字母和数字", "17 letters and digits", "vin"], ["4 到 20 位字母和数字", "4 to 20 letters and digits", "engine_no"]], "between": {"zh": "；", "en": "; "}},
  "certificate": {"parts": [["在有效期内", "still valid", "!spare_days"], ["有效期还有至少 {spare_days} 天", "valid for at least {spare_days} more days", "spare_days"]], "between": {"zh": "；", "en": "; "}},
  "code_check": {"parts": [["{accepted}", "{accepted}"]], "between": {"zh": "；", "en": "; "}},
  "test": {"parts": [["{within_hours} 小时内阴性", "negative within {within_hours} h"], ["或者{alternative_title}阴性", "or negative by {alternative_title}", "alternative_title?"]], "between": {"zh": "，", "en": ", "}},
  "disinfection": {"parts": [["由专人消杀", "disinfected by a named person", "operator"], ["消杀", "disinfected", "!operator"], ["穿防护服", "in protective clothing", "protective_clothing"], ["用{agents}", "with {agents}", "agents?"], ["按 1∶{dilution} 稀释", "diluted 1:{dilution}", "dilution", "dilution_exact"], ["按 1∶{dilution} 或更浓稀释", "diluted 1:{dilution} or stronger", "dilution", "!dilution_exact"], ["作用 {contact_minutes} 分钟", "for {contact_minutes} minutes", "contact_minutes"]], "between": {"zh": "，", "en": ", "}},
  "document_handoff": {"parts": [["{documents}", "{documents}", "documents?"], ["单据", "papers", "!documents?"], ["方式为{methods}", "by {methods}", "methods?"], ["双方确认", "both sides confirm", "both_sides"]], "between": {"zh": "，", "en": ", "}},
};
export const STEPS = {
  "hold": {"zh": "先不放行：请车辆靠边等候，报告班长处理", "en": "Do not admit: let the vehicle wait aside and call the shift lead"},
  "hold_inside": {"zh": "请报告班长，处理好再离厂", "en": "Call the shift lead and settle it before the visit leaves"},
  "refuse": {"zh": "请劝返：向司机说明原因，引导车辆掉头离开", "en": "Turn away: tell the driver why and guide the vehicle out"},
  "refuse_inside": {"zh": "已在厂内：立即报告班长和企业管理员", "en": "Already inside: report to shift lead and enterprise admin at once"},
  "admit_before_arrival": {"zh": "符合要求，可以按报备的时间来访", "en": "All right: come at the registered time"},
  "admit_arrival": {"zh": "可以放行，请抬杆并告知去向", "en": "Admit: open the barrier and say where to go"},
  "admit_on_site": {"zh": "在厂情况正常，无需处理", "en": "All well on site, nothing to do"},
  "admit_exit": {"zh": "可以离厂，请抬杆", "en": "May leave: open the barrier"},
  "waits": {"disinfection.contact_running": {"zh": "请等候", "en": "Please wait"}, "registered.not_approved": {"zh": "请联系审批人", "en": "Please call who approves"}},
  "ask": {"parts": [["请先问清：{facts}", "First ask for: {facts}"]], "between": {"zh": "；", "en": "; "}},
  "go_on": {"parts": [["还有 {count} 项要查，请继续", "{count} still to check, please go on"]], "between": {"zh": "；", "en": "; "}},
};
export const TROUBLES = {
  "visit.not_arrived": {"zh": "来访还没有登记", "en": "the visit had not arrived"},
  "visit.arrived_already": {"zh": "已登记过到达", "en": "it had arrived already"},
  "visit.void": {"zh": "来访已作废", "en": "the visit was void"},
  "visit.closed": {"zh": "来访已结束", "en": "the visit was closed"},
  "visit.inside": {"zh": "车辆已在厂内", "en": "it was inside already"},
  "visit.not_inside": {"zh": "车辆不在厂内", "en": "it was not inside"},
  "override.pin": {"zh": "放行人的 PIN 不对", "en": "the PIN of who overrode it was wrong"},
  "override.not_allowed": {"zh": "这个人不能放行这条规则", "en": "this rule was not theirs to override"},
};
export const PLATES = {
  "provinces": "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼",
  "no_plate": "无牌",
  "twins": ["0DQO", "8B", "2Z", "5S", "17TI", "川州"],
  "unread": ["", "NONE", "NOPLATE", "NULL", "UNKNOWN", "UNLICENSED", "无号牌", "无牌", "无牌车", "无车牌", "未知", "未识别"],
  "dropped": "-._·‐‑‒–—―•‧−∙⋅─●◦。・",
  "simplified": {"滬": "沪", "雲": "云", "遼": "辽", "魯": "鲁", "蘇": "苏", "贛": "赣", "晉": "晋", "陝": "陕", "閩": "闽", "貴": "贵", "粵": "粤", "寧": "宁", "瓊": "琼", "掛": "挂", "學": "学", "領": "领", "應": "应"},
  "lookalike": {"А": "A", "В": "B", "Е": "E", "Ё": "E", "З": "3", "І": "I", "Ї": "I", "Ј": "J", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Ѕ": "S", "Т": "T", "У": "Y", "Ү": "Y", "Х": "X", "Ԁ": "D", "Ԛ": "Q", "Ԝ": "W", "Ԍ": "G", "Ӏ": "I", "Һ": "H", "Ѵ": "V", "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "Ϲ": "C", "Ϝ": "F", "Ϳ": "J", "Ꭺ": "A", "Ᏼ": "B", "Ꮯ": "C", "Ꭰ": "D", "Ꭼ": "E", "Ꮋ": "H", "Ꭻ": "J", "Ꮶ": "K", "Ꮇ": "M", "Ꮲ": "P", "Ꮪ": "S", "Ꭲ": "T", "Ꮩ": "V", "Ꮃ": "W", "Ꮓ": "Z", "ꓐ": "B", "ꓚ": "C", "ꓓ": "D", "ꓮ": "A", "ꓰ": "E"},
  "patterns": {"emergency": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][XS0-9][0-9]{4}应急", "new_energy_small": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJK][A-HJ-NP-Z0-9][0-9]{4}", "new_energy_large": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][0-9]{5}[A-HJK]", "trailer": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJ-NP-Z0-9]{4}挂", "learner": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJ-NP-Z0-9]{4}学", "police": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-HJ-NP-Z0-9]{4}警", "hk_macao": "粤Z[A-HJ-NP-Z0-9]{4}[港澳]", "embassy": "[0-9]{6}使|使[0-9]{6}", "consulate": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][0-9]{5}领|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][0-9]{4}领", "armed_police": "WJ[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?[0-9]{4}[A-HJ-NP-Z0-9]", "military": "[VKHBSLJNGCEZ][A-HJ-NP-Z][0-9]{5}", "ordinary": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJ-NP-Z0-9]{5}"},
  "colours": {"emergency": ["white"], "new_energy_small": ["green"], "new_energy_large": ["yellow_green"], "trailer": ["yellow"], "learner": ["yellow"], "police": ["white"], "hk_macao": ["black"], "embassy": ["black"], "consulate": ["black"], "armed_police": ["white"], "military": ["white"], "ordinary": ["blue", "yellow"], "other": []},
  "notes": {"missing": {"zh": "没有号牌或未能识别，请人工核对", "en": "No plate, or none read; look at the vehicle"}, "foreign": {"zh": "含有形似字符，已按字母数字读取，请核对", "en": "Held look-alike characters, read as plain ones; compare"}, "odd": {"zh": "含有号牌不用的字符，按所写记录", "en": "Holds characters no plate uses; kept as written"}, "long": {"zh": "太长，不像号牌，按所写记录", "en": "Too long for a plate; kept as written"}, "io": {"zh": "号牌不用字母 I 和 O，是否为 1、0？按所写记录", "en": "Plates have no I and no O; perhaps 1 or 0? Kept as written"}, "unknown": {"zh": "不是已知的号牌格式，按所写记录", "en": "Not a known plate format; kept as written"}, "uncertain": {"zh": "军车号牌格式未经核实", "en": "The military format is not confirmed"}},
};
export const NAMED = { facts: FACTS, at: STAGES, agents: AGENTS, documents: DOCUMENTS, methods: METHODS, accepted: COLOURS, wrong: PARTS, lacking: PARTS, sides: SIDES, by: WHO };
