/* Words, times and durations in the language of this phone. What the phone is set to stands in `settings`. */

const PLACE = "gate-desk";
const USUAL = { lang: null, theme: "auto", hand: "right", size: "100", sound: true };
const ZONE = "Asia/Shanghai";

/** {lang, theme, hand, size, sound} of this phone. */
export const settings = { ...USUAL, ...read() };

function read() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? {};
  } catch {
    return {}; // a browser that keeps nothing here: as usual
  }
}

/** Change some of the settings, show them, keep them. */
export function set(changes) {
  Object.assign(settings, changes);
  show();
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // they hold until the page is closed
  }
}

/** Put language, theme, hand and size of text on the page. */
export function show() {
  const page = document.documentElement;
  page.lang = lang() === "en" ? "en" : "zh-CN";
  for (const name of ["theme", "hand", "size"]) page.dataset[name] = settings[name];
}

/** "zh" or "en". */
export function lang() {
  return settings.lang ?? (globalThis.navigator?.language?.startsWith("en") ? "en" : "zh");
}

/** The one of two sentences that the guard reads. */
export const t = (zh, en) => (lang() === "en" ? en : zh);

/** As `t`, of a stored pair. */
export const say = (pair) => (pair ? t(pair.zh, pair.en) : "");

/** What went wrong, in words: of a fault that knows (`Said`), or of any other. */
export const faultOf = (fault) => say(fault.zh ? fault : NOT_WRITTEN);
const NOT_WRITTEN = {
  zh: "没有写下，请再按一次。如果还不行，请关掉这一页再打开。",
  en: "It was not written: press again. If it fails again, close this page and open it.",
};

const HM = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });
const milli = (micros) => Math.floor(micros / 1000);

/** 14:05, at the gate. */
export const clock = (micros) => HM.format(milli(micros));

/** 2026-04-18, at the gate. */
export const day = (micros) => DAY.format(milli(micros));

/** 14:05 today, else 4月18日 14:05; `now` says what today is. */
export function when(micros, now) {
  if (day(micros) === day(now)) return clock(micros);
  const [, month, date] = day(micros).split("-").map(Number);
  return t(`${month}月${date}日 ${clock(micros)}`, `${date}/${month} ${clock(micros)}`);
}

/** 1 小时 20 分 / 1 h 20 min. */
export function minutes(count) {
  const whole = Math.max(0, Math.round(count)), hours = Math.floor(whole / 60), rest = whole % 60;
  if (!hours) return t(`${rest} 分钟`, `${rest} min`);
  return rest ? t(`${hours} 小时 ${rest} 分`, `${hours} h ${rest} min`) : t(`${hours} 小时`, `${hours} h`);
}

/** How long ago `micros` was, in minutes' words. */
export const since = (micros, now) => minutes((now - micros) / 6e7);

/** Say it to who hears the screen. */
export function aloud(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}
