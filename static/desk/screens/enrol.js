/* A phone that is not enrolled yet, or no longer: what to do. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { t } from "../say.js";

export const title = () => t("登记这台手机", "Enrol this phone");

export const view = (model) => html`<div class="alone">
  ${model.line().revoked ? html`<p class="notice">${t("这台手机已被管理员停用。它有的记录都已上传，手机里的已清空。要再用，请重新登记。", "The admin took this phone out of service. What it had was sent, and everything on it was wiped. To use it again, enrol it anew.")}</p>` : nothing}
  <h1>${t("这台手机还没有登记到门岗", "This phone is not enrolled at a gate yet")}</h1>
  <ol>
    <li>${t("请企业管理员在电脑上打开“门岗手机”，选门岗，点“显示二维码”。", "Ask the enterprise's admin to open “Phones of the gates”, choose the gate, and show the code.")}</li>
    <li>${t("用这台手机的相机扫码，再点“登记这台手机”。", "Read the code with this phone's camera, then press “Enrol this phone”.")}</li>
    <li>${t("回到这里，就能用了。", "Come back here; the desk is ready.")}</li>
  </ol>
</div>`;
