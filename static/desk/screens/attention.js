/* What this phone could not settle by itself: entries that are not sent, refused ones, other decisions, its storage. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { carry, tooLong } from "../around/carry.js";
import { conflict } from "../around/conflict.js";
import { offlineReady } from "../around/offline.js";
import { notice } from "../parts.js";
import { since, t, when } from "../say.js";

export const title = () => t("上传与待处理", "Sending and attention");

export function view(model) {
  const line = model.line(), conflicts = model.conflicts(), server = model.now?.attention ?? 0;
  return html`<h1>${t("上传与待处理", "Sending and attention")}</h1>
    ${line.revoked ? revoked(line) : nothing}
    ${sending(model, line)}
    ${line.stale ? tooLong(model) : nothing}
    <h2>${t("待处理", "Needs attention")} <span class="muted">${conflicts.length + server}</span></h2>
    ${conflicts.length ? html`<ul class="list">${conflicts.map((one) => conflict(model, one))}</ul>` : nothing}
    ${server ? html`<p>${t(`服务器上还有 ${server} 条没有执行的记录，请管理员在“待核对记录”里处理。`, `${server} entries on the server could not be applied; the admin settles them under “Entries to check”.`)}</p>` : nothing}
    ${conflicts.length || server ? nothing : html`<p>${t("没有要处理的：服务器的判定和这台手机都一致。", "Nothing to settle: the server decided everything as this phone did.")}</p>`}
    <h2>${t("这台手机", "This phone")}</h2>
    ${storage(line.storage)} ${offlineReady()}
    ${line.stale || !line.waiting ? nothing : carry(model)}`;
}

function revoked({ waiting, refused }) {
  return notice(
    waiting || refused.length
      ? t(`这台手机已被停用：不能再登记。还没有传的 ${waiting} 条会照样上传，并注明来自停用的手机；传完后这台手机自动清空。`, `This phone is out of service: nothing new can be entered. Its ${waiting} unsent entries still go out, marked as from a phone out of service; then everything here is wiped.`)
      : t("这台手机已被停用，已经没有没传的记录，会自动清空。", "This phone is out of service and has nothing unsent; everything here is wiped."),
    "error",
  );
}

const REASONS = {
  offline: () => t("没有连上服务器：没有网络，或服务器没有回答", "the server was not reached: no network, or no answer"),
  later: () => t("服务器正忙，请求稍后再传", "the server is busy and asked to wait"),
  unknown: () => t("服务器不认识这台手机，请管理员重新登记", "the server does not know this phone; ask the admin to enrol it again"),
  busy: () => t("另一个窗口正在传", "another window is sending"),
};

function sending(model, { state, waiting, oldest, tried }) {
  const now = model.at();
  if (!waiting) return html`<p class="sent">${t("全部已上传。", "Everything is sent.")} ${state === "offline" ? t("现在离线，新记录会先存在手机里。", "Offline now: new entries are kept on the phone first.") : nothing}</p>`;
  return html`<dl class="facts">
      <div><dt>${t("未上传", "Not sent")}</dt><dd><b>${t(`${waiting} 条`, waiting)}</b></dd></div>
      <div><dt>${t("最早一条", "The oldest")}</dt><dd>${when(oldest, now)} · ${t(`等了 ${since(oldest, now)}`, `waiting ${since(oldest, now)}`)}</dd></div>
      ${tried ? html`<div><dt>${t("上次试传", "Last try")}</dt><dd>${when(tried.at, now)} · ${REASONS[tried.state]?.() ?? t("正在传", "sending")}</dd></div>` : nothing}
    </dl>
    <p class="muted">${t("记录都在手机里，不会丢；连上网络会自动按顺序上传。", "They are safe on this phone and go out in order by themselves once it is online.")}</p>`;
}

function storage({ persisted = true, low = false }) {
  return html`${low ? notice(t("手机存储快满了：请删掉不用的照片、应用。没有上传的记录不会被删。", "This phone is nearly full: remove photos or apps that are not needed. Unsent entries are never removed."), "strong") : nothing}
    ${persisted ? html`<p>✓ ${t("浏览器答应长期保存这里的记录。", "The browser keeps what is written here.")}</p>`
      : notice(t("浏览器没有答应长期保存：存储紧张时可能清掉没有上传的记录。请在浏览器菜单里选“添加到主屏幕”，以后从主屏幕打开。", "The browser has not promised to keep what is written here and may drop unsent entries when space runs out. Choose “Add to home screen” in the browser's menu and open the desk from there."), "strong")}`;
}
