/* Sending what waits, in order, as often as it takes: the server knows each entry by its id and keeps it once.

   One tab sends at a time. What fails is tried again after a pause that grows to a minute, or at once when the network
   comes back or somebody writes. */

import { base, wiped } from "./base.js";
import { lineTime } from "./clock.js";
import { self } from "./key.js";
import { DUTY, changed, taken, unsent, waiting } from "./outbox.js";
import { forgotten, named } from "./photos.js";
import { posted } from "./posting.js";

const MOST_EVENTS = 20, MOST_BYTES = 60_000, LONGEST_PAUSE_S = 60;
const NEVER = [400, 413]; // said of a batch that will not be taken however often it comes

/** How a try went: {state, took, seconds?}. `state`: "sent" (nothing waits), "offline", "later" (the server asked for
    it, in `seconds`), "unknown" (it does not know this phone), "busy" (another tab is at it), "gone" (this phone was
    taken out of service, has handed over what it had and has forgotten everything); `took`: entries it took. */
export function upload() {
  const run = (lock) => (lock ? uploaded() : { state: "busy", took: 0 });
  return navigator.locks.request("gate-sync", { ifAvailable: true }, run);
}

async function uploaded() {
  let most = MOST_EVENTS, took = 0;
  for (;;) {
    if (!(await self())) return { state: "gone", took };
    const waits = await waiting(most);
    if (!waits.length) return { state: (await retired()) ? "gone" : "sent", took };
    const duty = isDuty(waits[0]), other = waits.findIndex((event) => isDuty(event) !== duty);
    const events = other < 0 ? waits : waits.slice(0, other); // the run at the head that goes to one place
    const ready = duty ? events : await named(events, posted);
    if (ready === null) return { state: "offline", took };
    const bytes = new TextEncoder().encode(JSON.stringify(batch(ready, duty)));
    if (bytes.length > MOST_BYTES && events.length > 1) {
      most = Math.ceil(events.length / 2);
      continue;
    }
    const answer = await posted(duty ? "/desk/duty" : "/desk/sync", "application/json", bytes);
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (answer === null || (answer.ok && told === null)) return { state: "offline", took };
    if (told) {
      await taken(events, told.outcomes);
      await forgotten(events);
      if (told.revoked) await (await base()).put("self", lineTime(), "revoked");
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

const isDuty = (event) => DUTY.includes(event.kind);

/* What is sent of entries: nothing that stays on the phone, and of duty only what it has. */
function batch(events, duty) {
  const sent_at = lineTime();
  if (duty) return { sent_at, entries: events.map(({ id, n, kind, by, at, body }) => ({ id, n, kind, by, at, body })) };
  return { sent_at, events: events.map(({ own: _own, line: _line, ...event }) => event) };
}

/* Whether this phone, which was taken out of service and has nothing left to hand over, has forgotten everything. */
async function retired() {
  const open = await base(), revoked = await open.get("self", "revoked");
  if (!revoked || (await unsent()).refused.some((row) => !row.refused.acknowledged)) return false;
  await wiped(revoked);
  changed.postMessage("taken");
  return true;
}

function refusal(event, status) {
  const zh = `服务器不收这条记录（${status}）`, en = `The server will not take this entry (${status})`;
  return { id: event.id, state: "refused", code: `http.${status}`, text: { zh, en } };
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
    if (!stopped && !["sent", "gone"].includes(result.state)) {
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
