/* Plates that need not be typed: a picture of the plate beside the keys, and codes with a plate in them. Nothing is read
   from a picture of a plate by itself; codes are read where the browser can. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { redraw } from "./app.js";
import { plateIn } from "./known.js";
import { aloud, t } from "./say.js";
import { take, typed } from "./typing.js";

const EVERY_MS = 300, FORMATS = ["qr_code", "data_matrix", "pdf417", "code_128", "code_39"];
const AIM = { video: { facingMode: "environment" } };

let camera = null; // {stream, timer, video} while it looks for a code

/** Whether the camera looks for a code now. */
export const scanning = () => camera !== null;

const fileKey = (words, taken) => html`<label class="key gate__file">${words}<input type="file" accept="image/*"
  capture="environment" @change=${taken} /></label>`;

/** The key that takes a picture of the plate. */
export const picture = () => fileKey(t("拍照", "Photo"), (event) => photographed(event.target));

/** The key that reads a code: with the camera, or from a picture where that is all the browser has. */
export function scanKey() {
  const words = t("扫码", "Code"), sees = globalThis.BarcodeDetector && navigator.mediaDevices;
  if (!sees) return fileKey(words, (event) => readPicture(event.target));
  return html`<button type="button" class="key" @click=${camera ? stop : look}>${camera ? t("不扫了", "Stop") : words}</button>`;
}

/** The picture that was taken, or what the camera sees. */
export function shown() {
  if (camera) {
    return html`<div class="shot"><video autoplay muted playsinline .srcObject=${camera.stream}
      aria-label=${t("对准二维码", "Point at the code")}></video></div>`;
  }
  return html`<div class="shot ${typed.photo.large ? "shot--large" : ""}">
    <img src=${typed.photo.url} alt=${t("刚拍的照片，车牌请照着输", "The picture just taken: type the plate from it")} @click=${larger} />
    <div class="shot__beside"><span>${t("照着输；随登记保存，不会自动识别", "Type from it; kept with the visit, not read by itself")}</span>
      <button type="button" class="key key--small" @click=${drop}>${t("不要", "Drop")}</button></div></div>`;
}

function larger() {
  typed.photo.large = !typed.photo.large;
  redraw();
}

function drop() {
  URL.revokeObjectURL(typed.photo.url);
  typed.photo = null;
  redraw();
}

function photographed(input) {
  const [blob] = input.files;
  input.value = "";
  if (!blob) return;
  if (typed.photo) URL.revokeObjectURL(typed.photo.url);
  typed.photo = { blob, url: URL.createObjectURL(blob), large: false };
  redraw();
}

async function readPicture(input) {
  const [blob] = input.files;
  input.value = "";
  if (!blob) return;
  try {
    const found = await new BarcodeDetector({ formats: await known() }).detect(await createImageBitmap(blob));
    if (found.length) heard(found[0].rawValue);
    else say("照片里没有找到二维码，请照着输", "No code was found in the picture: type it");
  } catch {
    say("这台手机读不了二维码，请照着照片输车牌", "This phone cannot read codes: type the plate from the picture");
    typed.photo = { blob, url: URL.createObjectURL(blob), large: false };
  }
  redraw();
}

const known = async () => (await BarcodeDetector.getSupportedFormats()).filter((format) => FORMATS.includes(format));

async function look() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(AIM), detector = new BarcodeDetector({ formats: await known() });
    camera = { stream, timer: setInterval(() => see(detector), EVERY_MS) };
  } catch {
    say("相机用不了（没有允许或没有相机），请拍照或手输", "No camera (not allowed, or none): take a picture or type");
  }
  redraw();
}

async function see(detector) {
  const video = document.querySelector(".shot video");
  if (!video) return stop();
  if (video.readyState < video.HAVE_CURRENT_DATA) return undefined;
  const found = await detector.detect(video).catch(() => []);
  return camera && found.length ? heard(found[0].rawValue) : undefined;
}

function stop() {
  camera?.stream.getTracks().forEach((track) => track.stop());
  clearInterval(camera?.timer);
  camera = null;
  redraw();
}

/* What a code says: a plate fills the places; anything else is told as it is. */
function heard(text) {
  if (camera) stop();
  if (plateIn(text)) take(text);
  else say("码里没有车牌，请手输", "There is no plate in this code: type it");
}

function say(zh, en) {
  typed.told = { zh, en };
  aloud(t(zh, en));
  redraw();
}
