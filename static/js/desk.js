// Small comforts on pages that work without them: one submit per click, timers, filters, reading aloud.

const lang = document.documentElement.lang;

// A form is sent once. The second click is held back, not lost: the buttons come back when the page is shown again
// (back button) or the answer does not arrive. The server tells repeats apart by the event's id anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const buttons = [...form.elements].filter((element) => element.type === "submit");
  // Busy, not disabled: a disabled button would not send its own name and value.
  for (const button of buttons) button.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 10000);
});

function release(form) {
  delete form.dataset.sent;
  for (const element of form.elements) element.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

// Filters send themselves when a choice changes: <form data-autosubmit>.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && "autosubmit" in form.dataset && event.target.type !== "text") form.requestSubmit();
});

// <span data-until data-now>: microseconds UTC by the server's clock; the screen's own clock only counts on.
function clocks(root) {
  for (const place of root.querySelectorAll("[data-until]:not([data-runs])")) {
    place.dataset.runs = "1";
    const start = performance.now();
    const whole = (Number(place.dataset.until) - Number(place.dataset.now)) / 1e6;
    const tick = () => {
      const left = Math.ceil(whole - (performance.now() - start) / 1000);
      if (left <= 0) {
        place.textContent = place.dataset.done;
        return;
      }
      place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (place.isConnected) setTimeout(tick, 250);
    };
    tick();
  }
}

// <button data-read="id" hidden> reads the words of that element, where the phone can speak.
function aloud(root) {
  if (!("speechSynthesis" in window)) return;
  for (const button of root.querySelectorAll("[data-read][hidden]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const speech = window.speechSynthesis;
      if (speech.speaking) {
        speech.cancel();
        return;
      }
      const words = new SpeechSynthesisUtterance(document.getElementById(button.dataset.read).innerText);
      words.lang = lang;
      words.rate = 0.95;
      speech.speak(words);
    });
  }
}

function enhance(root) {
  clocks(root);
  aloud(root);
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.target));
document.querySelector("[data-focus]")?.focus();

// The page one stands on is in sight in a navigation that scrolls.
const here = document.querySelector(".strip [aria-current]");
if (here) {
  const strip = here.closest(".strip");
  if (here.offsetLeft + here.offsetWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - 96;
}

// A click elsewhere, or Escape, closes the person's menu.
const menu = document.querySelector("details.who");
if (menu) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
