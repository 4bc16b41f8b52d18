// The plate keyboard: the provinces first, then letters and digits (no I, no O) and the endings.
// It writes into an ordinary text field, which can be typed into all the same.

const PROVINCES = [..."浙沪苏皖赣闽豫鲁鄂湘粤京津冀晋蒙辽吉黑桂琼渝川贵云藏陕甘青宁新"];
const SIGNS = [..."1234567890ABCDEFGHJKLMNPQRSTUVWXYZ"];
const ENDINGS = [..."挂学警港澳使领"];

function key(label, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "key";
  button.textContent = label;
  if (name) button.setAttribute("aria-label", name);
  return button;
}

function build(box) {
  const field = document.getElementById(box.dataset.plateFor);
  if (!field || box.childElementCount) return;
  const words = JSON.parse(box.dataset.words);
  const tabs = document.createElement("div");
  const keys = document.createElement("div");
  tabs.className = "platekeys__tabs";
  keys.className = "platekeys__keys";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.group);
  const provinces = key(words.provinces);
  const letters = key(words.letters);
  const back = key("⌫", words.back);
  tabs.append(provinces, letters, back);

  const show = (set) => {
    provinces.setAttribute("aria-pressed", String(set === PROVINCES));
    letters.setAttribute("aria-pressed", String(set !== PROVINCES));
    keys.replaceChildren(...(set === PROVINCES ? PROVINCES : [...SIGNS, ...ENDINGS]).map((sign) => key(sign)));
  };
  const write = (value) => {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    show(value ? SIGNS : PROVINCES);
  };

  provinces.addEventListener("click", () => show(PROVINCES));
  letters.addEventListener("click", () => show(SIGNS));
  back.addEventListener("click", () => write([...field.value].slice(0, -1).join("")));
  keys.addEventListener("click", (event) => {
    if (event.target.tagName === "BUTTON") write(field.value + event.target.textContent);
  });
  box.append(tabs, keys);
  show(field.value ? SIGNS : PROVINCES);
  // Where fingers type, our keys stand instead of the phone's; a tap into the field still brings those up.
  box.hidden = false;
}

const all = (root) => root.querySelectorAll("[data-plate-for]").forEach(build);
all(document);
document.addEventListener("htmx:load", (event) => all(event.target));
