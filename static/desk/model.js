/* What the screens of the desk talk to, and nothing else: what is known, what may be done, how the line stands. An act
   is on the disk and in memory before it answers; what goes out and comes in happens by itself. */

import { base } from "./base.js";
import { carried } from "./carried.js";
import { dated, remembered, serverTime } from "./clock.js";
import { acknowledged } from "./conflicts.js";
import { standing } from "./duty.js";
import { dayOf, index, inForce } from "./facts.js";
import { judged } from "./judged.js";
import { self } from "./key.js";
import { Memory } from "./memory.js";
import { keepFresh, kept } from "./mirror.js";
import { changed, standings, uuid7, write, written } from "./outbox.js";
import { keepPhoto, small } from "./photos.js";
import { sealed } from "./pin.js";
import { played } from "./played.js";
import { Said } from "./said.js";
import { space } from "./storage.js";
import { keepSending } from "./sync.js";
import { Tray } from "./tray.js";

const STALE = 72 * 3600 * 1_000_000, SPACE_EVERY_MS = 60_000, JUDGED_FOR = 1_000_000;

class Model {
  phone = null; // {desk, gate, name, enterprise}
  #memory = new Memory();
  #tray = new Tray();
  #revoked = false;
  #reached = null; // whether the server answered last: null before the first try
  #space = { persisted: true, low: false };
  #tried = null;
  #showing = null;
  #listeners = new Set();
  #acts = Promise.resolve();
  #most = 0; // the highest number of an entry in memory
  #judgements = new WeakMap();
  #stops = [];

  get ground() { return this.#memory.ground; }
  get now() { return this.#memory.now; }
  at() { return serverTime(); }

  /** Visits that are not closed, newest first. */
  visits() { return this.#memory.visits(); }

  /** One visit, or null. */
  visit(id) { return this.#memory.visit(id); }

  /** What the desk shows of a visit at this moment (judged.js); null where nothing is known of it. */
  judged(id) {
    const state = this.visit(id), at = this.at(), { role } = this.duty();
    if (!state) return null;
    const before = this.#judgements.get(state), same = before?.ground === this.ground && before.role === role;
    if (same && Math.abs(at - before.at) < JUDGED_FOR) return before.found;
    const found = judged(this.ground, state, at, role);
    this.#judgements.set(state, { ground: this.ground, role, at, found });
    return found;
  }

  /** A truck that came before, by its plate's key; null for an unknown one. */
  truck(plate) { return this.#memory.truck(plate); }

  /** What was announced of a plate for today; null for nothing. */
  registration(plate) {
    return (this.ground && index(this.ground).registrations.get(`${plate}\0${dayOf(this.at())}`)) ?? null;
  }

  /** The open visit of a plate; null where there is none. */
  inside(plate) { return this.#memory.inside(plate); }

  /** Other phones that have this visit open. */
  others(visit) {
    return (this.now?.desks ?? []).filter((desk) => desk.visit === visit && desk.desk !== this.phone?.desk);
  }

  /** Which visit this screen has open (null: none): others are told. */
  showing(visit) { this.#showing = visit; }

  /** {by, name, role, since, state, handover}: who is on duty on this phone. */
  duty() { return standing({ phone: this.phone, own: this.#tray.duty, ground: this.ground, now: this.now }); }

  /** {state, waiting, oldest, stale, refused, revoked, tried, storage}; `tried`: {at, state} of the last try to send. */
  line() {
    const { count, oldest } = this.#memory.waiting(), { dutyWaits, refused } = this.#tray;
    const times = [oldest, ...dutyWaits.map((entry) => entry.at)].filter((at) => at !== null);
    const waiting = count + dutyWaits.length, since = times.length ? Math.min(...times) : null;
    return {
      state: this.#reached === false || !navigator.onLine ? "offline" : waiting ? "sending" : "online",
      waiting,
      oldest: since,
      stale: since !== null && this.at() - since > STALE,
      refused: refused.map((row) => ({ n: row.n, id: row.id, visit: row.visit, ...row.refused })),
      revoked: this.#revoked,
      tried: this.#tried,
      storage: this.#space,
    };
  }

  /** What a person must see, oldest first (conflicts.js), refused entries with it. */
  conflicts() { return this.#tray.conflicts; }

  /** A person has seen a conflict: it is listed no more. */
  async seen(id) {
    await acknowledged(id);
    changed.postMessage("taken");
    await this.#settle();
  }

  /** A visit arrives; its id. */
  async arrive({ plates = [], people = [], kind, facts, registration, already }) {
    const body = { kind: kind ?? (plates.length ? "truck" : "walk_in"), plates: plates.map(plainPlate) };
    if (people.length) body.people = people;
    if (facts && Object.keys(facts).length) body.facts = facts;
    if (registration) body.registration = registration;
    if (already) body.already = already;
    const visit = uuid7();
    await this.act("arrive", visit, body);
    return visit;
  }

  /** Answers to questions, with facts and people told beside them; `stage` "exit" for those of the exit. */
  answer(visit, answers, { facts, people, stage } = {}) {
    const body = { answers };
    if (facts && Object.keys(facts).length) body.facts = facts;
    if (people?.length) body.people = people;
    if (stage === "exit") body.stage = stage;
    return this.act("answer", visit, body);
  }

  /** A lead's override with his PIN: `findings` [{owner, rule, subject, consequence}] and the reason. */
  async override(visit, { findings, reason }, userId, pin) {
    const id = uuid7();
    return this.act("override", visit, { findings, reason, pin: await this.seal(pin, id, userId) }, { id, by: userId });
  }

  /** One act on a visit, now or when it `happened`: written, then seen; throws `Said` where it cannot be kept. */
  act(kind, visit, body = {}, { id = uuid7(), by = null, happened = null } = {}) {
    const next = this.#acts.then(() => this.#act(kind, visit, body, id, by, happened));
    this.#acts = next.catch(() => {});
    return next;
  }

  async #act(kind, visit, body, id, by, happened) {
    if (!this.phone) throw new Said("这台手机没有登记，或已停用", "This phone is not enrolled, or is out of service");
    const who = by ?? this.duty().by ?? this.duty().last;
    if (!who) throw new Said("请先选择值班人", "Choose who is on duty first", "duty");
    const before = this.#memory.visit(visit), at = happened ?? this.at();
    const event = { id, visit, kind, by: this.#name(who), at, gate: this.phone.gate, body };
    const { state } = played(this.ground, before, event);
    const own = { plate: state?.plates.tractor?.written ?? null };
    const made = await write(kind, visit, body, { by: who, id, own, seen: this.#screen(state, at), at: happened });
    this.#remember({ ...made, held: null, refused: null });
    this.#tell();
    return made;
  }

  /* What judged the screen, with the verdict that it shows once this is done. */
  #screen(state, at) {
    if (!state || !this.ground) return {};
    const own = inForce(this.ground, at).filter((book) => !book.switch).map((book) => [book.owner, book.version]);
    const list = state.list ?? this.ground.list?.hash;
    return { ...Object.fromEntries(own), ...state.versions, ...(list ? { list } : {}), verdict: state.verdict };
  }

  #name(user) { return this.ground?.people?.find((person) => person.id === user)?.name ?? user; }

  /** A picture, made small and kept; what an answer says in its place. */
  async photo(blob) { return keepPhoto(await small(blob)); }

  /** A PIN for an entry, sealed to the server. */
  seal(pin, entryId, userId) {
    if (!this.ground?.seal) throw new Said("手机还没有连上过服务器，暂时不能用密码", "No PINs before this phone has reached the server");
    return sealed(this.ground.seal, pin, entryId, userId);
  }

  /** Somebody is on duty on this phone now. */
  takeDuty(userId, pin) { return this.#dutyAct("duty", userId, pin, {}); }

  /** The shift is handed over: a note, supplies by code, what is open. */
  handOver({ note = "", supplies = {} } = {}) {
    return this.#dutyAct("handover", this.duty().by, null, { note, supplies, open: this.visits().length });
  }

  /** The next guard takes over. */
  accept(handoverId, userId, pin) { return this.#dutyAct("accept", userId, pin, { handover: handoverId ?? null }); }

  /** Nobody is on duty on this phone any more. */
  goOff() { return this.#dutyAct("off", this.duty().by, null, {}); }

  async #dutyAct(kind, by, pin, body) {
    if (!by) throw new Said("请先选择值班人", "Choose who is on duty first", "duty");
    const id = uuid7(), sealedPin = pin ? await this.seal(pin, id, by) : null;
    const made = await write(kind, null, kind === "off" ? body : { ...body, pin: sealedPin }, { by, id });
    await this.#tray.load();
    this.#tell();
    return made;
  }

  /** Everything unsent as one sealed file (docs/desk.md). */
  exportUnsent(passphrase) { return carried(passphrase); }

  /** `fn` is called whenever something changed; answers how to stop. */
  listen(fn) {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  #tell() { for (const fn of this.#listeners) fn(); }

  async start() {
    const phone = await self();
    this.phone = phone ? { desk: phone.desk, gate: phone.gate, name: phone.name, enterprise: phone.enterprise } : null;
    await remembered();
    await this.#reload();
    const channel = new BroadcastChannel(changed.name);
    channel.addEventListener("message", ({ data }) => this.#heard(data));
    if (!phone) return this;
    const fresh = keepFresh((result) => this.#answered(result), () => this.#asking());
    const sending = keepSending((result) => this.#sent(result, fresh));
    const timer = setInterval(() => this.#measureSpace(), SPACE_EVERY_MS);
    this.#measureSpace();
    this.#stops = [fresh.stop, sending, () => channel.close(), () => clearInterval(timer)];
    return this;
  }

  /** Ends what happens by itself; the model knows nothing new afterwards. */
  stop() { for (const stop of this.#stops) stop(); }

  #asking() {
    const { ground, now } = this, needed = () => this.#memory.needed();
    return { by: this.duty().by, visit: this.#showing, needed, before: { ground, now } };
  }

  async #reload() {
    this.#memory.told(await kept());
    const entries = await written();
    this.#most = entries.at(-1)?.n ?? 0;
    this.#memory.load(entries.filter((entry) => entry.visit).map((entry) => this.#read(entry)));
    await this.#settle();
  }

  /* An entry as the memory has it: by the server's clock, with the name of who made it. */
  #read({ id, n, visit, kind, body, held, refused, at, line, by }) {
    return { id, n, visit, kind, body, held, refused, at: dated(at, line), by: this.#name(by), gate: this.phone?.gate };
  }

  #remember(entry) {
    this.#most = Math.max(this.#most, entry.n);
    if (entry.visit) this.#memory.add(this.#read(entry));
  }

  async #heard(what) {
    const before = this.#most;
    if (what === "written") for (const entry of await written(before + 1)) this.#remember(entry);
    if (what === "written" && before === this.#most) return; // it was this tab
    const tags = { ground: this.ground?.tag, now: this.now?.tag };
    if (what === "told") this.#memory.told(newer(await kept(tags), this.#memory));
    await this.#settle();
  }

  async #answered(result) {
    if (["told", "same", "revoked"].includes(result.state)) this.#reached = true;
    if (result.state === "offline") this.#reached = false;
    if (result.state === "revoked") this.#revoked = true;
    if (result.state === "told") this.#memory.told(newer(result, this.#memory));
    if (result.state === "told") await this.#settle();
    else this.#tell();
  }

  async #sent(result, fresh) {
    if (result.state !== "busy") this.#tried = { at: this.at(), state: result.state };
    if (result.took || result.state === "offline") this.#reached = result.took > 0 && result.state !== "offline";
    if (result.took) fresh.soon();
    await (result.took || result.state === "gone" ? this.#settle() : this.#tell());
  }

  async #settle() {
    await this.#tray.load(); // first: what a person must see is known before nothing waits any more
    this.#memory.settle(await standings());
    this.#revoked ||= Boolean(await (await base()).get("self", "revoked"));
    if (!(await self())) this.phone = null;
    this.#tell();
  }

  async #measureSpace() {
    const found = await space().catch(() => this.#space);
    const differs = found.low !== this.#space.low || found.persisted !== this.#space.persisted;
    this.#space = found;
    if (differs) this.#tell();
  }
}

const plainPlate = ({ subject, written, plate }) => ({ subject, written: written ?? plate });

/* Of what was told, what is newer than what is in memory. */
const newer = ({ ground, now }, { now: known }) => ({ ground, now: now && known && now.seq < known.seq ? null : now });

/** The model of this phone, kept up by itself. */
export const open = () => new Model().start();
