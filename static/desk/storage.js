/* The phone's disk: asked to be kept, watched, and made room on where it is full. What is not sent never goes. */

import { STRICT, base } from "./base.js";
import { Said } from "./said.js";

const LOW_BYTES = 50_000_000, LOW_SHARE = 0.9;

const full = (fault) => fault?.name === "QuotaExceededError";

/** What `put` answers; where the disk is full, after making room. Throws `Said` where it still does not fit. */
export async function roomFor(put) {
  try {
    return await put();
  } catch (fault) {
    if (!full(fault)) throw fault;
  }
  await freed();
  try {
    return await put();
  } catch (fault) {
    if (!full(fault)) throw fault;
    throw new Said(
      "手机存储已满，这一步没有保存。请清理手机里的照片或应用后再试",
      "This phone is full: this was not kept. Free some space, then press again",
    );
  }
}

/** {persisted, low}: whether the browser promised to keep what is here, and whether space runs out. */
export async function space() {
  const store = navigator.storage;
  const persisted = Boolean((await store?.persisted?.()) || (await store?.persist?.()));
  const { usage = 0, quota = Infinity } = (await store?.estimate?.()) ?? {};
  return { persisted, low: quota - usage < LOW_BYTES || usage > quota * LOW_SHARE };
}

/** Make room: the bytes of pictures that the server has, then entries and visits that it has and tells of no more. */
async function freed() {
  const kept = await base();
  const change = kept.transaction(["photos", "held", "visits", "outbox"], "readwrite", STRICT);
  const photos = change.objectStore("photos");
  let photo = await photos.openCursor();
  while (photo) {
    if (photo.value.name) await photo.update({ name: photo.value.name });
    photo = await photo.continue();
  }
  const unsent = new Set((await change.objectStore("outbox").getAll()).map((row) => row.visit));
  const held = change.objectStore("held"), visits = change.objectStore("visits");
  for (const row of await held.getAll()) if (!unsent.has(row.visit)) held.delete(row.n);
  for (const visit of await visits.getAllKeys()) if (!unsent.has(visit)) visits.delete(visit);
  await change.done;
}
