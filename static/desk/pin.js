/* A PIN typed without a network: sealed so that only the server opens it, and only for this entry and this person. */

const CURVE = { name: "ECDH", namedCurve: "P-256" }, INFO = new TextEncoder().encode("gate pin");

/** {seal, key, iv, box} of `pin`, to the server's key `{id, key}` (base64 of SPKI). */
export async function sealed(to, pin, entry, user) {
  const theirs = await crypto.subtle.importKey("spki", bytes(to.key), CURVE, false, []);
  const mine = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine.privateKey, 256);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: INFO };
  const key = await crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12)), additionalData = new TextEncoder().encode(`${entry}|${user}`);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, new TextEncoder().encode(pin));
  const known = await crypto.subtle.exportKey("raw", mine.publicKey);
  return { seal: to.id, key: base64(known), iv: base64(iv), box: base64(box) };
}

const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
