/* Who is on duty on this phone. Pure: this phone's own last entry about it, then what the server tells of the gate. */

const NOBODY = { by: null, name: null, role: null, since: null, state: "none", handover: null };

/** {by, name, role, since, state, handover, last}; `last` went off duty, and nobody came since; `state`: "on", "unconfirmed" (the server has not seen the PIN, or it did
    not pass) or "none" (nobody, or a shift that was handed over and waits for the next guard). */
export function standing({ phone, own, ground, now }) {
  const there = (phone && now?.duty?.[phone.gate]) || null;
  if (!own || own.kind === "off") return { ...NOBODY, last: own?.by ?? null, handover: there?.handover ?? null };
  const person = ground?.people?.find(({ id }) => id === own.by);
  const found = { by: own.by, name: person?.name ?? null, role: person?.role ?? null, since: own.since };
  const mine = { id: own.entry, by: own.by, name: found.name, at: own.since, note: null, supplies: {}, open: null };
  if (own.kind === "handover") return { ...found, state: "none", handover: there?.handover ?? mine };
  return { ...found, state: own.state, handover: there?.handover ?? null };
}
