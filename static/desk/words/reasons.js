// The sentence of every reason code, numbers in words, as gatekeeper/rules/words.py says them.

import { DOCUMENTS, FACTS, GATE_KINDS, METHODS, STAGES, UNITS } from "./lists.js";
import { duration, joined, known, names, reading, text } from "./said.js";

/** A sentence with numbers, and what the code means where they cannot be read. */
const counted = (zh, en, say) => ({ meaning: text(zh, en), say });

const plain = (zh, en) => counted(zh, en, () => text(zh, en));

const limit = (zh, en) => (data) => {
  const { symbol } = UNITS[data.unit], at = given(data, "inclusive") ? 0 : 1;
  const number = reading(data.unit, given(data, "limit"));
  return text(`${zh[at]} ${number}${symbol.zh}`, `${en[at]} ${number}${symbol.en}`);
};

const staged = (zh, en) => (data) => {
  const when = names(data.at ?? [], STAGES);
  return text(`${zh}：${when.zh}`, `${en}: ${when.en}`);
};

const PARTS = {
  agent: text("消毒剂", "agent"),
  dilution: text("稀释倍数", "dilution"),
  clothing: text("防护服", "protective clothing"),
  contact: text("作用时间", "contact time"),
  operator: text("消杀人员", "operator"),
  start: text("开始时间", "start time"),
};
const SIDES = { given: text("交方", "the giver"), received: text("收方", "the receiver") };
const WHO = { enterprise: text("企业", "the enterprise"), township: text("镇街", "the township") };

/** A number that the sentence cannot do without. */
function given(data, name) {
  if (data[name] == null) throw new TypeError(name);
  return data[name];
}

const together = (parts) =>
  text(parts.map(({ zh }) => zh).join("；"), parts.map(({ en }) => en).join("; "));

/** What lacks or is wrong of a disinfection, by the names of its parts: {wrong, lacking}. */
export function lacking(data) {
  const parts = [];
  for (const [key, zh, en] of [["wrong", "不符合", "Not as required"], ["lacking", "还缺", "Still lacking"]]) {
    if (!data[key]?.length) continue;
    const said = known(data[key], PARTS);
    parts.push(text(`${zh}：${said.zh}`, `${en}: ${said.en}`));
  }
  return parts;
}

function disinfection(data) {
  const parts = lacking(data);
  if ("remaining_s" in data) {
    const left = duration(data.remaining_s);
    parts.push(text(`还差 ${left.zh}`, `${left.en} to go`));
  }
  if ("short_s" in data) {
    const short = duration(data.short_s);
    parts.push(text(`少了 ${short.zh}`, `${short.en} too short`));
  }
  return together(parts);
}

function running(data) {
  const left = duration(given(data, "remaining_s"));
  return text(`消杀作用时间还差 ${left.zh}`, `The disinfectant needs ${left.en} more`);
}

/** What lacks or is wrong of a handoff: {methods, documents, sides}. */
export function handoff(data) {
  const parts = [];
  if (data.methods?.length) {
    const ways = names(data.methods, METHODS);
    parts.push(text(`交接方式不符合，应为：${ways.zh}`, `Not an allowed way; allowed: ${ways.en}`));
  }
  if (data.documents?.length) {
    const papers = names(data.documents, DOCUMENTS);
    parts.push(text(`缺少单据：${papers.zh}`, `Papers lacking: ${papers.en}`));
  }
  if (data.sides?.length) {
    const said = known(data.sides, SIDES);
    parts.push(text(`${said.zh}还没有确认`, `Not confirmed by ${said.en}`));
  }
  return together(parts);
}

function late(data) {
  const lead = given(data, "lead"), days = data.short_days;
  if (days !== undefined) {
    return text(`须提前 ${lead} 天报备，还差 ${days} 天`, `To be announced ${lead} days ahead, ${days} short`);
  }
  const short = duration(given(data, "short_s"));
  return text(`须提前 ${lead} 小时报备，还差 ${short.zh}`, `To be announced ${lead} h ahead, ${short.en} short`);
}

function alternative(data) {
  const one = given(data, "within_hours"), two = given(data, "alternative_within_hours");
  return text(
    `没有 ${one} 小时内的阴性结果，请做另一项检测（${two} 小时内有效）`,
    `No negative result within ${one} h: take the other test now (good for ${two} h)`,
  );
}

function expired(data) {
  const spare = given(data, "spare_days");
  if (!spare) return text("证件已过有效期", "The certificate is no longer valid");
  return text(`证件剩下的有效期不到 ${spare} 天`, `The certificate is valid for less than ${spare} days more`);
}

/** Gates and kinds of gate by their names; `place` names a gate, and a kind that nobody here knows. */
const gates = (codes, kinds, place) =>
  joined([...codes.map(place), ...kinds.map((code) => (Object.hasOwn(GATE_KINDS, code) ? GATE_KINDS[code] : place(code)))]);

/** Every reason code: {meaning, say(data, place)}. */
export const REASONS = {
  met: plain("符合要求", "As required"),
  "fact.missing": counted("条件所需的情况还不知道", "A fact the rule needs is not known", (data) => {
    const said = known(data.facts ?? [], FACTS);
    return text(`还不知道：${said.zh}`, `Not known yet: ${said.en}`);
  }),
  "people.missing": plain("还没有登记人员", "The people are not noted yet"),
  "answer.missing": plain("还没有查验", "Not checked yet"),
  "answer.unreadable": plain("查验记录不完整，请重新填写", "The answer is not complete: please answer again"),
  "confirm.denied": plain("不符合要求", "Not as required"),
  "number.above": counted("读数高于上限", "The number is above the limit", limit(["高于上限", "达到或高于"], ["Above", "Not below"])),
  "number.below": counted("读数低于下限", "The number is below the limit", limit(["低于下限", "没有超过"], ["Below", "Not above"])),
  "choice.not_accepted": plain("所选的一项不合格", "The option chosen is not accepted"),
  "text.format": plain("填写的号码格式不对", "The number is not written as it should be"),
  "certificate.expired": counted("证件过期", "The certificate is not valid long enough", expired),
  "code.not_accepted": plain("出示的码不符合要求", "The code shown is not accepted"),
  "code.expired": plain("出示的码已过有效期", "The code shown is no longer valid"),
  "code.validity_missing": plain("还没有记下码的有效期", "The validity of the code is not noted"),
  "test.not_accepted": plain("检测结果不符合要求", "The test result is not accepted"),
  "test.none": plain("没有做检测", "No test was taken"),
  "test.too_old": counted("检测超过时限", "The test is too old", (data) => {
    const hours = given(data, "within_hours");
    return text(`检测已超过 ${hours} 小时`, `The test is older than ${hours} h`);
  }),
  "test.pending": plain("检测结果还没有出来", "The test result is not known yet"),
  "test.in_future": plain("采样时间晚于现在，请核对", "The sampling time lies in the future: please check"),
  "test.alternative_missing": counted(
    "没有时限内的阴性结果，等另一项检测", "No negative result in time; the other test is due", alternative,
  ),
  "stay_in_cab.unattested": counted("还没有确认司机是否下车", "Not attested yet that the driver stayed in the cab",
    staged("还没有确认司机没有下车", "Still to attest that the driver stayed in the cab")),
  "stay_in_cab.left": counted("司机下了车", "The driver left the cab", staged("司机下了车", "The driver left the cab")),
  "disinfection.wrong": counted("消杀不符合要求", "Not disinfected as required", disinfection),
  "disinfection.contact_running": counted("消杀作用时间未到", "The contact time is running", running),
  "disinfection.incomplete": counted("消杀记录不完整", "The disinfection is not complete", disinfection),
  "handoff.method": counted("交接方式不符合", "Handed over in a way that is not allowed", handoff),
  "handoff.incomplete": counted("单据或确认不齐", "Papers or confirmations are lacking", handoff),
  "registered.none": plain("没有报备", "Not registered"),
  "registered.other_day": plain("报备的不是今天", "Registered for another day"),
  "registered.late": counted("报备不够提前", "Registered too late", late),
  "registered.not_approved": counted("报备未经审批", "Registration not approved yet", (data) => {
    const said = known(data.by ?? [], WHO);
    return text(`报备还没有经${said.zh}审批`, `Not approved yet by ${said.en}`);
  }),
  "dwell.over": counted("停留超时", "Stayed too long", (data) => {
    const most = duration(given(data, "minutes") * 60), over = duration(given(data, "over_s"));
    return text(`在厂超过 ${most.zh}，多了 ${over.zh}`, `Longer on site than ${most.en}, by ${over.en}`);
  }),
  "visits.over": counted("来得太多", "Came too often", (data) => {
    const most = given(data, "most");
    return text(`7 天内已经来过 ${most} 次或更多`, `Has come ${most} times or more in seven days`);
  }),
  "gate.not_allowed": counted("走错门岗", "The wrong gate", (data, place) => {
    const right = gates(data.gates ?? [], data.gate_kinds ?? [], place);
    return text(`走错门岗，请走：${right.zh}`, `The wrong gate; use: ${right.en}`);
  }),
};
