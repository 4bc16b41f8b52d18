/* What this phone knows of a plate while it is typed: who stands at the gate, who is inside, who was announced, who came
   before. Pure: `model` is only asked. */

import { dayOf, inForce, often } from "./facts.js";
import { NO_PLATE, PROVINCES, classify, lookalikes, parse } from "./plates.js";
import { needs } from "./rules.js";

const FIRST = [..."浙沪苏皖赣闽豫鲁鄂湘粤京津冀晋蒙辽吉黑桂琼渝川贵云藏陕甘青宁新"];
const PARTS = /[\s,;:，；：|&=?#/"'<>()（）[\]{}]+/u, DROPPED = /[\s·•.\-—_]/gu;
const LONGEST = 500, PLACES = 8, TAIL = 3, MOST_ALIKE = 3;
const DAY = 24 * 3600 * 1_000_000;

/** A plate as it is being typed: upper case, without spaces and dots. */
export const tidy = (text) => text.normalize("NFKC").toUpperCase().replace(DROPPED, "");

/** How the program reads it; null while nothing is typed. */
export const read = (text) => (text ? parse(text) : null);

/** Whether a plate is whole: one of the known formats, or none at all. */
export const whole = (text) => Boolean(text) && (text === NO_PLATE || parse(text).class !== "other");

/** Whether something can be said of it: it is whole, or as long as a plate though none. */
export const enough = (text) => whole(text) || [...text].length >= PLACES - 1;

/** The plate in what was pasted or read from a code; null where there is none. */
export function plateIn(text) {
  const pieces = decoded(text.slice(0, LONGEST)).split(PARTS).map(tidy).filter(Boolean);
  const alone = pieces.find((piece) => classify(parse(piece).plate) !== "other");
  if (alone) return parse(alone).plate;
  for (const piece of [...pieces, pieces.join("")]) {
    const signs = [...parse(piece).plate === NO_PLATE ? "" : piece];
    for (const at of signs.keys()) {
      if (!PROVINCES.includes(signs[at])) continue;
      for (const length of [PLACES, PLACES - 1]) {
        const found = parse(signs.slice(at, at + length).join(""));
        if (found.class !== "other") return found.plate;
      }
    }
  }
  return null;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const ordered = new WeakMap();

/** All provinces, those first that most of the known trucks come from. */
export function provinces(ground) {
  if (!ground?.trucks) return FIRST;
  if (!ordered.has(ground)) {
    const first = often(ground, "plate", (plate) => plate[0]).filter((sign) => FIRST.includes(sign));
    ordered.set(ground, [...new Set([...first, ...FIRST])]);
  }
  return ordered.get(ground);
}

/* Registrations of a day by plate, the one announced last; declined ones too, unless another one stands. */
function announcedOn(ground, day) {
  const found = new Map(), weight = ({ state, fact }) => (fact?.announced_at ?? 0) * (state === "declined" ? -1 : 1);
  for (const row of ground?.registrations ?? []) {
    const before = found.get(row.plate);
    if (row.day === day && (!before || weight(row) >= weight(before))) found.set(row.plate, row);
  }
  return found;
}

/** Announced for today and not seen yet: registrations. */
export function expected(model) {
  const at = model.at(), today = dayOf(at), here = new Set(model.visits().map((visit) => visit.plates.tractor?.plate));
  const came = (plate) => model.truck(plate)?.recent?.some((moment) => dayOf(moment) === today);
  const waits = ({ plate, state }) => state !== "declined" && !here.has(plate) && !came(plate);
  return [...announcedOn(model.ground, today).values()].filter(waits);
}

/** What fits `text`, the nearest first: {plate, class, what, visit, registration, truck}; `what` as in `standing`. */
export function matches(model, text, most) {
  const wanted = text === NO_PLATE ? "" : parse(text).plate, found = new Map();
  if (!text || !wanted) return [];
  const fits = (plate) => {
    const at = plate?.indexOf(wanted) ?? -1;
    return (at >= 0 && at <= 2) || (wanted.length >= TAIL && Boolean(plate?.endsWith(wanted)));
  };
  const add = (plate, row) => {
    if (fits(plate) && !found.has(plate)) found.set(plate, { plate, class: classify(plate), ...row });
  };
  for (const visit of model.visits()) add(visit.plates.tractor?.plate, { what: visit.status, visit });
  for (const registration of expected(model)) add(registration.plate, { what: "announced", registration });
  for (const truck of model.ground?.trucks ?? []) {
    if (found.size >= most) break;
    add(truck.plate, { what: "known", truck });
  }
  return [...found.values()].slice(0, most);
}

/**
 * How a plate stands: {plate, class, note, what, visit, registration, truck, away, alike}. `what`: inside, at_gate,
 * announced, declined, known, new, or none (no plate). `away`: when it was sent away last, if nothing was since;
 * `alike`: plates that look like this one, which is not known: known ones, and any where this one cannot be one.
 */
export function standing(model, text) {
  const found = parse(text), key = found.plate;
  if (key === NO_PLATE) return { ...found, what: "none", alike: [] };
  const visit = model.inside(key), truck = model.truck(key), today = announcedOn(model.ground, dayOf(model.at()));
  const registration = today.get(key) ?? null, announced = registration?.state === "declined" ? "declined" : "announced";
  const what = visit ? visit.status : registration ? announced : truck ? "known" : "new";
  const seen = (plate) => model.inside(plate) || model.truck(plate) || today.has(plate);
  const guesses = what === "new" ? lookalikes(text) : [], known = guesses.filter(seen);
  const alike = (known.length || found.class !== "other" ? known : guesses).slice(0, MOST_ALIKE);
  const away = truck?.turned_away && truck.turned_away >= truck.last ? truck.turned_away : null;
  return { ...found, what, visit, registration, truck, away, alike };
}

/** What a known vehicle is taken to say again, as far as the rules in force ask: {facts, people}. */
export function recalled(model, { truck, registration }) {
  const facts = {}, people = [];
  if (!model.ground || (!truck && !registration)) return { facts, people };
  const asked = needs(inForce(model.ground, model.at()));
  for (const name of ["origin", "cargo"]) {
    const value = registration?.[name] ?? truck?.[name];
    if (value && asked.includes(name)) facts[name] = value;
  }
  for (let number = 1; asked.includes("people") && number <= (truck?.people ?? 0); number += 1) {
    people.push({ subject: `occupant:${number}`, role: number === 1 ? "driver" : "passenger" });
  }
  return { facts, people };
}

/** How often a known vehicle came in the last week. */
export const lately = (truck, at) => (truck?.recent ?? []).filter((moment) => moment > at - 7 * DAY).length;

/** How many wait at the gate, are inside, are overdue of all these, and must be seen by a person. */
export function openNow(model) {
  const visits = model.visits(), inside = visits.filter(({ status }) => status === "inside").length, now = model.at();
  const late = visits.filter(({ status, due_at: due }) => status === "inside" && due && due < now).length;
  return { waiting: visits.length - inside, inside, late, wrong: model.conflicts().length + (model.now?.attention ?? 0) };
}
