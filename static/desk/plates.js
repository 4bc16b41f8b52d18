/* Vehicle plates, as gatekeeper/formats/plates.py reads them: both run tests/vectors/plates.json, and a test compares
   them on plates written in every disguise. `parse` never fails: an odd plate is kept as written, with a note. */

export const PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
export const NO_PLATE = "无牌";
const MOST_KEY = 32, MOST_GUESSES = 24, LONGEST = 9;

const TWINS = new Map();
for (const group of ["0DQO", "8B", "2Z", "5S", "17TI", "川州"]) {
  for (const sign of group) TWINS.set(sign, [...group].filter((other) => other !== sign));
}

const CAMERA_WORDS = new Set(
  ["", "UNKNOWN", "UNLICENSED", "NOPLATE", "NONE", "NULL", "无车牌", "无牌", "无牌车", "无号牌", "未知", "未识别"]);
const DROPPED = new Set("·•.-—‧∙⋅・‐‑‒–―−●◦。─_");

const table = (from, to) => new Map([...from].map((sign, index) => [sign, [...to][index]]));
const SIMPLIFIED = table("滬雲遼魯蘇贛晉陝閩貴粵寧瓊掛學領應", "沪云辽鲁苏赣晋陕闽贵粤宁琼挂学领应");
const LOOKALIKE = new Map([
  ...table("АВЕЁЗІЇЈКМНОРСЅТУҮХԀԚԜԌӀҺѴ", "ABEE3IIJKMHOPCSTYYXDQWGIHV"), // Cyrillic
  ...table("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϜͿ", "ABEZHIKMNOPTYXCFJ"), // Greek
  ...table("ᎪᏼᏟᎠᎬᎻᎫᏦᎷᏢᏚᎢᏙᏔᏃꓐꓚꓓꓮꓰ", "ABCDEHJKMPSTVWZBCDAE"), // Cherokee, Lisu
]);

const P = `[${PROVINCES}]`, A = "[A-HJ-NP-Z]", N = "[A-HJ-NP-Z0-9]";
const PATTERNS = [
  ["emergency", `${P}[XS0-9][0-9]{4}应急`],
  ["new_energy_small", `${P}${A}[A-HJK]${N}[0-9]{4}`],
  ["new_energy_large", `${P}${A}[0-9]{5}[A-HJK]`],
  ["trailer", `${P}${A}${N}{4}挂`],
  ["learner", `${P}${A}${N}{4}学`],
  ["police", `${P}[A-Z]${N}{4}警`],
  ["hk_macao", `粤Z${N}{4}[港澳]`],
  ["embassy", "[0-9]{6}使|使[0-9]{6}"],
  ["consulate", `${P}[0-9]{5}领|${P}${A}[0-9]{4}领`],
  ["armed_police", `WJ${P}?[0-9]{4}${N}`],
  ["military", `[VKHBSLJNGCEZ]${A}[0-9]{5}`],
  ["ordinary", `${P}${A}${N}{5}`],
].map(([name, pattern]) => [name, new RegExp(`^(?:${pattern})$`, "u")]);
/* In the order in which they are tried. */

const NOTES = {
  missing: ["没有号牌或未能识别，请人工核对", "No plate, or none read; look at the vehicle"],
  foreign: ["含有形似字符，已按字母数字读取，请核对", "Held look-alike characters, read as plain ones; compare"],
  odd: ["含有号牌不用的字符，按所写记录", "Holds characters no plate uses; kept as written"],
  long: ["太长，不像号牌，按所写记录", "Too long for a plate; kept as written"],
  io: ["号牌不用字母 I 和 O，是否为 1、0？按所写记录", "Plates have no I and no O; perhaps 1 or 0? Kept as written"],
  unknown: ["不是已知的号牌格式，按所写记录", "Not a known plate format; kept as written"],
  uncertain: ["军车号牌格式未经核实", "The military format is not confirmed"],
};

const UNSEEN = /[\p{Cf}\p{Cc}\p{Cs}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const MARK = /\p{M}/u, DIGIT = /\p{Nd}/u, PLAIN = /^[A-Za-z0-9]$/;
const HAN = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2ee5d}\u{30000}-\u{323af}]/u;

const kept = (text, keep) => [...text].filter(keep).join("");
const swapped = (text, by) => [...text].map((sign) => by.get(sign) ?? sign).join("");
const visible = (text) => kept(text, (sign) => !UNSEEN.test(sign));

/** One plate: {written, plate, class, note}; `plate` is its key of 1 to 32 signs, `note` {zh, en} or null. */
export function parse(text) {
  const written = [...text].map((sign) => (sign === "\0" || /\p{Cs}/u.test(sign) ? "\ufffd" : sign)).join("");
  const plain = plainly(written), key = latin(plain);
  if (CAMERA_WORDS.has(key)) return { written, plate: NO_PLATE, class: "other", note: said("missing") };
  const found = classify(key);
  return { written, plate: [...key].slice(0, MOST_KEY).join(""), class: found, note: said(noteOf(plain, key, found)) };
}

/** The class of a normalised key; "other" when none fits. */
export function classify(key) {
  if ([...key].length > LONGEST) return "other";
  return PATTERNS.find(([, pattern]) => pattern.test(key))?.[0] ?? "other";
}

/** Well-formed plates that are confused with `text`, nearest first, at most 24; none for a vehicle without a plate. */
export function lookalikes(text) {
  const read = parse(text);
  if (read.plate === NO_PLATE || [...read.plate].length > LONGEST) return [];
  const fits = (guess) => classify(guess) !== "other";
  const once = new Set(swaps(read.plate).filter(fits));
  if (once.size || read.class !== "other") return [...once].slice(0, MOST_GUESSES);
  const twice = new Set();
  [...read.plate].forEach((_, at) => {
    for (const first of swapsAt(read.plate, at)) for (const guess of swaps(first, at + 1)) if (fits(guess)) twice.add(guess);
  });
  return [...twice].slice(0, MOST_GUESSES);
}

/* NFKC, visible signs only, upper case; separators and combining marks dropped; simplified. */
function plainly(written) {
  const folded = visible(visible(written).normalize("NFKC")).toUpperCase();
  return swapped(kept(folded, (sign) => !DROPPED.has(sign) && !MARK.test(sign)).normalize("NFKC"), SIMPLIFIED);
}

const latin = (text) => [...swapped(text, LOOKALIKE)].map(digit).join("");

/* Digits of other scripts stand in runs of ten, each from its zero on. */
function digit(sign) {
  if (sign <= "\x7f" || !DIGIT.test(sign)) return sign;
  let first = sign.codePointAt(0);
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((sign.codePointAt(0) - first) % 10);
}

function noteOf(plain, key, found) {
  if (found !== "other") return key !== plain ? "foreign" : found === "military" ? "uncertain" : null;
  const signs = [...key];
  if (signs.length > MOST_KEY) return "long";
  if (!signs.every((sign) => PLAIN.test(sign) || HAN.test(sign))) return "odd";
  if (key !== plain) return "foreign";
  const ones = signs[0] + signs.slice(1).join("").replaceAll("I", "1").replaceAll("O", "0");
  return classify(ones) !== "other" ? "io" : "unknown";
}

function said(note) {
  return note && { zh: NOTES[note][0], en: NOTES[note][1] };
}

function swaps(key, start = 0) {
  return [...key].flatMap((_, at) => (at < start ? [] : swapsAt(key, at)));
}

function swapsAt(key, at) {
  const signs = [...key];
  return (TWINS.get(signs[at]) ?? []).map((twin) => [...signs.slice(0, at), twin, ...signs.slice(at + 1)].join(""));
}
