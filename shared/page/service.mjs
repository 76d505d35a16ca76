/** The session and the requests of the page. */

import { Store } from "./storage.mjs";

const API = new URL("../v1/", import.meta.url);
const TOKEN = "access_token";
const TIMEOUT_MS = 15_000;
// Of this tab alone.
const SESSION = new Store(() => sessionStorage);

/** A refusal of the service, or 0 and "unreachable" where there was no answer. */
export class Refusal extends Error {
  constructor(status, code, detail) {
    super(detail || code);
    this.status = status;
    this.code = code;
  }
}

/** Takes the token out of the address, where nobody else should see it, into this tab's storage. */
export function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get(TOKEN);
  if (token !== null) {
    setToken(token);
    history.replaceState(null, "", `${location.pathname}${location.search}`);
  }
}

export function setToken(token) {
  SESSION.set(TOKEN, token);
}

export function forgetToken() {
  SESSION.remove(TOKEN);
}

export function hasToken() {
  return SESSION.get(TOKEN) !== null;
}

/** Where the reader signs in; null where the app hands the token over. */
export function signInAddress() {
  const address = document.querySelector('meta[name="sign-in"]').content;
  return address === "-" ? null : address;
}

/**
 * The whole address of a path below /v1/, for links and pictures.
 * @param {string} path
 * @param {Record<string, unknown>} query what is empty in it is left out
 * @returns {string}
 */
export function addressOf(path, query = {}) {
  const address = new URL(path, API);
  Object.entries(query)
    .filter(([, value]) => value)
    .forEach(([name, value]) => address.searchParams.set(name, value));
  return address.href;
}

/**
 * Asks the service and returns its answer as text; raises a Refusal. `key` is the Idempotency-Key
 * of what is wanted once, however often it is asked for.
 * @param {string} path below /v1/
 */
export async function ask(path, { method = "GET", body, key, query, isPublic = false } = {}) {
  const headers = {};
  if (!isPublic) {
    headers.Authorization = `Bearer ${SESSION.get(TOKEN)}`;
  }
  if (key !== undefined) {
    headers["Idempotency-Key"] = key;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let response;
  let text;
  try {
    response = await fetch(addressOf(path, query), { method, headers, body: sent, signal });
    text = await response.text();
  } catch {
    throw new Refusal(0, "unreachable", "");
  }
  if (!response.ok) {
    throw refusalOf(response.status, text);
  }
  return text;
}

export async function askJson(path, options) {
  return JSON.parse(await ask(path, options));
}

function refusalOf(status, text) {
  try {
    const { code = "", detail = "" } = JSON.parse(text);
    return new Refusal(status, code, detail);
  } catch {
    return new Refusal(status, "", "");
  }
}
