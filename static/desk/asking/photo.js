/* A picture from the camera, or of the phone's own where there is no camera; without either the question stays open. */

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { say, t } from "../say.js";
import { key } from "./parts.js";

/** Take what was chosen: kept by the model, made small and sealed, and shown. What is no picture is told, and what was there stays. */
async function take(event, { draft, change, model }) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  change({ busy: true, fault: false, cannot: false });
  try {
    const name = await model.photo(file);
    if (draft.shown) URL.revokeObjectURL(draft.shown);
    change({ file: name, shown: URL.createObjectURL(file), busy: false });
  } catch {
    change({ busy: false, fault: true });
  }
}

const pick = (text, here, camera) => html`<label class="key ask__file ${camera ? "key--go" : "key--plain"}">${text}
  <input class="unseen" type="file" accept="image/*" capture=${camera ? "environment" : nothing}
    @change=${(event) => take(event, here)} /></label>`;

function open({ title: { zh, en } }) {
  return t(
    `“${zh}”会一直待查：可以先查别的，补上照片再放行。`,
    `“${en}” stays open: go on with the others and add the picture before admitting.`,
  );
}

export const photo = {
  begin: ({ file }) => ({ file }),
  value: (question, { file }) => (file ? { file } : null),
  view(here) {
    const { question, draft, change } = here;
    return html`
      ${draft.shown ? html`<img class="ask__picture" src=${draft.shown} alt=${say(question.title)} />`
        : draft.file ? html`<p class="muted">${t("已有一张照片。", "There is a picture already.")}</p>` : nothing}
      ${pick(draft.file ? t("重拍", "Take another") : t("拍照", "Take a photo"), here, true)}
      ${pick(t("从手机里选一张", "Choose a picture"), here, false)}
      ${draft.busy ? html`<p class="muted" role="status">${t("正在处理照片…", "Making it small…")}</p>` : nothing}
      ${draft.fault ? html`<p class="wrong" role="alert">${
        t("这张照片打不开，请重拍或另选一张。", "This picture cannot be opened: take another or choose one.")}</p>` : nothing}
      ${draft.file ? nothing
        : key(t("拍不了照", "Cannot take a photo"), () => change({ cannot: true }), { kind: "key--plain" })}
      ${draft.cannot ? html`<p class="muted" role="status">${open(question)}</p>` : nothing}`;
  },
};
