/* Sending what waits, in order, as often as it takes: the server knows each entry by its id and keeps it once.

   One tab sends at a time. What fails is tried again after a pause that grows to a minute, or at once when the network
   comes back or somebody writes. */

import { self, signature } from "./key.js";
import { changed, taken, waiting } from "./outbox.js";
import { forgotten, named } from "./photos.js";

const MOST_EVENTS = 20, MOST_BYTES = 60_000, PATIENCE_MS = 20_000, LONGEST_PAUSE_S = 60;
const NEVER = [400, 413]; // said of a batch that will not be taken however often it comes

/** How a try went: {state, took, seconds?}. `state`: "sent" (nothing waits), "offline", "later" (the server asked for
    it, in `seconds`), "unknown" (it does not know this phone), "busy" (another tab is at it); `took`: entries it took. */
export function upload() {
  return navigator.locks.request("gate-sync", { ifAvailable: true }, (lock) => (lock ? uploaded() : { state: "busy", took: 0 }));
}

async function uploaded() {
  const phone = await self();
  let most = MOST_EVENTS, took = 0;
  for (;;) {
    const events = await waiting(most);
    if (!events.length) return { state: "sent", took };
    const ready = await named(events, posted);
    if (ready === null) return { state: "offline", took };
    const bytes = new TextEncoder().encode(JSON.stringify({ sent_at: Date.now() * 1000, events: ready }));
    if (bytes.length > MOST_BYTES && events.length > 1) {
      most = Math.ceil(events.length / 2);
      continue;
    }
    const answer = await posted("/desk/sync", "application/json", bytes, await signature(phone.key, bytes));
    if (answer === null) return { state: "offline", took };
    if (answer.ok) {
      await taken(events, (await answer.json()).outcomes);
      await forgotten(events);
      most = MOST_EVENTS;
      took += events.length;
    } else if (NEVER.includes(answer.status)) {
      if (events.length === 1) await taken(events, [refusal(events[0], answer.status)]);
      most = Math.ceil(events.length / 2); // one of them is at fault: the others go without it
    } else {
      const seconds = Number(answer.headers.get("Retry-After")) || 0;
      return { state: answer.status === 401 ? "unknown" : "later", took, seconds };
    }
  }
}

function refusal(event, status) {
  const zh = `服务器不收这条记录（${status}）`, en = `The server will not take this entry (${status})`;
  return { id: event.id, state: "refused", code: `http.${status}`, text: { zh, en } };
}

/** The answer to a signed request; null where none came. */
async function posted(path, type, bytes, signed) {
  const phone = await self();
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

/** Send whenever there is something to send; `told` hears how each try went. Answers how to stop. */
export function keepSending(told = () => {}) {
  let timer, pause = 1, stopped = false, again = false, at = false;

  async function go() {
    if (at) {
      again = true; // somebody wrote while we were sending: look once more
      return;
    }
    at = true;
    clearTimeout(timer);
    let result;
    do {
      again = false;
      result = await upload().catch((fault) => ({ state: "later", took: 0, fault }));
    } while (again && result.state === "sent" && !stopped);
    at = false;
    told(result);
    pause = result.took || result.state === "sent" ? 1 : Math.min(pause * 2, LONGEST_PAUSE_S);
    if (!stopped && result.state !== "sent") {
      const seconds = Math.max(result.seconds ?? 0, pause * (0.5 + Math.random() / 2));
      timer = setTimeout(go, Math.min(seconds, LONGEST_PAUSE_S) * 1000);
    }
  }

  const heard = (event) => event.data === "written" && go();
  const back = () => {
    pause = 1;
    go();
  };
  const listening = new BroadcastChannel(changed.name);
  listening.addEventListener("message", heard);
  addEventListener("online", back);
  go();
  return () => {
    stopped = true;
    clearTimeout(timer);
    removeEventListener("online", back);
    listening.close();
  };
}
