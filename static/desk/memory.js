/* The visits as this phone knows them: what the server told last, with the phone's own entries played on top of it.
   Pure: nothing is read or written here. */

import { AT_GATE, INSIDE, closed, fromServer } from "./fold.js";
import { index } from "./facts.js";
import { played } from "./played.js";

const MOST_CLOSED = 100;

/** Visits by id, kept up by `told`, `add` and `settle`. */
export class Memory {
  ground = null;
  now = null;
  rows = new Map(); // what the server told, by visit
  entries = new Map(); // by visit, by n: this phone's entries that the server does not tell of yet
  states = new Map();
  ended = new Map(); // visits that ended on this phone, for a screen that still shows one
  came = new Map(); // plate -> visit -> arrival: what came since the ground was told
  sorted = null;

  /** What the server told: either or both. */
  told({ ground, now }) {
    if (ground) this.ground = ground;
    if (ground) this.ground.came = this.came;
    if (now) {
      this.now = now;
      this.rows = new Map([...(now.gone ?? []), ...now.visits].map((row) => [row.id, row]));
      for (const row of now.visits) this.noteArrival(row.id, row.plates.find((plate) => plate.subject === "tractor")?.plate, row.arrived_at);
      for (const [visit, own] of this.entries) {
        for (const [n, entry] of own) if (entry.held && entry.held.seq <= now.seq) own.delete(n);
        if (!own.size) this.entries.delete(visit);
      }
    }
    this.refold();
  }

  refold() {
    const before = this.states;
    this.states = new Map();
    for (const visit of new Set([...this.rows.keys(), ...this.entries.keys()])) this.fold(visit);
    for (const [visit, state] of before) if (!this.states.has(visit) && closed(state)) this.ended.set(visit, state);
    while (this.ended.size > MOST_CLOSED) this.ended.delete(this.ended.keys().next().value);
    this.sorted = null;
  }

  fold(visit) {
    const row = this.rows.get(visit), own = [...(this.entries.get(visit)?.values() ?? [])];
    if (!row && !own.length) return this.states.delete(visit);
    let state = row ? fromServer(row) : null;
    for (const entry of own) state = this.after(state, entry);
    if (!state) return this.states.delete(visit);
    this.states.set(visit, { ...state, unsent: own.filter((entry) => !entry.held && !entry.refused).length });
    this.noteArrival(visit, state.plates.tractor?.plate, state.arrived_at);
    return true;
  }

  /* The state after one of the phone's entries; those that the server refused, or did not apply, change nothing. */
  after(state, entry) {
    if (entry.refused) return state;
    if (entry.held && entry.held.state !== "applied") return state && { ...state, attention: true };
    return played(this.ground, state, entry.held?.at ? { ...entry, at: entry.held.at } : entry).state;
  }

  /** An entry of this phone, new or read from its disk: {n, visit, kind, by, at, gate, body, held, refused}. */
  add(entry) {
    const own = this.entries.get(entry.visit) ?? new Map();
    if (own.has(entry.n) || (entry.held && entry.held.seq <= (this.now?.seq ?? -1))) return;
    this.entries.set(entry.visit, new Map([...own, [entry.n, entry]].sort((one, two) => one[0] - two[0])));
    this.fold(entry.visit);
    this.sorted = null;
  }

  /** Where each entry stands now, by n, as `outbox.standings` has it; one that is not there is forgotten. */
  settle(standings) {
    for (const [visit, own] of [...this.entries]) {
      let changed = false;
      for (const [n, entry] of [...own]) {
        const found = standings.get(n);
        if (!found) own.delete(n);
        else own.set(n, { ...entry, ...found });
        changed ||= !found || Boolean(found.held) !== Boolean(entry.held) || Boolean(found.refused) !== Boolean(entry.refused);
      }
      if (!own.size) this.entries.delete(visit);
      if (changed) this.fold(visit);
    }
    this.sorted = null;
  }

  /** A visit, also one that ended just now; null where nothing is known of it. */
  visit(id) {
    return this.states.get(id) ?? this.ended.get(id) ?? null;
  }

  /** Visits that are not closed, newest first. */
  visits() {
    this.sorted ??= [...this.states.values()].filter((state) => !closed(state)).sort((one, two) => two.arrived_at - one.arrived_at);
    return this.sorted;
  }

  /** The open visit of a plate, or null. */
  inside(plate) {
    const here = (state) => [AT_GATE, INSIDE].includes(state.status) && state.plates.tractor?.plate === plate;
    return (plate && this.visits().find(here)) || null;
  }

  /** How many entries wait, and since when (microseconds by the server's clock). */
  waiting() {
    const all = [...this.entries.values()].flatMap((own) => [...own.values()]).filter((entry) => !entry.held && !entry.refused);
    return { count: all.length, oldest: all.length ? Math.min(...all.map((entry) => entry.at)) : null };
  }

  /** Rulebook versions that judge visits of this phone. */
  needed() {
    return [...new Set(this.visits().flatMap((state) => [...Object.values(state.versions), ...state.switches]))];
  }

  /** A truck that was here before, by its plate. */
  truck(plate) {
    return (this.ground && index(this.ground).trucks.get(plate)) || null;
  }

  noteArrival(visit, plate, at) {
    if (!plate) return;
    if (!this.came.has(plate)) this.came.set(plate, new Map());
    this.came.get(plate).set(visit, at);
  }
}
