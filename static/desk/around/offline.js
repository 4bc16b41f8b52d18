/* Whether the desk opens without a network: its worker runs and keeps this version's files and the list of places. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { notice } from "../parts.js";
import { t } from "../say.js";

const EVERY_MS = 5_000;

let ready = null, asked = 0;

/** One line; what it says is looked up behind the screen. */
export function offlineReady() {
  look();
  if (ready === null) return html`<p class="muted">${t("正在看离线文件 …", "Looking at the offline files …")}</p>`;
  return ready
    ? html`<p>✓ ${t("可以离线使用。", "Ready for offline.")}</p>`
    : notice(t("还不能离线使用：请连着网络多开一会儿。用“http://”打开的网页不能离线。", "Not ready for offline: leave the desk open while online. A page opened by “http://” never is."), "strong");
}

async function look() {
  if (Date.now() - asked < EVERY_MS) return;
  asked = Date.now();
  const before = ready;
  ready = await kept().catch(() => false);
  if (ready !== before) redraw();
}

async function kept() {
  if (!navigator.serviceWorker?.controller || !globalThis.caches) return false;
  const shell = await caches.has(`gate-desk-${document.documentElement.dataset.version}`);
  return shell && Boolean(await caches.match("/desk/regions.json", { cacheName: "gate-places" }));
}
