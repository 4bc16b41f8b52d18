/* Entries made at the gate, until the server has taken them. An entry is on the disk before anybody sees it as made. */

import { STRICT, base } from "./base.js";
import { dated, lineName, lineTime, onLine, onThisLine } from "./clock.js";
import { conflictsOf } from "./conflicts.js";
import { open, seal, self } from "./key.js";
import { roomFor } from "./storage.js";

/** Tells every tab that something was written, taken or told. */
export const changed = new BroadcastChannel("gate");

const ONE_AT_A_TIME = "gate-outbox"; // a lock over all tabs: numbers have no holes, a visit's entries one order

/** Kinds of entry that are about who is on duty, not about a visit. */
export const DUTY = ["duty", "handover", "accept", "off"];

/**
 * Write an entry: `kind`, the visit's id (null for duty), the body, who is on duty (`by`), what judged the screen
 * (`seen`), what stays on this phone (`own`), when it happened where that was not now (`at`, by the server's clock). Throws `Said` where it does not fit on the disk; nothing is written then.
 */
export function write(kind, visit, body, { by, seen = {}, own = {}, id = uuid7(), at = null }) {
  return navigator.locks.request(ONE_AT_A_TIME, async () => {
    const event = await roomFor(() => put({ id, visit, kind, by, seen, body, own, at }));
    changed.postMessage("written");
    return event;
  });
}

async function put({ id, visit, kind, by, seen, body, own, at }) {
  const kept = await base(), phone = await self();
  const n = ((await kept.get("self", "count")) ?? 0) + 1, known = visit && (await kept.get("visits", visit));
  const event = { id, visit, kind, by, at: at === null ? lineTime() : onLine(at), n, after: known?.last ?? null, seen, body, own };
  const bytes = new TextEncoder().encode(JSON.stringify(event));
  const row = { n, id, visit, line: lineName(), ...(await seal(phone.sealing, bytes, `entry ${n}`)) };
  if (DUTY.includes(kind)) row.duty = 1;
  const change = kept.transaction(["self", "outbox", "visits", "kept"], "readwrite", STRICT);
  change.objectStore("outbox").add(row);
  change.objectStore("self").put(n, "count");
  if (visit) change.objectStore("visits").put({ ...known, last: id }, visit);
  const duty = { entry: id, n, kind, by, since: dated(event.at, row.line), state: "unconfirmed" };
  if (row.duty) change.objectStore("kept").put(duty, "duty");
  await change.done;
  return { ...event, line: row.line };
}

async function opened(phone, row) {
  const event = JSON.parse(new TextDecoder().decode(await open(phone.sealing, row, `entry ${row.n}`)));
  return { own: {}, ...event, line: row.line };
}

/** Up to `most` entries that wait to be sent, in the order in which they were made; refused ones are left out.
    Their times are on this tab's line, and one that came after a refused one comes after what that came after. */
export async function waiting(most) {
  const phone = await self(), kept = await base(), refused = await kept.getAllFromIndex("outbox", "refused");
  const instead = new Map(refused.map((row) => [row.id, row.refused.after ?? null]));
  const rows = (await kept.getAll("outbox", null, most + refused.length)).filter((row) => !row.refused);
  const events = await Promise.all(rows.slice(0, most).map((row) => opened(phone, row)));
  return events.map((event) => {
    let { after } = event;
    while (instead.has(after)) after = instead.get(after);
    return { ...event, after, at: onThisLine(event.at, event.line) };
  });
}

/** Everything this phone wrote from number `from` to `until` that the server does not tell of yet: entries with
    `refused` where it will not take them, `held` ({seq, state, at, act}) where it has them. */
export async function written(from = 0, until = Infinity) {
  const phone = await self(), kept = await base(), range = IDBKeyRange.bound(from, until);
  if (!phone) return [];
  const [outbox, held] = await Promise.all(["outbox", "held"].map((name) => kept.getAll(name, range)));
  const found = [...held.map((row) => [row, row]), ...outbox.map((row) => [row, null])];
  const entry = async ([row, taken]) => {
    return { ...(await opened(phone, row)), held: taken && told(taken), refused: row.refused ?? null };
  };
  return (await Promise.all(found.map(entry))).sort((one, two) => one.n - two.n);
}

const told = ({ seq, state, at, act }) => ({ seq, state, at, act });

/** {entries, seq}: where each entry stands, by n, as `{refused}` or `{held}`; one that is not there was taken and is
    told of in what the server said up to `seq`. */
export async function standings() {
  const change = (await base()).transaction(["outbox", "held", "kept"]);
  const [outbox, holds, kept] = ["outbox", "held", "kept"].map((name) => change.objectStore(name));
  const [waits, refused, held, now] = await Promise.all([
    outbox.getAllKeys(), outbox.index("refused").getAll(), holds.getAll(), kept.get("now"),
  ]);
  const entries = new Map([
    ...held.map((row) => [row.n, { held: told(row), refused: null }]),
    ...waits.map((n) => [n, { held: null, refused: null }]),
    ...refused.map((row) => [row.n, { held: null, refused: row.refused }]),
  ]);
  return { entries, seq: now?.seq ?? -1 };
}

/** {waiting, refused}: how many entries are not sent yet, and those that the server will not take. */
export async function unsent() {
  const kept = await base(), refused = await kept.getAllFromIndex("outbox", "refused");
  return { waiting: (await kept.count("outbox")) - refused.length, refused };
}

/** What the server made of `events`, outcome by outcome: what it has is held here until it tells of it, what it
    refuses is kept with the reason, and what it saw otherwise is written down for a person. */
export async function taken(events, outcomes) {
  const phone = await self(), noted = [];
  for (const [index, event] of events.entries()) {
    if (outcomes[index]?.id !== event.id) throw new Error("the answer is not of this batch");
    for (const [id, conflict] of conflictsOf(event, outcomes[index])) {
      const bytes = new TextEncoder().encode(JSON.stringify(conflict));
      noted.push([id, conflict && { id, ...(await seal(phone.sealing, bytes, `conflict ${id}`)) }]);
    }
  }
  const change = (await base()).transaction(["outbox", "held", "conflicts", "kept"], "readwrite", STRICT);
  const outbox = change.objectStore("outbox");
  for (const [index, event] of events.entries()) {
    const answer = outcomes[index], row = await outbox.get(event.n);
    if (!row) continue;
    if (answer.state === "refused") {
      const { code, text, field } = answer;
      await outbox.put({ ...row, refused: { code, text, field, after: event.after } });
      continue;
    }
    outbox.delete(event.n);
    const { seq, state, outcome } = answer;
    if (event.visit) change.objectStore("held").put({ ...row, seq, state, at: outcome?.at, act: outcome?.act });
    else await confirmed(change.objectStore("kept"), event, state);
  }
  const conflicts = change.objectStore("conflicts");
  for (const [id, row] of noted) row ? conflicts.put(row) : conflicts.delete(id);
  await change.done;
  changed.postMessage("taken");
}

async function confirmed(kept, event, state) {
  const duty = await kept.get("duty");
  if (duty?.entry === event.id) kept.put({ ...duty, state: state === "confirmed" ? "on" : "unconfirmed" }, "duty");
}

/** A UUIDv7: ordered by time, else random. */
export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)), now = Date.now();
  for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(now / 2 ** (8 * (5 - place))) & 0xff;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
