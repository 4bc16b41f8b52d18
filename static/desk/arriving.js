/* From a plate to a visit: one entry for the arrival, with what the guard confirmed by the same press. */

import { go, redraw } from "./app.js";
import { recalled } from "./known.js";
import { clear, typed } from "./typing.js";

const DROVE_OFF = "没有等查验就离开了";
const SMALL = ["new_energy_small", "embassy", "consulate"];

/** What kind of vehicle a plate is taken for until the guard says otherwise. */
export function kindOf(model, stands) {
  if (typed.kind) return typed.kind;
  if (stands?.truck?.kind) return stands.truck.kind;
  return model.ground?.gate.kind === "people" || SMALL.includes(stands?.class) ? "car" : "truck";
}

/**
 * The vehicle of `stands` (null: somebody on foot) arrives and its visit opens. `plain`: nothing that was known is taken
 * over; `already`: how an earlier visit of this plate ended that nobody closed.
 */
export async function arrived(model, stands, { kind = kindOf(model, stands), plain = false, already = null } = {}) {
  if (typed.busy) return;
  typed.busy = true;
  redraw();
  try {
    if (already === "exit_missed" || already === "came_back") await closed(model, stands.visit, already);
    const { facts, people } = plain || !stands ? { facts: {}, people: [] } : recalled(model, stands);
    const subjects = stands ? { plates: plates(), people } : { people: VISITOR };
    const id = await model.arrive({ ...subjects, kind, facts, registration: announced(stands), already });
    await keepPhoto(model, id);
    clear();
    goesOn(id);
  } catch (fault) {
    typed.wrong = fault.zh ? fault : { zh: "没有写下来，请再按一次", en: "It was not written down: press again" };
    if (!fault.zh) console.error(fault);
  }
  typed.busy = false;
  redraw();
}

const VISITOR = [{ subject: "occupant:1", role: "visitor" }];
const announced = (stands) =>
  stands?.registration && stands.registration.state !== "declined" ? stands.registration.id : null;

/** Open a visit. */
export const goesOn = (id) => go(`v/${id}`);

function plates() {
  const found = [{ subject: "tractor", written: typed.text }];
  return typed.trailer ? [...found, { subject: "trailer:1", written: typed.trailer }] : found;
}

/* How the earlier visit ended: unseen, seen, or unchecked. */
function closed(model, earlier, already) {
  return earlier.status === "inside"
    ? model.act("leave", earlier.id, { seen: already === "came_back", subjects: [] })
    : model.act("turn_away", earlier.id, { reason: DROVE_OFF });
}

async function keepPhoto(model, id) {
  if (!typed.photo) return;
  const file = await model.photo(typed.photo.blob);
  await model.answer(id, [{ question: "plate_photo", subject: "visit", kind: "photo", value: { file } }]);
}
