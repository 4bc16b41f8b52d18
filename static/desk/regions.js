/* Provinces, cities and counties found by a part of the name, by pinyin, by initials or by code, without a network:
   as gatekeeper/formats/region_search.py finds them, towns left out. A test compares both on a thousand queries. */

import { prefix } from "./rules/clauses.js";

const MOST_QUERY = 32, ENOUGH = 3000, ENOUGH_OF_A_LEVEL = 200, MOST_SCOPES = 50;
const SUFFIXES = /(?:特别行政区|自治[区州县旗]|街道|地区|新区|[省市区县旗盟镇乡])$/u;
const BLANK = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

const PROVINCE = 0, CITY = 1, COUNTY = 2;

const levelOf = (code) => (code.endsWith("0000") ? PROVINCE : code.endsWith("00") ? CITY : COUNTY);
const cut = (text, most) => [...text].slice(0, most).join("");

let loaded = null;

/** At most `limit` places for some words, best first: [{code, name, path}]; read when it is first wanted. A town's code
    answers its county under that code, since towns are not on the phone. */
export async function search(words, limit = 20) {
  loaded ??= read();
  const known = await loaded.catch((fault) => {
    loaded = null;
    throw fault;
  });
  if (/^[0-9]{9}$/.test(words) && known.name(words)) return [{ code: words, name: known.name(words), path: known.path(words) }];
  return known.search(words, limit);
}

async function read() {
  const answer = await fetch("/desk/regions.json");
  if (!answer.ok) throw new Error(`regions.json: ${answer.status}`);
  return regions(await answer.json());
}

/** The regions of `rows` ([[code, name, pinyin], ...] of /desk/regions.json): {search, name, path}. */
export function regions(rows) {
  const names = new Map(rows.map(([code, name]) => [code, name]));
  const text = "\n" + rows.map((row) => row.join("\t")).join("\n") + "\n";

  /** The name of a region; null for an unknown code, a town's is that of its county. */
  const name = (code) => names.get(code) ?? names.get(code.slice(0, 6)) ?? null;

  /** 浙江省 杭州市 余杭区; the empty string for an unknown code. */
  function path(code) {
    const own = names.has(code) ? code : code.slice(0, 6);
    if (!names.has(own)) return "";
    const above = [own.slice(0, 2) + "0000", own.slice(0, 4) + "00"].filter((each) => names.has(each));
    return [...new Set([...above, own])].map((each) => names.get(each)).join(" ");
  }

  /** At most `limit` regions as {code, name, path}, best first; `within` keeps those inside that code. */
  function search(query, limit = 20, within = "") {
    const typed = cut(query, 4 * MOST_QUERY).normalize("NFKC").split(BLANK);
    const words = typed.map((word) => cut(plainly(word), MOST_QUERY)).filter(Boolean).slice(0, 4);
    if (!words.length || limit < 1) return [];
    let scopes = [prefix(within ?? "")];
    for (const word of words.slice(0, -1)) scopes = found(word, scopes).slice(0, MOST_SCOPES).map(prefix);
    if (!scopes.length) return [];
    const codes = found(words.at(-1), scopes).slice(0, limit);
    return codes.map((code) => ({ code, name: names.get(code), path: path(code) }));
  }

  function found(word, scopes) {
    const best = new Map();
    let last = null;
    for (const [code, fit] of hits(word)) {
      const level = levelOf(code);
      if (best.size >= ENOUGH || (level !== last && best.size >= ENOUGH_OF_A_LEVEL)) break;
      last = level;
      if (scopes.some((scope) => code.startsWith(scope))) best.set(code, Math.min(fit, best.get(code) ?? fit));
    }
    const rank = (code) => [levelOf(code), best.get(code), [...names.get(code)].length, Number(code)];
    return [...best.keys()].sort((one, other) => compared(rank(one), rank(other)));
  }

  /* [code, fit] in the order of the table: 0 the whole name, 1 its beginning, 2 a part. */
  function* hits(word) {
    if (/^[0-9]+$/.test(word)) {
      for (const at of places("\n" + word)) {
        const [code, , pinyin] = line(at + 1);
        if (pinyin || code === word) yield [code, 1]; // one that was given up is found by its whole code alone
      }
    } else if (/^[a-z]+$/.test(word)) {
      yield* byPinyin(word);
    } else if (/[^\x00-\x7f]/.test(word)) {
      for (const at of places(word)) {
        const [code, own, pinyin] = line(at);
        if (pinyin) yield [code, word === own || word === stem(own) ? 0 : own.startsWith(word) ? 1 : 2];
      }
    }
  }

  /* Each letter goes on in its syllable or begins the next one. */
  function* byPinyin(word) {
    const letters = [...word.slice(1)].map((letter) => `(?:[a-z]*')?${letter}`).join("");
    for (const hit of text.matchAll(new RegExp(`\t${word[0]}${letters}`, "g"))) {
      const [code, own] = line(hit.index);
      const syllables = hit[0].split("'").length, next = text[hit.index + hit[0].length];
      const whole = syllables === [...stem(own)].length && (syllables === word.length || !/[a-z]/.test(next));
      yield [code, whole ? 0 : 1];
    }
  }

  function* places(part) {
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) yield at;
  }

  function line(at) {
    const start = text.lastIndexOf("\n", at - 1) + 1;
    return text.slice(start, text.indexOf("\n", start)).split("\t");
  }

  return { search, name, path };
}

const plainly = (word) =>
  word.toLowerCase().replaceAll("ü", "v").replaceAll("lve", "lue").replaceAll("nve", "nue").replace(/['’]/g, "");

function stem(name) {
  const short = name.replace(SUFFIXES, "");
  return [...short].length > 1 ? short : name;
}

function compared(one, other) {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at] - other[at];
}
