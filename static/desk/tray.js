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
    const open = await base(), rows = await open.getAll("outbox");
    this.refused = rows.filter((row) => row.refused);
    this.duty = (await open.get("kept", "duty")) ?? null;
    const duty = rows.filter((row) => !row.visit && !row.refused), shown = this.refused.filter((row) => !row.refused.acknowledged);
    await this.#opened([...duty, ...shown]);
    this.dutyWaits = duty.map(({ n }) => this.#entries.get(n)).map(({ n, at, line }) => ({ n, at: dated(at, line) }));
    const mine = shown.map((row) => asConflict(this.#entries.get(row.n), row.refused));
    this.conflicts = [...(await conflicts()), ...mine].sort((one, two) => one.n - two.n);
  }

  async #opened(rows) {
    if (rows.every((row) => this.#entries.has(row.n))) return;
    const wanted = new Set(rows.map((row) => row.n));
    this.#entries = new Map((await written()).filter((entry) => wanted.has(entry.n)).map((entry) => [entry.n, entry]));
  }
}

function asConflict({ id, n, visit, kind, at, line, by, own, body }, { code, text, field = null }) {
  return { id, n, visit, kind, at: dated(at, line), by, body, plate: own.plate ?? null, what: "refused", code, text, field };
}
