/* Pictures: made small on the phone, kept sealed, sent before the entry that shows them.

   An entry names its picture `photo:<id>` while it waits; the server's name for it, the digest of what it keeps, takes
   that place when the entry is sent, the same name each time. */

import { STRICT, base } from "./base.js";
import { uuid7 } from "./outbox.js";
import { open, seal, self } from "./key.js";
import { roomFor } from "./storage.js";

const LONGEST_PX = 1600, QUALITY = 0.8;
const HERE = "photo:";

/** `picture` (a File or Blob) as a JPEG whose longer side has at most 1600 px, upright. */
export async function small(picture) {
  const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

/** Keep a picture; what an answer says in its place: `photo:<id>`. */
export async function keepPhoto(blob) {
  const phone = await self(), id = uuid7();
  const row = await seal(phone.sealing, await blob.arrayBuffer(), `${HERE}${id}`);
  await roomFor(async () => {
    const change = (await base()).transaction("photos", "readwrite", STRICT);
    change.store.put(row, id);
    await change.done;
  });
  return `${HERE}${id}`;
}

/** `events` with the server's names of their pictures, which are sent where it has none yet; null without a network.

    `post(path, type, bytes)` answers a Response or null. A picture that the server will never take is left
    out of its entry and stays here, marked. */
export async function named(events, post) {
  const found = [];
  for (const event of events) {
    const answers = [];
    for (const answer of event.body.answers ?? []) {
      const file = answer.value?.file;
      const name = file?.startsWith(HERE) ? await nameOf(file.slice(HERE.length), post) : file;
      if (name === null) return null;
      if (name !== undefined) answers.push({ ...answer, value: { ...answer.value, file: name } });
      else if (!file) answers.push(answer);
    }
    found.push(event.body.answers ? { ...event, body: { ...event.body, answers } } : event);
  }
  return found;
}

async function nameOf(id, post) {
  const kept = await base(), row = await kept.get("photos", id);
  if (!row || row.refused) return undefined;
  if (row.name) return row.name;
  const phone = await self(), bytes = await open(phone.sealing, row, `${HERE}${id}`);
  const answer = await post("/desk/photos", "image/jpeg", bytes);
  if (!answer || answer.status >= 500 || answer.status === 401) return null;
  const told = await answer.json(), name = answer.ok ? told.name : undefined;
  await kept.put("photos", { ...row, ...(name ? { name } : { refused: told }) }, id);
  return name;
}

/** Forget the pictures of entries that the server has taken. */
export async function forgotten(events) {
  const change = (await base()).transaction("photos", "readwrite", STRICT);
  for (const answer of events.flatMap((event) => event.body.answers ?? [])) {
    const file = answer.value?.file ?? "";
    const row = file.startsWith(HERE) && (await change.store.get(file.slice(HERE.length)));
    if (row?.name) change.store.delete(file.slice(HERE.length));
  }
  await change.done;
}
