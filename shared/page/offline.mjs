/** Has the page's own files kept for times without a connection, where the browser can. */

/** Never fails: the page works without it, as where it is embedded or workers are switched off. */
export async function keepFiles() {
  try {
    const scope = new URL("../app", import.meta.url).href;
    await navigator.serviceWorker.register(new URL("worker.mjs", import.meta.url), { scope });
  } catch {
    // Nothing is kept then.
  }
}
