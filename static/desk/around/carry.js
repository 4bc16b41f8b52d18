/* Entries that cannot be sent, carried as a file: sealed with a passphrase that the guard chooses and tells the admin. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { field } from "../asking/parts.js";
import { notice } from "../parts.js";
import { t } from "../say.js";

const SHORTEST = 8;

let phrase = "", wrong = null, made = null, making = false;

/** The warning after 72 hours, with the way out. */
export const tooLong = (model) => html`
  ${notice(t("有记录超过 72 小时没有传上去。请把手机带到有网络的地方；还是不行，就导出加密文件交给企业管理员。", "Entries have waited for more than 72 hours. Take the phone to where there is a network; if that is no use, export the sealed file and give it to the enterprise's admin."), "strong")}
  ${carry(model)}`;

/** Export of what is not sent. */
export function carry(model) {
  const start = async (event) => {
    event.preventDefault();
    if (phrase.length < SHORTEST) return tell(t(`口令至少 ${SHORTEST} 个字`, `The passphrase needs ${SHORTEST} signs at least`));
    making = true;
    tell(null);
    try {
      save(await model.exportUnsent(phrase), model);
      phrase = "";
    } catch {
      wrong = t("没有导出成功，请再试一次；记录都还在。", "The export failed; try again. Everything is still here.");
    }
    making = false;
    redraw();
  };
  return html`<form class="carry" @submit=${start}>
    <h2>${t("导出未传的记录", "Export what is not sent")}</h2>
    <p class="muted">${t("做成一个加密文件，记录仍留在手机里继续上传。口令另外告诉管理员，不要和文件放在一起。", "Makes one sealed file; the entries stay here and are still sent. Tell the admin the passphrase apart from the file.")}</p>
    ${field(t(`口令（至少 ${SHORTEST} 个字）`, `Passphrase (at least ${SHORTEST} signs)`), phrase, (typed) => (phrase = typed), {
      id: "phrase", type: "password", fill: "new-password", wrong: Boolean(wrong), told: wrong })}
    ${made ? html`<p role="status">${t(`已导出：${made}（在“下载”里）`, `Exported: ${made} (among the downloads)`)}</p>` : nothing}
    <button class="key" ?disabled=${making}>${making ? t("正在导出 …", "Exporting …") : t("导出加密文件", "Export the sealed file")}</button>
  </form>`;
}

function tell(text) {
  wrong = text;
  redraw();
}

function save(blob, model) {
  made = `gate-${model.phone.desk.slice(0, 8)}-${Date.now()}.json`;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: made });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
