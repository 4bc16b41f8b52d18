/* The visits as this phone knows them: what the server told last, with the phone's own entries played on top of it.
   Pure: nothing is read or written here. */

import { AT_GATE, INSIDE, closed, fromServer } from "./fold.js";
import { index } from "./facts.js";
import { played } from "./played.js";

const MOST_CLOSED = 100, ENDS = ["leave", "turn_away", "void"];

const waits = (entry) => !entry.held && !entry.refused;

/** Visits by id, kept up by `told`, `add` and `settle`. */
export class Memory {
  ground = null;
  now = null;
  rows = new Map(); // what the server told, by visit
  entries = new Map(); // by visit, by n: this phone's entries that the server does not tell of yet
  states = new Map();
  ended = new Map(); // visits that ended on this phone, for a screen that still shows one
  came = new Map(); // plate -> visit -> arrival: what came since the ground was told
  sorted = null; // visits(), and below it waiting(), until something changes
  unsent = null;

  /** What the server told: either or both. Visits that did not change stay as they are, also under new rules: what was
      done was judged when it was done. */
  told({ ground, now }) {
    const first = ground && !this.ground;
    if (ground) this.ground = Object.assign(ground, { came: this.came });
    const touched = new Set(first ? this.entries.keys() : []);
    if (now) {
      const before = this.rows;
      this.now = now;
      this.rows = new Map([...(now.gone ?? []), ...now.visits].map((row) => [row.id, row]));
      for (const [id, row] of this.rows) if (before.get(id)?.seq !== row.seq) touched.add(id);
      for (const id of before.keys()) if (!this.rows.has(id)) touched.add(id);
      for (const [visit, own] of [...this.entries]) {
        const told = [...own.values()].filter((entry) => entry.held && entry.held.seq <= now.seq);
        if (told.length) touched.add(visit);
        for (const { n } of told) own.delete(n);
        if (!own.size) this.entries.delete(visit);
      }
    }
    for (const visit of touched) this.fold(visit);
    this.sorted = this.unsent = null;
  }

  /** Everything that this phone wrote, as it opens. */
  load(entries) {
    for (const entry of entries) {
      if (entry.held && entry.held.seq <= (this.now?.seq ?? -1)) continue;
      if (!this.entries.has(entry.visit)) this.entries.set(entry.visit, new Map());
      this.entries.get(entry.visit).set(entry.n, entry);
    }
    for (const visit of this.entries.keys()) this.fold(visit);
    this.sorted = this.unsent = null;
  }

  /* A visit anew from what the server told, with this phone's entries on top. */
  fold(visit) {
    const row = this.rows.get(visit), own = [...(this.entries.get(visit)?.values() ?? [])];
    const ends = ENDS.includes(own.at(-1)?.kind) ? this.folded(row, own, null) : null; // nobody looks at its verdict
    const state = ends && closed(ends) ? ends : this.folded(row, own, this.ground);
    this.keep(visit, state, own.filter(waits).length);
  }

  folded(row, own, ground) {
    return own.reduce((state, entry) => this.after(state, entry, ground), row ? fromServer(row) : null);
  }

  keep(visit, state, unsent) {
    const before = this.states.get(visit);
    if (!state) {
      this.states.delete(visit);
      if (before && closed(before)) this.ended.set(visit, before);
      if (this.ended.size > MOST_CLOSED) this.ended.delete(this.ended.keys().next().value);
      return;
    }
    this.states.set(visit, { ...state, unsent });
    const plate = state.plates.tractor?.plate;
    if (!plate) return;
    if (!this.came.has(plate)) this.came.set(plate, new Map());
    this.came.get(plate).set(visit, state.arrived_at);
  }

  /* The state after one of the phone's entries; those that the server refused, or did not apply, change nothing. */
  after(state, entry, ground = this.ground) {
    if (entry.refused) return state;
    if (entry.held && entry.held.state !== "applied") return state && { ...state, attention: true };
    return played(ground, state, entry.held?.at ? { ...entry, at: entry.held.at } : entry).state;
  }

  /** An entry of this phone, new or read from its disk: {n, visit, kind, by, at, gate, body, held, refused}. */
  add(entry) {
    const { visit, n } = entry, own = this.entries.get(visit) ?? new Map();
    if (own.has(n) || (entry.held && entry.held.seq <= (this.now?.seq ?? -1))) return;
    const last = Math.max(0, ...own.keys()), before = this.states.get(visit) ?? null;
    this.entries.set(visit, new Map([...own, [n, entry]].sort((one, two) => one[0] - two[0])));
    if (n > last) this.keep(visit, this.after(before, entry), (before?.unsent ?? 0) + (waits(entry) ? 1 : 0));
    else this.fold(visit);
    this.sorted = this.unsent = null;
  }

  /** Where each entry stands now, as `outbox.standings` has it. One that is not there was taken and told of: it is
      forgotten, unless this tab has yet to hear what was told. */
  settle({ entries, seq }) {
    const heard = (this.now?.seq ?? -1) >= seq, taken = { seq, state: "applied" };
    for (const [visit, own] of [...this.entries]) {
      let changed = false;
      for (const [n, entry] of [...own]) {
        const found = entries.get(n) ?? (heard ? null : { held: entry.held ?? taken, refused: null });
        if (found) own.set(n, { ...entry, ...found });
        else own.delete(n);
        changed ||= !found || !found.held !== !entry.held || !found.refused !== !entry.refused;
      }
      if (!own.size) this.entries.delete(visit);
      if (changed) this.fold(visit);
    }
    this.sorted = this.unsent = null;
  }

  /** A visit, also one that ended just now; null where nothing is known of it. */
  visit(id) {
    return this.states.get(id) ?? this.ended.get(id) ?? null;
  }

  /** Visits that are not closed, newest first. */
  visits() {
    const newestFirst = (one, two) => two.arrived_at - one.arrived_at;
    this.sorted ??= [...this.states.values()].filter((state) => !closed(state)).sort(newestFirst);
    return this.sorted;
  }

  /** The open visit of a plate, or null. */
  inside(plate) {
    const here = (state) => [AT_GATE, INSIDE].includes(state.status) && state.plates.tractor?.plate === plate;
    return (plate && this.visits().find(here)) || null;
  }

  /** How many entries wait, and since when (microseconds by the server's clock). */
  waiting() {
    this.unsent ??= this.counted();
    return this.unsent;
  }

  counted() {
    let count = 0, oldest = null;
    for (const own of this.entries.values()) {
      for (const entry of own.values()) {
        if (!waits(entry)) continue;
        count += 1;
        if (oldest === null || entry.at < oldest) oldest = entry.at;
      }
    }
    return { count, oldest };
  }

  /** Rulebook versions that judge visits of this phone. */
  needed() {
    return [...new Set(this.visits().flatMap((state) => [...Object.values(state.versions), ...state.switches]))];
  }

  /** A truck that was here before, by its plate. */
  truck(plate) {
    return (this.ground && index(this.ground).trucks.get(plate)) || null;
  }
}
