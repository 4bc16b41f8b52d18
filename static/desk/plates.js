/* Vehicle plates, as gatekeeper/formats/plates.py reads them: both run tests/vectors/plates.json, and a test compares
   them on plates written in every disguise. `parse` never fails: an odd plate is kept as written, with a note. */

import { PLATES } from "./made.js";

export const PROVINCES = PLATES.provinces, NO_PLATE = PLATES.no_plate;
const MOST_KEY = 32, MOST_GUESSES = 24, LONGEST = 9;

const PATTERNS = Object.entries(PLATES.patterns).map(([name, pattern]) => [name, new RegExp(`^(?:${pattern})$`, "u")]);

const UNSEEN = /[\p{Cf}\p{Cc}\p{Cs}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const MARK = /\p{M}/u, DIGIT = /\p{Nd}/u, PLAIN = /^[A-Za-z0-9]$/;
const HAN = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2ee5d}\u{30000}-\u{323af}]/u;

const kept = (text, keep) => [...text].filter(keep).join("");
const swapped = (text, by) => [...text].map((sign) => by[sign] ?? sign).join("");
const visible = (text) => kept(text, (sign) => !UNSEEN.test(sign));

/** One plate: {written, plate, class, note}; `plate` is its key of 1 to 32 signs, `note` {zh, en} or null. */
export function parse(text) {
  const written = [...text].map((sign) => (sign === "\0" || /\p{Cs}/u.test(sign) ? "\ufffd" : sign)).join("");
  const plain = plainly(written), key = latin(plain);
  if (PLATES.unread.includes(key)) return { written, plate: NO_PLATE, class: "other", note: PLATES.notes.missing };
  const found = classify(key);
  return { written, plate: [...key].slice(0, MOST_KEY).join(""), class: found, note: PLATES.notes[noteOf(plain, key, found)] ?? null };
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
  return swapped(kept(folded, (sign) => !PLATES.dropped.includes(sign) && !MARK.test(sign)).normalize("NFKC"), PLATES.simplified);
}

const latin = (text) => [...swapped(text, PLATES.lookalike)].map(digit).join("");

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

function swaps(key, start = 0) {
  return [...key].flatMap((_, at) => (at < start ? [] : swapsAt(key, at)));
}

function swapsAt(key, at) {
  const signs = [...key], alike = [...(PLATES.twins.find((group) => group.includes(signs[at])) ?? "")];
  return alike.filter((twin) => twin !== signs[at]).map((twin) => [...signs.slice(0, at), twin, ...signs.slice(at + 1)].join(""));
}
