/* More: language, light, hand, size of text, and the lists that are needed seldom. */

import { html } from "../../vendor/lit-html/lit-html.js";
import { redraw } from "../app.js";
import { keysheet } from "../keys.js";
import { lang, set, settings, t } from "../say.js";

export const title = () => t("更多", "More");

export function view(model) {
  return html`<h1>${t("更多", "More")}</h1>
    <nav class="ways" aria-label=${t("其他", "Other")}>
      ${way("duty", t("值班人", "Who is on duty"))} ${way("handover", t("交接班", "Shift handover"))}
      ${way("evacuation", t("在场人员名单（应急）", "People inside (emergency)"))}
      ${way("late", t("补记纸质登记", "Write in a paper form"))} ${way("attention", t("上传与待处理", "Sending and attention"))}
    </nav>
    ${choice("lang", t("语言", "Language"), [["zh", "中文"], ["en", "English"]], lang())}
    ${choice("theme", t("屏幕", "Screen"), [["auto", t("随手机", "As the phone")], ["sun", t("强光", "Sunlight")], ["night", t("夜间", "Night")]])}
    ${choice("hand", t("哪只手", "Hand"), [["right", t("右手", "Right")], ["left", t("左手", "Left")]])}
    ${choice("size", t("字号", "Text size"), [["100", "100%"], ["150", "150%"], ["200", "200%"]])}
    ${choice("sound", t("声音", "Sound"), [[true, t("开", "On")], [false, t("关", "Off")]])}
    <h2>${t("键盘", "Keyboard")}</h2>${keysheet()}
    <p class="muted">${model.phone.name} · ${document.documentElement.dataset.version}</p>`;
}

const way = (address, words) => html`<a class="way" href="#/${address}">${words}</a>`;

function choice(name, label, options, chosen = settings[name]) {
  const pick = (value) => () => {
    set({ [name]: value });
    redraw();
  };
  return html`<fieldset class="choice"><legend>${label}</legend><div class="keys">
    ${options.map(([value, word]) => html`<button class="key" aria-pressed=${value === chosen} @click=${pick(value)}>${word}</button>`)}
  </div></fieldset>`;
}
