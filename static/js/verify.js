// The page behind the code on a report: the file that somebody has is compared inside this browser, nothing is sent.

/** SHA-256 of bytes as lower-case hex. */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a file is: {said: "same" | "other" | "different", href}; others are [{sha256, href}]. */
export function judged(digest, own, others) {
  if (digest === own) return { said: "same", href: null };
  const other = others.find((one) => one.sha256 === digest);
  return other ? { said: "other", href: other.href } : { said: "different", href: null };
}

function start(section) {
  const input = section.querySelector("input[type=file]");
  const others = [...section.querySelectorAll("li[data-sha256]")].map((item) => ({
    sha256: item.dataset.sha256,
    href: item.dataset.href,
  }));
  let turn = 0;

  function say(said, href = null) {
    for (const line of section.querySelectorAll("[data-said]")) line.hidden = line.dataset.said !== said;
    if (href) section.querySelector("[data-other]").href = href;
  }

  async function compare() {
    const file = input.files[0];
    const mine = ++turn; // a file chosen later is the one that counts
    if (!file) return say("");
    say("working");
    let digest = null;
    try {
      digest = await sha256(await file.arrayBuffer());
    } catch {
      if (mine === turn) say("unreadable");
      return undefined;
    }
    if (mine !== turn) return undefined;
    const found = judged(digest, section.dataset.sha256, others);
    return say(found.said, found.href);
  }

  if (!globalThis.crypto?.subtle) {
    input.disabled = true;
    say("insecure");
  } else {
    input.addEventListener("change", compare);
  }
}

if (globalThis.document) for (const section of document.querySelectorAll("[data-verify]")) start(section);
