/* The key of this phone and what it is called: made here, kept here, never read by anybody.

   IndexedDB "gate", store "self", one record: {desk, gate, enterprise, name, key}. `key` is a CryptoKey that cannot be
   exported; a copy of the storage's files is no copy of a phone that the server would believe. */

const BASE = "gate", STORE = "self", HERE = "desk";
const CURVE = { name: "ECDSA", namedCurve: "P-256" }, SIGN = { name: "ECDSA", hash: "SHA-256" };

function opened() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(BASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function inStore(mode, act) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const transaction = base.transaction(STORE, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    base.close();
  }
}

/** What this phone is: {desk, gate, enterprise, name, key}, or undefined before it is enrolled. */
export const self = () => inStore("readonly", (store) => store.get(HERE));

/** Keep what the server called this phone, with its key. */
export const keep = (phone) => inStore("readwrite", (store) => store.put(phone, HERE));

/** A new key: {key, pem}, the private half as a CryptoKey that cannot be exported, the public half as PEM. */
export async function made() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const spki = base64(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
  const lines = spki.match(/.{1,64}/g).join("\n");
  return { key: pair.privateKey, pem: `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n` };
}

/** The signature of `bytes` as the server reads it: base64 of ECDSA in DER. */
export async function signature(key, bytes) {
  const raw = new Uint8Array(await crypto.subtle.sign(SIGN, key, bytes));
  const parts = [integer(raw.subarray(0, 32)), integer(raw.subarray(32))];
  const length = parts[0].length + parts[1].length;
  return base64(Uint8Array.of(0x30, length, ...parts[0], ...parts[1]));
}

/** One number of a signature in DER: no leading zeros, and one where it would else be negative. */
function integer(bytes) {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const sign = digits[0] & 0x80 ? [0] : [];
  return [0x02, digits.length + sign.length, ...sign, ...digits];
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}
