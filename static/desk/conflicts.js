/* Where the server saw it otherwise than the guard at the gate: kept until a person has seen it. */

import { STRICT, base } from "./base.js";
import { open, self } from "./key.js";

/** What a person must see of an entry's outcome, as [[entry id, conflict or null]]: of the entry itself, and of those
    that waited for it. A conflict is {id, n, visit, kind, at, by, plate, what, ...}.

    `what`: "differs" (the server's verdict is another: `seen`, `decided`), "also" (somebody admitted first: `first`),
    "attention" (recorded, but it cannot be applied: `reason`), "waiting" (for an entry that never came),
    "unconfirmed" (the PIN or the person did not pass). Refused entries stay in the outbox with their reason. */
export function conflictsOf(event, { state, reason, code = null, text = null, outcome = {} }) {
  const { id, n, visit, kind, at, by, own, seen } = event;
  const about = { n, visit, kind, at, by, plate: own?.plate ?? null };
  const wrongPin = state === "unconfirmed" && { what: "unconfirmed", code, text };
  const mine = wrongPin || otherwise({ ...outcome, state, reason }, seen);
  const late = (outcome.released ?? []).map((freed) => [freed.event, otherwise(freed, {})]);
  return [[id, mine], ...late].map(([entry, found]) => [entry, found && { ...about, id: entry, ...found }]);
}

function otherwise({ state, reason, act, first, decision }, seen) {
  if (state === "attention") return { what: "attention", reason };
  if (state === "waiting") return { what: "waiting" };
  if (act === "also") return { what: "also", first };
  const differs = state === "applied" && decision && seen?.verdict && decision.verdict !== seen.verdict;
  return differs ? { what: "differs", seen: seen.verdict, decided: decision.verdict } : null;
}

const known = new Map();

/** Every conflict that nobody has seen yet; each is opened once. */
export async function conflicts() {
  const phone = await self();
  if (!phone) return [];
  const rows = await (await base()).getAll("conflicts");
  const fresh = rows.filter(({ id, iv }) => String(known.get(id)?.iv) !== String(iv));
  for (const row of fresh) {
    const bytes = await open(phone.sealing, row, `conflict ${row.id}`);
    known.set(row.id, { iv: row.iv, conflict: JSON.parse(new TextDecoder().decode(bytes)) });
  }
  return rows.map(({ id }) => known.get(id).conflict);
}

/** A person has seen it: a conflict is forgotten, a refused entry stays in the outbox and is not shown again. */
export async function acknowledged(id) {
  const change = (await base()).transaction(["conflicts", "outbox"], "readwrite", STRICT);
  change.objectStore("conflicts").delete(id);
  let cursor = await change.objectStore("outbox").openCursor();
  while (cursor) {
    const row = cursor.value;
    if (row.id === id && row.refused) await cursor.update({ ...row, refused: { ...row.refused, acknowledged: true } });
    cursor = await cursor.continue();
  }
  await change.done;
}
