// The plate keyboard: one board of characters, one of letters and digits (no I, no O); each six rows of six on a phone.
// It writes into an ordinary text field, which can be typed into all the same.

const CHARACTERS = [..."浙沪苏皖赣闽豫鲁鄂湘粤京津冀晋蒙辽吉黑桂琼渝川贵云藏陕甘青宁新警港澳使领"];
const SIGNS = [..."1234567890ABCDEFGHJKLMNPQRSTUVWXYZ挂学"];

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
  const characters = key(words.characters);
  const letters = key(words.letters);
  const back = key("⌫", words.back);
  tabs.append(characters, letters, back);

  const show = (set) => {
    characters.setAttribute("aria-pressed", String(set === CHARACTERS));
    letters.setAttribute("aria-pressed", String(set !== CHARACTERS));
    keys.replaceChildren(...set.map((sign) => key(sign)));
  };
  const write = (value) => {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    show(value ? SIGNS : CHARACTERS);
  };

  characters.addEventListener("click", () => show(CHARACTERS));
  letters.addEventListener("click", () => show(SIGNS));
  back.addEventListener("click", () => write([...field.value].slice(0, -1).join("")));
  keys.addEventListener("click", (event) => {
    if (event.target.tagName === "BUTTON") write(field.value + event.target.textContent);
  });
  box.append(tabs, keys);
  show(field.value ? SIGNS : CHARACTERS);
  // Where fingers type, our keys stand instead of the phone's; a tap into the field still brings those up.
  box.hidden = false;
}

const all = (root) => root.querySelectorAll("[data-plate-for]").forEach(build);
all(document);
document.addEventListener("htmx:load", (event) => all(event.target));
