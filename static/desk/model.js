/* What the screens are shown: the server's picture of the gate with this phone's own entries folded on top. */

import { self } from "./key.js";

/** The model of this phone. */
export async function open() {
  const phone = await self();
  return {
    phone,
    ground: null,
    now: null,
    at: () => Date.now() * 1000,
    visits: () => [],
    conflicts: () => [],
    duty: () => ({ by: null, state: "none" }),
    line: () => ({ state: navigator.onLine ? "online" : "offline", waiting: 0, refused: [], storage: {} }),
    listen: () => () => undefined,
  };
}
