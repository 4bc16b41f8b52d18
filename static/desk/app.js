/* The desk: opens what the phone keeps, shows the screen that the address names, draws it again when something changes.

   A screen is a module in screens/ with `view(model, ...rest of the address)`, and `title(model, ...)` where it is not
   the gate itself. On a wide screen the queue stands to the left of it and who is inside to the right. */

import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { keyed } from "../vendor/lit-html/directives/keyed.js";
import { frame } from "./frame.js";
import { open } from "./model.js";
import { show, t } from "./say.js";
import * as attention from "./screens/attention.js";
import * as duty from "./screens/duty.js";
import * as enrol from "./screens/enrol.js";
import * as evacuation from "./screens/evacuation.js";
import * as gate from "./screens/gate.js";
import * as handover from "./screens/handover.js";
import * as inside from "./screens/inside.js";
import * as late from "./screens/late.js";
import * as queue from "./screens/queue.js";
import * as settings from "./screens/settings.js";
import * as visit from "./screens/visit.js";

const SCREENS = { "": gate, v: visit, inside, queue, duty, handover, evacuation, attention, late, settings };
const BESIDE = 40; // rows beside a screen; its own screen shows all
const place = document.getElementById("desk");

let model, due = false, worker = null;

/** Show another screen: `go("v/<visit>")`, `go("")`. */
export function go(address) {
  const wanted = `#/${address}`;
  if (location.hash === wanted) redraw();
  else location.hash = wanted;
}

/** Draw the screen again, once, before the next picture. */
export function redraw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

/** Where we are: ["v", "<visit>"]. */
export const here = () => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);

/** The newer version that waits, or null; `takeOver()` starts it. */
export const newer = () => worker;
export const takeOver = () => worker?.postMessage("take over");

function draw() {
  const [name, ...rest] = here(), screen = model.phone ? (SCREENS[name] ?? gate) : enrol;
  model.showing(name === "v" ? (rest[0] ?? null) : null);
  const middle = keyed(location.hash, html`<main class="desk__main" id="main" tabindex="-1">${screen.view(model, ...rest)}</main>`);
  document.title = `${screen.title?.(model, ...rest) ?? t("门岗", "Gate")} · ${model.ground?.gate.name ?? "GateKeeper"}`;
  const sides = model.phone && matchMedia("(min-width: 992px)").matches;
  render(
    html`${frame(model, name)}
      <div class="desk ${sides ? "desk--wide" : ""}">
        ${sides ? html`<aside class="desk__side" aria-label=${t("门前", "At the gate")}>${queue.list(model, BESIDE)}</aside>` : nothing}
        ${middle}
        ${sides ? html`<aside class="desk__side" aria-label=${t("厂内", "Inside")}>${inside.list(model)}</aside>` : nothing}
      </div>`,
    place,
  );
}

/* A new screen begins at its top, with the reading there. */
function arrived() {
  draw();
  scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
}

/* The page without a network, and a new version that waits until it is asked for or the desk was closed. */
async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  let taken = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (taken) taken = false; // the first worker of this page: nothing to begin anew
    else location.reload();
  });
  const kept = await navigator.serviceWorker.register("/desk/sw.js", { scope: "/desk", updateViaCache: "none" });
  const look = () => {
    const waits = kept.waiting && navigator.serviceWorker.controller ? kept.waiting : null;
    if (waits !== worker) {
      worker = waits;
      redraw();
    }
  };
  kept.addEventListener("updatefound", () => kept.installing?.addEventListener("statechange", look));
  look();
  setInterval(() => navigator.onLine && kept.update().catch(() => undefined), 30 * 60 * 1000);
  await told();
  await fetch("/desk/regions.json").catch(() => undefined); // behind the first entry: places without a network
}

/* Until it is known how things stand here: on a slow line nothing else goes before that. */
const told = () => new Promise((done) => {
  const stop = model.listen(look);
  function look() {
    if (!model.ground) return;
    stop();
    done();
  }
  look();
});

async function begin() {
  show();
  model = await open();
  model.listen(redraw);
  addEventListener("hashchange", arrived);
  matchMedia("(min-width: 992px)").addEventListener("change", redraw);
  place.replaceChildren(); // "opening" stood there
  draw();
  setInterval(redraw, 10_000); // minutes pass: who is overdue, how long ago
  keepOffline().catch((fault) => console.warn(fault)); // without its worker the desk works on, online
}

begin().catch((fault) => {
  console.error(fault);
  const old = !globalThis.crypto?.subtle || !globalThis.indexedDB || !navigator.locks;
  place.replaceChildren();
  render(
    html`<div class="alone" role="alert">
      <p>${old ? t("这个浏览器太旧，不能用作门岗。请更新浏览器，或换一台手机。", "This browser is too old for the desk. Update it, or use another phone.") : t("门岗没有打开。请关掉这一页再打开；已写的记录都还在。", "The desk did not open. Close this page and open it again; what was written is still here.")}</p>
      <p class="muted">${fault?.message ?? ""}</p>
    </div>`,
    place,
  );
});
