/* Where the server saw it otherwise than the guard at the gate: kept until a person has seen it. */

import { STRICT, base } from "./base.js";
import { open, self } from "./key.js";

/** What a person must see of an entry's outcome: {id, n, visit, kind, at, by, plate, what, ...}, or null.

    `what`: "differs" (the server's verdict is another: `seen`, `decided`), "also" (somebody admitted it first: `first`),
    "attention" (recorded, but it cannot be applied: `reason`), "waiting" (for an entry that never came),
    "unconfirmed" (the PIN or the person did not pass). Refused entries stay in the outbox with their reason. */
export function conflictOf(event, answer) {
  const { id, n, visit, kind, at, by, own } = event;
  const about = { id, n, visit, kind, at, by, plate: own?.plate ?? null };
  const { state, outcome = {} } = answer;
  if (state === "attention") return { ...about, what: "attention", reason: answer.reason };
  if (state === "waiting") return { ...about, what: "waiting" };
  if (state === "unconfirmed") return { ...about, what: "unconfirmed", code: answer.code ?? null, text: answer.text ?? null };
  if (outcome.act === "also") return { ...about, what: "also", first: outcome.first };
  const decided = outcome.decision?.verdict, seen = event.seen?.verdict;
  return state === "applied" && decided && seen && decided !== seen ? { ...about, what: "differs", seen, decided } : null;
}

const known = new Map();

/** Every conflict that nobody has seen yet; each is opened once. */
export async function conflicts() {
  const phone = await self();
  if (!phone) return [];
  const rows = await (await base()).getAll("conflicts");
  for (const row of rows.filter(({ id }) => !known.has(id))) {
    const bytes = await open(phone.sealing, row, `conflict ${row.id}`);
    known.set(row.id, JSON.parse(new TextDecoder().decode(bytes)));
  }
  return rows.map(({ id }) => known.get(id));
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
