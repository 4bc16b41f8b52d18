/* What the server tells this phone: the ground (rules, list, people, known trucks) and what is now (open visits, other
   desks, duty). Asked for again and again, kept sealed, so that a phone without a network knows what it knew last. */

import { STRICT, base } from "./base.js";
import { lineTime, measured } from "./clock.js";
import { open, seal, self } from "./key.js";
import { changed } from "./outbox.js";
import { posted } from "./posting.js";

const EVERY_MS = 4_000, LONGEST_PAUSE_MS = 60_000, PATIENCE = 2;

/** What was told last: {ground, now}; each null before the first time, or where it is what has this tag already.
    `now.gone` are rows of visits that it tells of no more while entries of theirs still wait here. */
export async function kept({ ground, now } = {}) {
  const phone = await self();
  if (!phone) return { ground: null, now: null };
  return { ground: await read(phone, "ground", ground), now: await read(phone, "now", now) };
}

async function read(phone, name, known) {
  const row = await (await base()).get("kept", name);
  if (!row || row.tag === known) return null;
  return { ...JSON.parse(new TextDecoder().decode(await open(phone.sealing, row, name))), tag: row.tag };
}

/** Ask once: {state, ground, now}; `state`: "told", "same", "offline", "later", "unknown" or "revoked". `by` is on duty
    here, `visit` open on this screen; `needed` answers the rulebook versions that visits on this phone still need. */
export async function refresh({ by = null, visit = null, needed = () => [], before = null } = {}) {
  const phone = await self();
  if (!phone) return { state: "unknown" };
  const known = before ?? (await kept()), asked_at = lineTime();
  const body = { sent_at: asked_at, ground: known.ground?.tag ?? null, now: known.now?.tag ?? null, by, visit };
  const answer = await posted("/desk/state", "application/json", new TextEncoder().encode(JSON.stringify(body)));
  const told = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!told) return { state: !answer || answer.ok ? "offline" : answer.status === 401 ? "unknown" : "later" };
  await measured(told.at, asked_at, lineTime());
  if (told.revoked) {
    await (await base()).put("self", told.at, "revoked");
    changed.postMessage("written"); // what waits goes out now, and then everything
    return { state: "revoked" };
  }
  const ground = told.ground && withOldBooks({ ...told.ground, tag: told.ground_tag }, known.ground, needed());
  const now = told.now && { ...told.now, tag: told.now_tag };
  if (ground) await keep(phone, "ground", ground);
  const fresh = now && (await keepNow(phone, now, known.now));
  if (ground || fresh) changed.postMessage("told");
  return { state: ground || fresh ? "told" : "same", ground: ground || null, now: fresh || null };
}

/* A truck that was let in here stays under the rules that let it in, also before the server knows of it. */
function withOldBooks(ground, former, versions) {
  const has = new Set(ground.books.map((book) => book.version)), shelf = { ...ground.shelf };
  const books = (former?.books ?? []).map((book) => [book.version, book]);
  const old = new Map([...Object.entries(former?.shelf ?? {}), ...books]);
  const lacking = versions.filter((version) => !has.has(version) && !shelf[version] && old.has(version));
  for (const version of lacking) shelf[version] = old.get(version);
  return { ...ground, shelf };
}

async function keep(phone, name, { tag, ...rest }) {
  const row = { tag, ...(await seal(phone.sealing, new TextEncoder().encode(JSON.stringify(rest)), name)) };
  const change = (await base()).transaction("kept", "readwrite");
  change.store.put(row, name);
  await change.done;
}

/* What the server tells of now is forgotten here; a row of a visit that it tells of no more stays while it is needed.
   Null where another tab was told something newer. */
async function keepNow(phone, now, former) {
  const there = await base(), unsent = new Set((await there.getAll("outbox")).map((row) => row.visit));
  const open = new Set(now.visits.map((row) => row.id));
  const rows = [...(former?.visits ?? []), ...(former?.gone ?? [])];
  const gone = rows.filter((row) => unsent.has(row.id) && !open.has(row.id));
  const { tag, ...told } = { ...now, gone };
  const bytes = new TextEncoder().encode(JSON.stringify(told));
  const row = { tag, seq: now.seq, ...(await seal(phone.sealing, bytes, "now")) };
  const change = there.transaction(["kept", "held", "visits", "outbox"], "readwrite", STRICT);
  const stored = await change.objectStore("kept").get("now");
  if (stored && stored.seq > now.seq) return change.done.then(() => null);
  change.objectStore("kept").put(row, "now");
  const left = new Set((await change.objectStore("outbox").getAll()).map((entry) => entry.visit));
  for (const entry of await change.objectStore("held").getAll()) {
    if (entry.seq <= now.seq) change.objectStore("held").delete(entry.n);
    else left.add(entry.visit);
  }
  const visits = change.objectStore("visits");
  for (const id of await visits.getAllKeys()) if (!left.has(id) && !open.has(id)) visits.delete(id);
  await change.done;
  return { ...told, tag };
}

/** Keep asking while the page is seen; `asked` answers what `refresh` is given, `told` hears each result. Answers
    {stop, soon}: `soon()` asks at once. */
export function keepFresh(told, asked = () => ({})) {
  let timer, failed = 0, stopped = false, busy = false;
  const seen = () => document.visibilityState === "visible";

  async function go() {
    clearTimeout(timer);
    if (busy || stopped) return;
    busy = true;
    const result = await refresh(asked()).catch((fault) => ({ state: "later", fault }));
    busy = false;
    failed = ["told", "same", "revoked"].includes(result.state) ? 0 : failed + 1;
    if (stopped) return;
    await told(result);
    const pause = failed < PATIENCE ? EVERY_MS : Math.min(EVERY_MS * 2 ** (failed - PATIENCE + 1), LONGEST_PAUSE_MS);
    if (seen() && result.state !== "revoked") timer = setTimeout(go, pause);
  }

  const soon = () => {
    failed = 0;
    if (seen()) go();
  };
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", soon);
  const first = go();
  return {
    first,
    soon,
    stop() {
      stopped = true;
      clearTimeout(timer);
      removeEventListener("online", soon);
      document.removeEventListener("visibilitychange", soon);
    },
  };
}
