// Places by name or initials: asks data-url?q=... for [{"code", "name", "path"?, "level"?}], shows them as a list,
// writes the code into the hidden field. Arrow keys, Enter and Escape work as in any list.

function build(box) {
  const field = box.querySelector("input[role=combobox]");
  const code = document.getElementById(box.dataset.code);
  const list = box.querySelector(".region__list");
  if (!field || !code || !list || box.dataset.runs) return;
  box.dataset.runs = "1";
  list.id = `${field.id}-list`;
  field.setAttribute("aria-controls", list.id);
  let chosen = -1;
  let timer = 0;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const options = () => [...list.querySelectorAll("[role=option]")];
  const mark = (index) => {
    const all = options();
    if (!all.length) return;
    chosen = (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    all[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[chosen].id);
  };
  const take = (option) => {
    field.value = option.dataset.name;
    code.value = option.dataset.code;
    code.dispatchEvent(new Event("change", { bubbles: true }));
    close();
    field.focus();
  };
  const show = (places) => {
    list.replaceChildren(
      ...places.map((place, i) => {
        const option = document.createElement("button");
        option.type = "button";
        option.tabIndex = -1;
        option.className = "region__option";
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.code = place.code;
        option.dataset.name = place.path || place.name;
        option.textContent = place.path || place.name;
        return option;
      }),
    );
    if (!places.length) {
      const none = document.createElement("p");
      none.className = "region__none";
      none.textContent = box.dataset.none;
      list.append(none);
    }
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    chosen = -1;
  };
  const ask = async () => {
    const words = field.value.trim();
    const turn = ++asked;
    if (!words) {
      close();
      return;
    }
    const address = new URL(box.dataset.url, location.href);
    address.searchParams.set("q", words);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok || turn !== asked) return;
      const places = await answer.json();
      if (turn === asked) show(Array.isArray(places) ? places : places.results);
    } catch {
      close(); // no network: what was typed is sent and matched by the server
    }
  };

  field.addEventListener("input", () => {
    code.value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) take(options()[chosen]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  field.addEventListener("blur", () => setTimeout(close, 100));
}

// Whoever reaches a field finds it at work, however and whenever it came into the page.
function reached(element) {
  const box = element?.closest("[data-region]");
  if (box) build(box);
}

document.addEventListener("focusin", (event) => reached(event.target));
reached(document.activeElement);
