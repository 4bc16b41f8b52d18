// The rulebook editor: cards put into another order by dragging or with the arrow keys, and the guard's phone beside a
// rule kept at the questions of that rule. Without it, the buttons "up", "down" and "preview" do the same.

const cards = (list) => [...list.querySelectorAll(":scope > .rule")];
const codes = (list) => cards(list).map((card) => card.dataset.code);
let timer = 0;
let held = null; // {card, list, before}: the card that is dragged, and the order before

function ready() {
  for (const list of document.querySelectorAll("[data-order]")) {
    const grips = list.querySelectorAll("[data-grip]");
    for (const grip of grips) grip.hidden = grips.length < 2;
  }
  for (const button of document.querySelectorAll("[data-scriptless]")) button.hidden = true;
  const side = document.getElementById("seen-phone");
  const own = side?.querySelector(".phone__ask--own");
  if (own) side.scrollTop += own.getBoundingClientRect().top - side.getBoundingClientRect().top - 48;
}

function save(list, card) {
  const { url, order: stage, revision } = list.dataset;
  const values = { stage, order: codes(list).join(","), revision };
  const grip = `grip-${card.dataset.code}`;
  window.htmx
    .ajax("POST", url, { target: "#main", select: "#main", swap: "outerHTML show:none", values })
    .then(() => document.getElementById(grip)?.focus({ preventScroll: true }));
}

function tell(list, card) {
  const words = [card.querySelector(".rule__title").textContent, cards(list).indexOf(card) + 1, cards(list).length];
  document.getElementById("moved").textContent = list.dataset.says.replace(/\{\}/g, () => words.shift());
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  const card = grip.closest(".rule");
  held = { card, list: card.parentElement, before: codes(card.parentElement).join() };
  clearTimeout(timer);
  card.classList.add("rule--moving");
  event.preventDefault();
  grip.focus({ preventScroll: true });
});

document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const { card, list } = held;
  const others = cards(list).filter((other) => other !== card);
  const next = others.find((other) => {
    const box = other.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  });
  if ((next ?? null) !== card.nextElementSibling) list.insertBefore(card, next ?? null);
});

function drop(keep) {
  if (!held) return;
  const { card, list, before } = held;
  held = null;
  card.classList.remove("rule--moving");
  if (!keep) {
    for (const code of before.split(",")) list.append(cards(list).find((one) => one.dataset.code === code));
  } else if (codes(list).join() !== before) {
    tell(list, card);
    save(list, card);
  }
}

document.addEventListener("pointerup", () => drop(true));
document.addEventListener("pointercancel", () => drop(false));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") drop(false);
  const grip = event.target.closest?.("[data-grip]");
  if (!grip || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const card = grip.closest(".rule");
  const list = card.parentElement;
  const all = cards(list);
  const to = all.indexOf(card) + (event.key === "ArrowUp" ? -1 : 1);
  if (to < 0 || to >= all.length) return;
  list.insertBefore(card, event.key === "ArrowUp" ? all[to] : all[to].nextElementSibling);
  grip.focus();
  tell(list, card);
  clearTimeout(timer); // several presses are one change
  timer = setTimeout(() => save(list, card), 500);
});

// While a button changes the form, no preview of the form as it was is begun.
let adjusting = false;
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.id === "rule-form" && adjusting) event.preventDefault();
  else if (elt.form?.id === "rule-form") adjusting = true;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id !== "rule-form") adjusting = false;
});

ready();
document.addEventListener("htmx:load", ready);
document.addEventListener("htmx:afterSwap", ready);
