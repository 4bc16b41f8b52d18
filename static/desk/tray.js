/* What this phone holds for a person to see: conflicts, refused entries, who is on duty. Read again only where it changed. */

import { base } from "./base.js";
import { dated } from "./clock.js";
import { conflicts } from "./conflicts.js";
import { written } from "./outbox.js";

/** `conflicts`, `refused` (outbox rows), `duty` (this phone's last entry about it), `dutyWaits` [{n, at}]. */
export class Tray {
  conflicts = [];
  refused = [];
  duty = null;
  dutyWaits = [];
  #entries = new Map(); // by n: the entries that were opened for this

  async load() {
    const open = await base();
    this.refused = await open.getAllFromIndex("outbox", "refused");
    this.duty = (await open.get("kept", "duty")) ?? null;
    const duty = (await open.getAllFromIndex("outbox", "duty")).filter((row) => !row.refused);
    const shown = this.refused.filter((row) => !row.refused.acknowledged);
    for (const { n } of [...duty, ...shown]) if (!this.#entries.has(n)) for (const entry of await written(n, n)) this.#entries.set(n, entry);
    this.dutyWaits = duty.flatMap(({ n }) => this.#entries.get(n) ?? []).map(({ n, at, line }) => ({ n, at: dated(at, line) }));
    const mine = shown.filter((row) => this.#entries.has(row.n)).map((row) => asConflict(this.#entries.get(row.n), row.refused));
    this.conflicts = [...(await conflicts()), ...mine].sort((one, two) => one.n - two.n);
  }
}

function asConflict({ id, n, visit, kind, at, line, by, own, body }, { code, text, field = null }) {
  return { id, n, visit, kind, at: dated(at, line), by, body, plate: own.plate ?? null, what: "refused", code, text, field };
}
