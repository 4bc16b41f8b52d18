/* A phone that is not enrolled yet: what to do. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { t } from "../say.js";

export const title = () => t("登记这台手机", "Enrol this phone");

export const view = () => html`<div class="alone">
  <h1>${t("这台手机还没有登记到门岗", "This phone is not enrolled at a gate yet")}</h1>
  <ol>
    <li>${t("请企业管理员在电脑上打开“门岗手机”，选门岗，点“显示二维码”。", "Ask the enterprise's admin to open “Phones of the gates”, choose the gate, and show the code.")}</li>
    <li>${t("用这台手机的相机扫码，再点“登记这台手机”。", "Read the code with this phone's camera, then press “Enrol this phone”.")}</li>
    <li>${t("回到这里，就能用了。", "Come back here; the desk is ready.")}</li>
  </ol>
</div>`;
