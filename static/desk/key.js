/* The keys of this phone: made when it was enrolled (enrol.js), kept here, read by nobody. One signs what is sent, one
   seals what waits. Neither can be exported: a copy of the browser's files is no phone that the server believes. */

import { base } from "./base.js";

const SIGN = { name: "ECDSA", hash: "SHA-256" };

/** What this phone is: {desk, gate, enterprise, name, key, sealing}, or undefined before it is enrolled. */
export const self = async () => (await base()).get("self", "desk");

/** The signature of `bytes` as the server reads it: base64 of ECDSA in DER. */
export async function signature(key, bytes) {
  const raw = new Uint8Array(await crypto.subtle.sign(SIGN, key, bytes));
  const parts = [integer(raw.subarray(0, 32)), integer(raw.subarray(32))];
  const length = parts[0].length + parts[1].length;
  return base64(Uint8Array.of(0x30, length, ...parts[0], ...parts[1]));
}

/** `bytes` sealed for the place `label`: {iv, sealed}. What is moved to another place does not open. */
export async function seal(sealing, bytes, label) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt(sealed(iv, label), sealing, bytes) };
}

/** The bytes that `seal` was given. */
export async function open(sealing, row, label) {
  return new Uint8Array(await crypto.subtle.decrypt(sealed(row.iv, label), sealing, row.sealed));
}

const sealed = (iv, label) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(label) });

/* One number of a signature in DER: no leading zeros, and one where it would else be negative. */
function integer(bytes) {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const sign = digits[0] & 0x80 ? [0] : [];
  return [0x02, digits.length + sign.length, ...sign, ...digits];
}

/** Base64 of a few bytes. */
export function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}
