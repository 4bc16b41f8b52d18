/* Entries made at the gate, until the server has taken them. An entry is on the disk before anybody sees it as made. */

import { STRICT, base } from "./base.js";
import { open, seal, self } from "./key.js";

/** Tells every tab that something was written or taken. */
export const changed = new BroadcastChannel("gate");

const ONE_AT_A_TIME = "gate-outbox"; // a lock over all tabs: numbers have no holes, a visit's entries one order

/** Write an entry: `kind`, the visit's id, the body, who is on duty (`by`), what judged the screen (`seen`). */
export function write(kind, visit, body, { by, seen = {} }) {
  return navigator.locks.request(ONE_AT_A_TIME, async () => {
    const kept = await base(), phone = await self();
    const n = ((await kept.get("self", "count")) ?? 0) + 1, known = await kept.get("visits", visit);
    const event = { id: uuid7(), visit, kind, by, at: Date.now() * 1000, n, after: known?.last ?? null, seen, body };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    const row = { n, id: event.id, visit, ...(await seal(phone.sealing, bytes, `entry ${n}`)) };
    const change = kept.transaction(["self", "outbox", "visits"], "readwrite", STRICT);
    change.objectStore("outbox").add(row);
    change.objectStore("self").put(n, "count");
    change.objectStore("visits").put({ ...known, last: event.id }, visit);
    await change.done;
    changed.postMessage("written");
    return event;
  });
}

/** Up to `most` entries that wait to be sent, in the order in which they were made; refused ones are left out. */
export async function waiting(most) {
  const phone = await self(), rows = [];
  let cursor = await (await base()).transaction("outbox").store.openCursor();
  while (cursor && rows.length < most) {
    if (!cursor.value.refused) rows.push(cursor.value);
    cursor = await cursor.continue();
  }
  return Promise.all(rows.map(async (row) => JSON.parse(text(await open(phone.sealing, row, `entry ${row.n}`)))));
}

/** {waiting, refused}: how many entries are not sent yet, and those that the server will not take. */
export async function unsent() {
  const rows = await (await base()).getAll("outbox");
  const refused = rows.filter((row) => row.refused);
  return { waiting: rows.length - refused.length, refused };
}

/** What the server made of `events`, outcome by outcome: what it has is forgotten here, what it refuses is kept. */
export async function taken(events, outcomes) {
  const change = (await base()).transaction(["outbox", "answers"], "readwrite", STRICT);
  const outbox = change.objectStore("outbox"), answers = change.objectStore("answers");
  for (const [index, event] of events.entries()) {
    const told = outcomes[index];
    if (told?.id !== event.id) throw new Error("the answer is not of this batch");
    if (told.state === "refused") {
      const row = await outbox.get(event.n);
      if (row) await outbox.put({ ...row, refused: { code: told.code, text: told.text, field: told.field } });
    } else {
      const { state, reason, seq, outcome } = told;
      outbox.delete(event.n);
      answers.put({ visit: event.visit, n: event.n, state, reason, seq, outcome }, event.id);
    }
  }
  await change.done;
  changed.postMessage("taken");
}

const text = (bytes) => new TextDecoder().decode(bytes);

/** A UUIDv7: ordered by time, else random. */
export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)), now = Date.now();
  for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(now / 2 ** (8 * (5 - place))) & 0xff;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
