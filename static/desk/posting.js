/* A request of this phone, signed with its key. */

import { self, signature } from "./key.js";

const PATIENCE_MS = 20_000;

/** The answer to `bytes` sent to `path`; null where none came. */
export async function posted(path, type, bytes) {
  const phone = await self(), signed = await signature(phone.key, bytes);
  try {
    return await fetch(path, {
      method: "POST",
      body: bytes,
      headers: { "Content-Type": type, "X-Gate-Desk": phone.desk, "X-Gate-Signature": signed },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    return null;
  }
}
