/* What this phone holds for a person to see: conflicts, refused entries, who is on duty. Each entry is opened once. */

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
    for (const { n } of [...duty, ...shown].filter((row) => !this.#entries.has(row.n))) {
      for (const entry of await written(n, n)) this.#entries.set(n, entry);
    }
    const opened = (rows) => rows.filter(({ n }) => this.#entries.has(n)).map((row) => this.#opened(row));
    this.dutyWaits = opened(duty).map(({ n, at, line }) => ({ n, at: dated(at, line) }));
    this.conflicts = [...(await conflicts()), ...opened(shown).map(asConflict)].sort((one, two) => one.n - two.n);
  }

  #opened({ n, refused }) {
    return { ...this.#entries.get(n), refused };
  }
}

function asConflict({ id, n, visit, kind, at, line, by, own, body, refused: { code, text, field = null } }) {
  const about = { id, n, visit, kind, at: dated(at, line), by, plate: own.plate ?? null };
  return { ...about, body, what: "refused", code, text, field };
}
