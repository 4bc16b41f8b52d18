// Codes with their names, in order. Made by gatekeeper/rules/desk_lists.py: do not edit.

export const VISITOR_KINDS = {
  truck: {"zh": "货车", "en": "truck"},
  van: {"zh": "客车", "en": "van or bus"},
  car: {"zh": "小汽车", "en": "car"},
  walk_in: {"zh": "步行来访", "en": "visitor on foot"},
  other: {"zh": "其他车辆", "en": "other vehicle"},
};

export const CARGO = {
  empty: {"zh": "空车", "en": "empty"},
  cement_bulk: {"zh": "散装水泥", "en": "bulk cement"},
  cement_bagged: {"zh": "袋装水泥", "en": "bagged cement"},
  clinker: {"zh": "熟料", "en": "clinker"},
  limestone: {"zh": "石灰石", "en": "limestone"},
  coal: {"zh": "煤炭", "en": "coal"},
  gypsum: {"zh": "石膏", "en": "gypsum"},
  fly_ash: {"zh": "粉煤灰", "en": "fly ash"},
  slag: {"zh": "矿渣", "en": "slag"},
  metal: {"zh": "金属材料", "en": "metal"},
  hardware: {"zh": "五金制品", "en": "hardware"},
  yarn: {"zh": "纱线", "en": "yarn"},
  fabric: {"zh": "布料", "en": "fabric"},
  garments: {"zh": "服装", "en": "garments"},
  dyes: {"zh": "染料助剂", "en": "dyes and auxiliaries"},
  packaging: {"zh": "包装材料", "en": "packaging"},
  parts: {"zh": "机器配件", "en": "machine parts"},
  food: {"zh": "食品", "en": "food"},
  livestock: {"zh": "活畜禽", "en": "livestock"},
  feed: {"zh": "饲料", "en": "feed"},
  dangerous: {"zh": "危险货物", "en": "dangerous goods"},
  waste: {"zh": "废料", "en": "waste"},
  parcel: {"zh": "快递包裹", "en": "parcels"},
  other: {"zh": "其他货物", "en": "other cargo"},
};

export const PURPOSES = {
  deliver: {"zh": "送货", "en": "to deliver"},
  collect: {"zh": "提货", "en": "to collect"},
  meeting: {"zh": "洽谈公务", "en": "a meeting"},
  repair: {"zh": "检修施工", "en": "repair or construction"},
  inspection: {"zh": "检查督导", "en": "an inspection"},
  interview: {"zh": "应聘面试", "en": "a job interview"},
  private: {"zh": "私人来访", "en": "a private visit"},
  other: {"zh": "其他事由", "en": "another purpose"},
};

export const COLOURS = {
  green: {"zh": "绿码", "en": "green"},
  yellow: {"zh": "黄码", "en": "yellow"},
  red: {"zh": "红码", "en": "red"},
  none: {"zh": "无码", "en": "no code"},
};

export const RESULTS = {
  negative: {"zh": "阴性", "en": "negative"},
  positive: {"zh": "阳性", "en": "positive"},
  pending: {"zh": "结果未出", "en": "no result yet"},
  none: {"zh": "没有做", "en": "not taken"},
};

export const AGENTS = {
  chlorine: {"zh": "含氯消毒剂", "en": "chlorine disinfectant"},
  peracetic_acid: {"zh": "过氧乙酸", "en": "peracetic acid"},
  hydrogen_peroxide: {"zh": "过氧化氢", "en": "hydrogen peroxide"},
  quaternary_ammonium: {"zh": "季铵盐", "en": "quaternary ammonium"},
  peroxymonosulfate: {"zh": "过硫酸氢钾", "en": "potassium peroxymonosulfate"},
  glutaraldehyde: {"zh": "戊二醛", "en": "glutaraldehyde"},
  iodophor: {"zh": "碘伏", "en": "iodophor"},
  alcohol: {"zh": "75% 酒精", "en": "75 % alcohol"},
};

export const DOCUMENTS = {
  waybill: {"zh": "运单", "en": "waybill"},
  delivery_note: {"zh": "送货单", "en": "delivery note"},
  loading_order: {"zh": "提货单", "en": "loading order"},
  weigh_slip: {"zh": "磅单", "en": "weigh slip"},
  packing_list: {"zh": "装箱单", "en": "packing list"},
  quality_certificate: {"zh": "质检单", "en": "quality certificate"},
  quarantine_certificate: {"zh": "检疫证明", "en": "quarantine certificate"},
  customs_declaration: {"zh": "报关单", "en": "customs declaration"},
};

export const METHODS = {
  box: {"zh": "交接箱", "en": "handoff box"},
  contact_free: {"zh": "无接触传递", "en": "without contact"},
  electronic: {"zh": "电子单据", "en": "electronic"},
  by_hand: {"zh": "当面递交", "en": "by hand"},
};

export const STAGES = {
  before_arrival: {"zh": "到达前", "en": "before arrival"},
  arrival: {"zh": "进厂", "en": "arrival"},
  on_site: {"zh": "在厂", "en": "on site"},
  exit: {"zh": "离厂", "en": "exit"},
};

export const GATE_KINDS = {
  logistics: {"zh": "货车门", "en": "gates for trucks"},
  people: {"zh": "非货车门", "en": "gates without trucks"},
};

export const OVERRIDE_ROLES = {
  shift_lead: {"zh": "班长", "en": "shift lead"},
  enterprise_admin: {"zh": "企业管理员", "en": "enterprise admin"},
  township_admin: {"zh": "镇街管理员", "en": "township admin"},
};

export const FACTS = {
  visitor_kind: {"zh": "来访类型", "en": "kind of visitor"},
  plate_class: {"zh": "号牌种类", "en": "class of plate"},
  risk_level: {"zh": "来源地风险等级", "en": "risk level of the places"},
  origin: {"zh": "来源地", "en": "origin"},
  stops: {"zh": "途经地", "en": "places passed"},
  cargo: {"zh": "货物", "en": "cargo"},
  cold_chain: {"zh": "冷链", "en": "cold chain"},
  people: {"zh": "人数", "en": "number of people"},
  gate: {"zh": "门岗", "en": "gate"},
  gate_kind: {"zh": "门岗类别", "en": "kind of gate"},
  zone: {"zh": "厂区分区", "en": "zone"},
  purpose: {"zh": "来访事由", "en": "purpose"},
  exporter: {"zh": "外贸企业", "en": "exporter"},
  cluster: {"zh": "产业集群", "en": "industry cluster"},
  alert_level: {"zh": "预警级别", "en": "alert level"},
  visits_of_plate_in_days: {"zh": "该车近期来访次数", "en": "recent visits of the plate"},
  registration: {"zh": "报备", "en": "registration"},
  arrived_at: {"zh": "到达时间", "en": "time of arrival"},
  admitted_at: {"zh": "放行时间", "en": "time of admission"},
  left_at: {"zh": "离厂时间", "en": "time of leaving"},
};

export const FIELDS_CODE_CHECK = {
  colour: {"zh": "颜色", "en": "colour"},
  valid_until: {"zh": "有效期至", "en": "valid until"},
};

export const FIELDS_TEST = {
  result: {"zh": "结果", "en": "result"},
  sampled_at: {"zh": "采样时间", "en": "sampled at"},
};

export const FIELDS_DISINFECTION = {
  agent: {"zh": "消毒剂", "en": "agent"},
  dilution: {"zh": "稀释倍数（1∶n）", "en": "dilution 1:n"},
  started_at: {"zh": "开始时间", "en": "started at"},
  finished_at: {"zh": "结束时间", "en": "finished at"},
  operator: {"zh": "消杀人员", "en": "operator"},
  protective_clothing: {"zh": "穿防护服", "en": "protective clothing worn"},
};

export const FIELDS_DOCUMENT_HANDOFF = {
  documents: {"zh": "交接的单据", "en": "documents"},
  method: {"zh": "交接方式", "en": "way"},
  given: {"zh": "交方确认", "en": "given"},
  received: {"zh": "收方确认", "en": "received"},
};

export const UNITS = {
  celsius: {"symbol": {"zh": " ℃", "en": " °C"}, "scale": 10, "lowest": 300, "highest": 450},
  kg: {"symbol": {"zh": " 千克", "en": " kg"}, "scale": 1, "lowest": 0, "highest": 200000},
  minutes: {"symbol": {"zh": " 分钟", "en": " minutes"}, "scale": 1, "lowest": 0, "highest": 100000},
  days: {"symbol": {"zh": " 天", "en": " days"}, "scale": 1, "lowest": 0, "highest": 3650},
  count: {"symbol": {"zh": "", "en": ""}, "scale": 1, "lowest": 0, "highest": 100000},
};
