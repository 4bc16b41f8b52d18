/* The page that a phone opens from the code: it makes a key, brings its public half, and keeps what it is told. */

import { STRICT, base } from "./base.js";
import { base64, self } from "./key.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" }, SEAL = { name: "AES-GCM", length: 256 };

const form = document.getElementById("enrol");
const button = document.querySelector("button[form='enrol']");
const told = document.getElementById("told");
const words = document.getElementById("words").dataset;
const token = location.hash.slice(1);

/** `last`: there is nothing to press any more. */
function tell(text, { good = false, last = good } = {}) {
  told.textContent = text;
  told.hidden = false;
  told.className = `notice ${good ? "notice--success" : "notice--error"}`;
  button.hidden = last;
}

async function enrol() {
  const { pem, ...keys } = await made();
  const answer = await fetch(location.pathname, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.csrf_token.value },
    body: JSON.stringify({ token, public_key: pem }),
  });
  const given = await answer.json();
  if (!answer.ok) return tell(given.text[document.documentElement.lang === "en" ? "en" : "zh"]);
  await keep({ ...given, ...keys });
  navigator.storage?.persist?.();
  history.replaceState(null, "", location.pathname); // the code is used up; nobody needs to see it
  tell(`${words.done}${given.name}`, { good: true });
  document.getElementById("open").hidden = false;
}

/* Keep what the server called this phone, with its keys. */
async function keep(phone) {
  const change = (await base()).transaction("self", "readwrite", STRICT);
  change.store.put(phone, "desk");
  await change.done;
}

/* New keys: {key, sealing, pem}; `pem` is the public half of the one that signs. */
async function made() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const sealing = await crypto.subtle.generateKey(SEAL, false, ["encrypt", "decrypt"]);
  const spki = base64(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
  const lines = spki.match(/.{1,64}/g).join("\n");
  return { key: pair.privateKey, sealing, pem: `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n` };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    await enrol();
  } catch {
    tell(navigator.onLine ? words.old : words.offline);
  } finally {
    button.disabled = false;
  }
});

async function begin() {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) tell(words.old, { last: true });
  else if (await self().catch(() => undefined)) {
    tell(words.already, { last: true });
    document.getElementById("open").hidden = false;
  }
  else if (!token) tell(words.none, { last: true });
}

begin();
