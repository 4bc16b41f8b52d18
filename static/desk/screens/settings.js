/* More: language, light, hand, size of text, and the lists that are needed seldom. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { keysheet } from "../keys.js";
import { choice } from "../parts.js";
import { set as change, lang, settings, t } from "../say.js";

export const title = () => t("更多", "More");

export function view(model) {
  return html`<h1>${t("更多", "More")}</h1>
    <nav class="ways" aria-label=${t("其他", "Other")}>
      ${way("duty", t("值班人", "Who is on duty"))} ${way("handover", t("交接班", "Shift handover"))}
      ${way("evacuation", t("在场人员名单（应急）", "People inside (emergency)"))}
      ${way("late", t("补记纸质登记", "Write in a paper form"))} ${way("attention", t("上传与待处理", "Sending and attention"))}
    </nav>
    ${choice(t("语言", "Language"), [["zh", "中文"], ["en", "English"]], lang(), set("lang"))}
    ${choice(t("屏幕", "Screen"), [["auto", t("随手机", "As the phone")], ["sun", t("强光", "Sunlight")], ["night", t("夜间", "Night")]], settings.theme, set("theme"))}
    ${choice(t("哪只手", "Hand"), [["right", t("右手", "Right")], ["left", t("左手", "Left")]], settings.hand, set("hand"))}
    ${choice(t("字号", "Text size"), [["100", "100%"], ["150", "150%"], ["200", "200%"]], settings.size, set("size"))}
    ${choice(t("声音", "Sound"), [[true, t("开", "On")], [false, t("关", "Off")]], settings.sound, set("sound"))}
    <h2>${t("键盘", "Keyboard")}</h2>${keysheet()}
    <p class="muted">${model.phone.name} · ${document.documentElement.dataset.version}</p>`;
}

const way = (address, words) => html`<a class="way" href="#/${address}">${words}</a>`;

const set = (name) => (value) => {
  change({ [name]: value });
  redraw();
};
