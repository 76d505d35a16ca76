/** The account page's shell: tabs, the language, and one view for each address behind the hash. */

import { html, nothing, render } from "./lit-html.js";
import { rows, sentenceOf } from "./parts.mjs";
import { ask, askJson, forgetToken, hasToken, Refusal, setToken, signInAddress, takeToken } from "./service.mjs";
import { Store } from "./storage.mjs";
import { LANGUAGES } from "./texts.mjs";
import { Visit } from "./visit.mjs";

const LANGUAGE = "language";

/**
 * Views by the first part of the address, loaded when they are opened: the text that names the
 * view, the tab that it belongs to, and the view of one thing where the address goes on. A public one
 * is there for readers who have not signed in, too, and does without the catalogue.
 */
const VIEWS = {
  "": { title: "home", tab: "", load: () => import("./home.mjs") },
  entries: {
    title: "entries",
    tab: "entries",
    load: () => import("./statement.mjs"),
    one: { title: "entry", load: () => import("./entry.mjs") },
  },
  benefits: { title: "benefits", tab: "benefits", load: () => import("./benefits.mjs") },
  redemptions: {
    title: "benefits",
    tab: "benefits",
    load: () => import("./benefits.mjs"),
    one: { title: "redemption", load: () => import("./redemption.mjs") },
  },
  retirements: {
    title: "retirements",
    tab: "more",
    load: () => import("./retirements.mjs"),
    one: { title: "certificate", load: () => import("./certificate.mjs") },
  },
  movements: { title: "movements", tab: "benefits", load: () => import("./movements.mjs") },
  contents: {
    title: "contents",
    tab: "contents",
    isPublic: true,
    load: () => import("./articles.mjs"),
    one: { title: "article", load: () => import("./article.mjs") },
  },
  quiz: { title: "quiz", tab: "contents", load: () => import("./quiz.mjs") },
  consents: { title: "consents", tab: "more", load: () => import("./consents.mjs") },
  more: { title: "more_tab", tab: "more", load: () => import("./more.mjs") },
  account: { title: "account", tab: "more", load: () => import("./account.mjs") },
  shares: { title: "shares", tab: "more", load: () => import("./shares.mjs") },
  calculator: { title: "calculator", tab: "more", isPublic: true, load: () => import("./calculator.mjs") },
  status: { title: "status", tab: "more", isPublic: true, load: () => import("./status.mjs") },
};
const TABS = ["", "entries", "benefits", "contents", "more"];

const SETTINGS = new Store(() => localStorage);
const root = document.getElementById("app");
let language = firstLanguage();
let catalogue = null;
// What stands there now, drawn again when the connection goes or comes.
let drawn = null;
// Counts the views that were opened, so that a late answer for an earlier one is dropped.
let opened = 0;

// The app that shows this page may hand over a token, and link tokens of partners, by calls.
window.carbonAccount = {
  /** @type {null | ((partner: string) => Promise<string>)} */
  linkToken: null,
  setToken(token) {
    setToken(token);
    open();
  },
};

function firstLanguage() {
  const kept = SETTINGS.get(LANGUAGE);
  if (LANGUAGES.includes(kept)) {
    return kept;
  }
  return navigator.language.startsWith("zh") ? "zh-Hans" : "en";
}

function switchLanguage() {
  language = LANGUAGES.find((each) => each !== language);
  SETTINGS.set(LANGUAGE, language);
  open();
}

function signOut() {
  forgetToken();
  open();
}

/** The parts of the address behind "#/"; [""] is home. What follows a "?" is the view's own. */
function route() {
  return location.hash.replace(/^#\/?/, "").split("?")[0].split("/").map(decoded);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

async function open() {
  takeToken();
  opened += 1;
  const number = opened;
  document.documentElement.lang = language;
  const [name = "", id] = route();
  const known = Object.hasOwn(VIEWS, name) ? VIEWS[name] : VIEWS[""];
  const { title, load } = (id && known.one) || known;
  const visit = new Visit({
    language,
    catalogue,
    isCurrent: () => number === opened,
    draw: (content) => draw(visit, known, content),
    failed: (error) => fail(visit, title, error),
  });
  if (!hasToken() && !known.isPublic) {
    visit.show(signIn(visit));
    focusTitle(visit, "sign_in_title");
    return;
  }
  visit.show(html`<h1 tabindex="-1">${visit.t(title)}</h1><p role="status">${visit.t("loading")}</p>`);
  focusTitle(visit, title);
  try {
    // Two at a time: neither waits for the other.
    const needed = known.isPublic ? catalogue : (catalogue ?? readCatalogue());
    const [{ view }, read] = await Promise.all([load(), needed]);
    catalogue = read;
    visit.catalogue = read;
    await view(visit, id);
  } catch (error) {
    visit.fail(error);
  }
}

/** What the service publishes for everybody: notices, keys and released methodologies. */
async function readCatalogue() {
  const asked = ["notices", "keys", "methodologies"].map((path) => askJson(path, { isPublic: true }));
  const [{ notices }, jwks, { methodologies }] = await Promise.all(asked);
  const released = methodologies.map(({ id, version, digest }) => [`${id}@${version}`, digest]);
  return { notices, jwks, released: Object.fromEntries(released) };
}

function draw(visit, { tab, isPublic = false }, content) {
  drawn = () => draw(visit, { tab, isPublic }, content);
  const isIn = hasToken();
  // A screen reader stays at the title when what was loading has come.
  const wasAtTitle = document.activeElement?.tagName === "H1";
  render(
    html`
      <header>
        <strong>${visit.t("name")}</strong>
        <span>
          <button class="plain" lang=${LANGUAGES.find((each) => each !== language)} @click=${switchLanguage}>
            ${visit.t("other_language")}
          </button>
          ${isIn ? html`<button class="plain" @click=${signOut}>${visit.t("sign_out")}</button>` : nothing}
          ${!isIn && isPublic ? html`<a class="quiet" href="#/">${visit.t("sign_in")}</a>` : nothing}
        </span>
      </header>
      ${isIn
        ? html`<nav aria-label=${visit.t("name")}>
            ${TABS.map(
              (each) => html`
                <a href="#/${each}" aria-current=${each === tab ? "page" : nothing}>${visit.t(VIEWS[each].title)}</a>
              `,
            )}
          </nav>`
        : nothing}
      <p class="offline" aria-live="polite">${navigator.onLine ? nothing : visit.t("offline")}</p>
      <main>${content}</main>
    `,
    root,
  );
  if (wasAtTitle) {
    root.querySelector("h1")?.focus();
  }
}

function focusTitle(visit, title) {
  document.title = `${visit.t(title)} · ${visit.t("name")}`;
  root.querySelector("h1")?.focus();
}

function signIn(visit) {
  const address = signInAddress();
  return html`
    <h1 tabindex="-1">${visit.t("sign_in_title")}</h1>
    ${address === null
      ? html`<p>${visit.t("sign_in_by_app")}</p>`
      : html`<p><a class="button" href=${address}>${visit.t("sign_in")}</a></p>`}
    <h2>${visit.t("without_sign_in")}</h2>
    ${rows(visit, Object.keys(VIEWS).filter((name) => VIEWS[name].isPublic))}
  `;
}

/** Draws a failure in a view's place; a token that has ended leads back to the sign-in. */
function fail(visit, title, error) {
  if (error instanceof Refusal && error.status === 401) {
    signOut();
  } else if (error instanceof Refusal && error.code === "account_not_found") {
    const openOne = () => ask("me/account", { method: "POST" }).then(open, (refused) => visit.fail(refused));
    visit.show(html`
      <h1 tabindex="-1">${visit.t(title)}</h1>
      <p>${visit.t("no_account")}</p>
      <button @click=${openOne}>${visit.t("open_account")}</button>
    `);
  } else {
    visit.show(html`
      <h1 tabindex="-1">${visit.t(title)}</h1>
      <div role="alert" class="card bad">${sentenceOf(visit, error)}</div>
      <button @click=${open}>${visit.t("retry")}</button>
    `);
  }
}

/**
 * Has the page's own files kept for times without a connection. It never fails: the page works
 * without it, as where it is embedded or workers are switched off.
 */
async function keepFiles() {
  try {
    const scope = new URL("../app", import.meta.url).href;
    await navigator.serviceWorker.register(new URL("worker.mjs", import.meta.url), { scope });
  } catch {
    // Nothing is kept then.
  }
}

window.addEventListener("hashchange", open);
window.addEventListener("offline", () => drawn?.());
window.addEventListener("online", () => drawn?.());
// Only then: what the reader waits for comes first.
open().finally(keepFiles);
