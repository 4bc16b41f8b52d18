/* What this phone keeps, in IndexedDB "gate":

   self      "desk": what the server calls this phone, with its keys; "count": how many entries it has written;
             "revoked": since when it is out of service
   outbox    by n: {n, id, visit, line, iv, sealed, refused?, duty?}: entries that the server has not taken yet, sealed;
             by "refused" those that it will not take, by "duty" those about who is on duty
   held      by n: the same with {seq, state, at, act}: taken, but not yet in what the server tells of its visits
   visits    by visit: {last}: the id of its last entry on this phone
   conflicts by entry: {id, iv, sealed}: what the server saw otherwise, until a person has seen it
   photos    by id: {iv, sealed, name?}: pictures not sent yet, sealed; `name` once the server has it
   kept      "ground", "now": what the server told last, sealed; "clock": how far this phone's clock is off;
             "duty": who is on duty on it

   A new version of the program adds stores and never deletes one that may hold something unsent. */

import { openDB } from "../vendor/idb/index.js";

const STORES = {
  self: undefined, outbox: { keyPath: "n" }, held: { keyPath: "n" }, visits: undefined, conflicts: { keyPath: "id" },
  photos: undefined, kept: undefined,
};
const INDEXES = { refused: "refused.code", duty: "duty" }; // of the outbox
const FORMER = "answers"; // of version 1: what the server had answered, which nobody read
export const STRICT = { durability: "strict" }; // written means on the disk, also when the battery dies

let opened;

/** The open database; opened again where the browser closed it. */
export function base() {
  opened ??= openDB("gate", 3, {
    upgrade(made, _from, _to, change) {
      for (const [name, how] of Object.entries(STORES)) {
        if (!made.objectStoreNames.contains(name)) made.createObjectStore(name, how);
      }
      const outbox = change.objectStore("outbox");
      for (const [name, path] of Object.entries(INDEXES)) {
        if (!outbox.indexNames.contains(name)) outbox.createIndex(name, path);
      }
      if (made.objectStoreNames.contains(FORMER)) made.deleteObjectStore(FORMER);
    },
    blocking: (_now, _new, event) => shut(event.target),
    terminated: () => shut(),
  });
  return opened;
}

function shut(open) {
  open?.close();
  opened = undefined;
}

/** Forget everything, the keys last. */
export async function wiped(at) {
  const open = await base();
  const rest = Object.keys(STORES).filter((name) => name !== "self");
  const change = open.transaction(rest, "readwrite", STRICT);
  for (const name of rest) change.objectStore(name).clear();
  await change.done;
  const last = open.transaction("self", "readwrite", STRICT);
  last.store.clear();
  last.store.put(at, "revoked");
  await last.done;
}
