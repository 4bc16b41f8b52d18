/* Opens the desk by its worker, which brings all scripts at once; without one they come one by one. */

async function worker() {
  const workers = navigator.serviceWorker;
  if (!workers || workers.controller) return;
  const kept = await workers.register("/desk/sw.js", { scope: "/desk", updateViaCache: "none" });
  const coming = kept.installing ?? kept.waiting;
  if (!coming || kept.active) return; // a page that was opened past its worker stays so
  await new Promise((done) => {
    workers.addEventListener("controllerchange", done, { once: true });
    coming.addEventListener("statechange", () => coming.state === "redundant" && done());
  });
}

await worker().catch((fault) => console.warn(fault));
await import("./app.js");
