/* Everything that is not sent yet, in one file that a person can carry: sealed with a passphrase (docs/desk.md). */

import { base } from "./base.js";
import { dated } from "./clock.js";
import { open, self } from "./key.js";
import { written } from "./outbox.js";

const ROUNDS = 600_000, MAGIC = "gate-unsent-1";

/** A file with the unsent entries and their pictures: JSON {format, rounds, salt, iv, box}. */
export async function carried(passphrase) {
  const phone = await self(), entries = (await written()).filter((entry) => !entry.held);
  const photos = {};
  for (const file of entries.flatMap((entry) => (entry.body.answers ?? []).map((answer) => answer.value?.file ?? ""))) {
    const id = file.startsWith("photo:") ? file.slice(6) : null, row = id && (await (await base()).get("photos", id));
    if (row?.sealed) photos[id] = base64(await open(phone.sealing, row, file));
  }
  const events = entries.map(({ own: _own, line, held: _held, at, ...event }) => ({ ...event, at: dated(at, line) }));
  const text = JSON.stringify({ desk: phone.desk, gate: phone.gate, events, photos });
  const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
  const utf8 = (words) => new TextEncoder().encode(words);
  const typed = await crypto.subtle.importKey("raw", utf8(passphrase), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  const key = await crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const sealing = { name: "AES-GCM", iv, additionalData: utf8(MAGIC) };
  const box = new Uint8Array(await crypto.subtle.encrypt(sealing, key, utf8(text)));
  const file = { format: MAGIC, rounds: ROUNDS, salt: base64(salt), iv: base64(iv), box: base64(box) };
  return new Blob([JSON.stringify(file)], { type: "application/json" });
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
