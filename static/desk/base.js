/* What this phone keeps, in IndexedDB "gate":

   self     "desk": what the server calls this phone, with its keys; "count": how many entries it has written
   outbox   by n: {n, id, visit, iv, sealed, refused?}: entries that the server has not taken yet, sealed
   visits   by visit: {last}: the id of its last entry on this phone
   answers  by entry: {visit, n, state, reason, seq, outcome}: what the server made of it
   photos   by id: {iv, sealed, name?}: pictures not sent yet, sealed; `name` once the server has it

   A new version of the program adds stores and never deletes one that may hold something unsent. */

import { openDB } from "../vendor/idb/index.js";

const STORES = { self: undefined, outbox: { keyPath: "n" }, visits: undefined, answers: undefined, photos: undefined };
export const STRICT = { durability: "strict" }; // written means on the disk, also when the battery dies

let opened;

/** The open database; opened again where the browser closed it. */
export function base() {
  opened ??= openDB("gate", 1, {
    upgrade(made) {
      for (const [name, how] of Object.entries(STORES)) {
        if (!made.objectStoreNames.contains(name)) made.createObjectStore(name, how);
      }
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
