/** The account page: a shell with tabs, one view for each address behind the hash. */

import { bars, daysUntil, ledgerDay, monthsUntil, shown } from "./amounts.mjs";
import { html, nothing, render, svg } from "./lit-html.js";
import { rework, tampered } from "./receipts.mjs";
import { ask, askJson, forgetToken, hasToken, Refusal, setToken, signInAddress, takeToken } from "./service.mjs";
import { LANGUAGES, TEXTS } from "./texts.mjs";

const DAYS_SHOWN = 30;
const MONTHS_SHOWN = 12;
const ENTRIES_PER_PAGE = 20;
const CHART = { width: 320, height: 110 };
const LANGUAGE = "language";
const TABS = ["", "entries", "consents"];

const root = document.getElementById("app");
let language = firstLanguage();
let catalogue = null;
// Counts the views that were opened, so that a late answer for an earlier one is dropped.
let opened = 0;
let frame = html``;

// The app that shows this page may hand over a token, and link tokens of partners, by calls.
window.carbonAccount = {
  /** @type {null | ((partner: string) => Promise<string>)} */
  linkToken: null,
  setToken(token) {
    setToken(token);
    open();
  },
};

// --------------------------------------------------------------------------------------- Shell

function t(key) {
  return TEXTS[language][key];
}

function firstLanguage() {
  const kept = localStorage.getItem(LANGUAGE);
  if (LANGUAGES.includes(kept)) {
    return kept;
  }
  return navigator.language.startsWith("zh") ? "zh-Hans" : "en";
}

function switchLanguage() {
  language = LANGUAGES.find((each) => each !== language);
  localStorage.setItem(LANGUAGE, language);
  open();
}

function signOut() {
  forgetToken();
  open();
}

function show(content) {
  frame = content;
  const [here = ""] = route();
  const tab = (path, name) => html`
    <a href="#/${path}" aria-current=${here === path ? "page" : nothing}>${t(name)}</a>
  `;
  const isIn = hasToken();
  // A screen reader stays at the title when what was loading has come.
  const wasAtTitle = document.activeElement?.tagName === "H1";
  render(
    html`
      <header>
        <strong>${t("name")}</strong>
        <span>
          <button class="plain" lang=${LANGUAGES.find((each) => each !== language)} @click=${switchLanguage}>
            ${t("other_language")}
          </button>
          ${isIn ? html`<button class="plain" @click=${signOut}>${t("sign_out")}</button>` : nothing}
        </span>
      </header>
      ${isIn
        ? html`<nav aria-label=${t("name")}>
            ${TABS.map((path) => tab(path, path || "home"))}
          </nav>`
        : nothing}
      <main>${frame}</main>
    `,
    root,
  );
  if (wasAtTitle) {
    root.querySelector("h1")?.focus();
  }
}

/** The parts of the address behind "#/"; [""] is home. */
function route() {
  return location.hash.replace(/^#\/?/, "").split("/").map(decoded);
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
  const isCurrent = () => number === opened;
  if (!hasToken()) {
    show(signInView());
    focusTitle("sign_in_title");
    return;
  }
  const [name = "", id] = route();
  const title = id ? "entry" : (TABS.includes(name) && name) || "home";
  show(html`<h1 tabindex="-1">${t(title)}</h1><p role="status">${t("loading")}</p>`);
  focusTitle(title);
  try {
    catalogue ??= await readCatalogue();
    if (name === "entries" && id) {
      await entryView(id, isCurrent);
    } else if (name === "entries") {
      await entriesView("", isCurrent);
    } else if (name === "consents") {
      await consentsView(isCurrent);
    } else {
      await homeView(isCurrent);
    }
  } catch (error) {
    if (isCurrent()) {
      show(errorView(error, title));
    }
  }
}

function focusTitle(title) {
  document.title = `${t(title)} · ${t("name")}`;
  root.querySelector("h1")?.focus();
}

function signInView() {
  const address = signInAddress();
  return html`
    <h1 tabindex="-1">${t("sign_in_title")}</h1>
    ${address === null
      ? html`<p>${t("sign_in_by_app")}</p>`
      : html`<p><a class="button" href=${address}>${t("sign_in")}</a></p>`}
  `;
}

function errorView(error, title) {
  if (error instanceof Refusal && error.status === 401) {
    forgetToken();
    queueMicrotask(open);
    return nothing;
  }
  if (error instanceof Refusal && error.code === "account_not_found") {
    return html`
      <h1 tabindex="-1">${t(title)}</h1>
      <p>${t("no_account")}</p>
      <button @click=${openAccount}>${t("open_account")}</button>
    `;
  }
  return html`
    <h1 tabindex="-1">${t(title)}</h1>
    <div role="alert" class="card bad">${sentenceOf(error)}</div>
    <button @click=${open}>${t("retry")}</button>
  `;
}

function sentenceOf(error) {
  return error.code === "unreachable" ? t("unreachable") : `${t("failed")} ${error.message}`;
}

async function openAccount() {
  try {
    await ask("me/account", { method: "POST" });
    open();
  } catch (error) {
    show(errorView(error, "home"));
  }
}

// ------------------------------------------------------------------------------------ Catalogue

/** What the service publishes for everybody: notices, keys and released methodologies. */
async function readCatalogue() {
  const asked = ["notices", "keys", "methodologies"].map((path) => askJson(path, { isPublic: true }));
  const [{ notices }, jwks, { methodologies }] = await Promise.all(asked);
  const released = methodologies.map(({ id, version, digest }) => [`${id}@${version}`, digest]);
  return { notices, jwks, released: Object.fromEntries(released) };
}

function scenarioTitle(scenario) {
  const notice = catalogue.notices.find((each) => each.scenario === scenario);
  return notice?.texts[language]?.title ?? scenario;
}

function partnerTitle(partner) {
  const known = catalogue.notices.flatMap((each) => each.partners);
  const title = known.find((each) => each.partner === partner)?.title;
  return title?.[language] ?? partner;
}

// ----------------------------------------------------------------------------------------- Home

async function homeView(isCurrent) {
  // The service's clock says what today is, not the reader's.
  const account = await askJson("me/account");
  const today = ledgerDay(Date.parse(account.as_of));
  const days = daysUntil(today, DAYS_SHOWN);
  const months = monthsUntil(today, MONTHS_SHOWN);
  const totals = (granularity, from) => askJson("me/totals", { query: { granularity, from, to: today } });
  const [byDay, byMonth] = await Promise.all([
    totals("day", days[0]),
    totals("month", `${months[0]}-01`),
  ]);
  const none = { reduction_mg: 0, low_mg: 0, high_mg: 0 };
  const ofToday = byDay.periods.find(({ period }) => period === today)?.total ?? none;
  if (isCurrent()) {
    show(html`
      <h1 tabindex="-1">${t("home")}</h1>
      <div class="pair">
        ${figure("today", ofToday)} ${figure("total", account.total)}
      </div>
      ${chart("days", days, byDay.periods)} ${chart("months", months, byMonth.periods)}
    `);
  }
}

function figure(name, sum) {
  return html`
    <section class="card">
      <h2>${t(name)}</h2>
      <p class="figure">${amount(sum)}</p>
      <p class="note">${t("range")} ${rangeOf(sum)}</p>
      ${sum.label ? html`<p class="note">${t("label")}: ${t(sum.label) ?? sum.label}</p>` : nothing}
    </section>
  `;
}

function amount(sum) {
  const { value, unit } = shown(sum, language);
  return html`${value} <small>${unit} CO₂e</small>`;
}

function rangeOf(sum) {
  const { low, high, unit } = shown(sum, language);
  return `${low} ${t("to")} ${high} ${unit}`;
}

function chart(name, periods, found) {
  const sums = new Map(found.map(({ period, total }) => [period, total]));
  const drawn = bars(periods, new Map(found.map((each) => [each.period, each.total.reduction_mg])), CHART);
  const filled = periods.filter((period) => sums.has(period));
  return html`
    <section class="card">
      <h2>${t(name)}</h2>
      ${filled.length === 0
        ? html`<p class="note">${t("nothing_in_time")}</p>`
        : html`
            <svg role="img" aria-label="${t("chart_of")}: ${t(name)}" viewBox="0 0 ${CHART.width} ${CHART.height + 16}">
              <line x1="0" x2=${CHART.width} y1=${drawn.zero} y2=${drawn.zero}></line>
              ${drawn.bars.map((bar) => barOf(bar))}
              <text x="0" y=${CHART.height + 13}>${periods[0]}</text>
              <text x=${CHART.width} y=${CHART.height + 13} text-anchor="end">${periods.at(-1)}</text>
            </svg>
            <details>
              <summary>${t("as_table")}</summary>
              <table>
                <thead><tr><th scope="col">${t("period")}</th><th scope="col">${t("amount")}</th><th scope="col">${t("range")}</th></tr></thead>
                <tbody>
                  ${filled.map(
                    (period) => html`<tr><th scope="row">${period}</th><td>${amount(sums.get(period))}</td><td>${rangeOf(sums.get(period))}</td></tr>`,
                  )}
                </tbody>
              </table>
            </details>
          `}
    </section>
  `;
}

function barOf({ period, mg, x, y, width, height }) {
  const { value, unit } = shown({ reduction_mg: mg, low_mg: mg, high_mg: mg }, language);
  return svg`<rect x=${x} y=${y} width=${width} height=${height} rx="1.5" class=${mg < 0 ? "below" : ""}>
    <title>${period}: ${value} ${unit}</title>
  </rect>`;
}

// ------------------------------------------------------------------------------------ Statement

async function entriesView(scenario, isCurrent) {
  const entries = [];
  let cursor;
  let problem = null;
  const choose = (event) => {
    opened += 1;
    const number = opened;
    const isStill = () => number === opened;
    entriesView(event.target.value, isStill).catch((error) => isStill() && show(errorView(error, "entries")));
  };
  const read = async () => {
    const query = { scenario, cursor, limit: ENTRIES_PER_PAGE };
    const page = await askJson("me/entries", { query });
    entries.push(...page.entries);
    cursor = page.next_cursor;
  };
  const more = async (event) => {
    event.target.disabled = true;
    try {
      await read();
      problem = null;
    } catch (error) {
      problem = error;
    }
    event.target.disabled = false;
    draw();
  };
  const draw = () => {
    if (!isCurrent()) {
      return;
    }
    show(html`
      <h1 tabindex="-1">${t("entries")}</h1>
      <label>
        ${t("scenario")}
        <select @change=${choose}>
          <option value="" ?selected=${scenario === ""}>${t("all_scenarios")}</option>
          ${catalogue.notices.map(
            (each) => html`<option value=${each.scenario} ?selected=${each.scenario === scenario}>${scenarioTitle(each.scenario)}</option>`,
          )}
        </select>
      </label>
      ${entries.length === 0 ? html`<p>${scenario ? t("nothing_in_time") : t("none")}</p>` : nothing}
      <ul class="list">
        ${entries.map(
          (entry) => html`
            <li>
              <a href="#/entries/${encodeURIComponent(entry.entry_id)}">
                <span>${scenarioTitle(entry.scenario)}<small>${when(entry.occurred_at)}</small></span>
                <span class="amount">${amount(entry)}<small>${besideAmount(entry)}</small></span>
              </a>
            </li>
          `,
        )}
      </ul>
      ${problem ? html`<div role="alert" class="card bad">${sentenceOf(problem)}</div>` : nothing}
      ${cursor ? html`<button @click=${more}>${t("more")}</button>` : nothing}
    `);
  };
  await read();
  draw();
}

/** The range; beside an amendment, whose amount is a difference, what stands since. */
function besideAmount(entry) {
  if (!entry.amends) {
    return rangeOf(entry);
  }
  const mg = entry.standing_mg;
  const { value, unit } = shown({ reduction_mg: mg, low_mg: mg, high_mg: mg }, language);
  return `${t("standing")} ${value} ${unit}`;
}

function when(instant) {
  const format = { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" };
  return new Intl.DateTimeFormat(language, format).format(new Date(instant));
}

// ---------------------------------------------------------------------------------- One entry

async function entryView(id, isCurrent) {
  const path = `me/entries/${encodeURIComponent(id)}`;
  const [entry, text] = await Promise.all([askJson(path), ask(`${path}/receipt`)]);
  const draw = async (isTampered) => {
    const found = await rework(isTampered ? tampered(text) : text, catalogue);
    if (!isCurrent()) {
      return;
    }
    const row = (name, value) => html`<dt>${t(name)}</dt><dd>${value}</dd>`;
    show(html`
      <p><a href="#/entries">${t("back")}</a></p>
      <h1 tabindex="-1">${scenarioTitle(entry.scenario)}</h1>
      <section class="card">
        <p class="figure">${amount(entry)}</p>
        <p class="note">${entry.amends ? nothing : t("range")} ${besideAmount(entry)}</p>
        ${entry.provisional ? html`<p class="note">${t("provisional")}</p>` : nothing}
        <dl>
          ${row("occurred", when(entry.occurred_at))} ${row("booked", when(entry.booked_at))}
          ${row("partner", partnerTitle(entry.partner))} ${row("points", entry.points)}
          ${row("methodology", entry.methodology)} ${row("label", t(entry.label) ?? entry.label)}
          ${row("evidence", entry.evidence_grade)}
        </dl>
      </section>
      <section class="card">
        <h2>${t("receipt")}</h2>
        ${isTampered ? html`<p class="note">${t("tamper_note")}</p>` : nothing}
        <p role="status" class=${found.isSame ? "verdict good" : "verdict bad"}>
          ${found.isSame ? "✓ " : "✗ "}${t(found.isSame ? "same" : "differs")}
        </p>
        ${found.isSame
          ? html`<p class="note">${t("same_note")}</p>`
          : html`<ul class="findings">${found.findings.map((each) => html`<li lang="en">${each.sentence}</li>`)}</ul>`}
        <h3>${t("inputs")}</h3>
        <dl>${found.inputs.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
        <h3>${t("steps")}</h3>
        <ol class="steps">${found.steps.map(stepOf)}</ol>
        <button @click=${() => draw(!isTampered)}>${t(isTampered ? "untamper" : "tamper")}</button>
      </section>
    `);
  };
  await draw(false);
}

function stepOf(step) {
  return html`
    <li class=${step.differs ? "bad" : ""}>
      <strong>${step.name}</strong> <small>${step.unit}</small>
      ${step.differs ? html`<em>✗ ${t("step_differs")}</em>` : nothing}
      <code>${step.expression}</code>
      <span>${t("written")}: <b>${step.written}</b></span>
      <span>${t("here")}: <b>${step.here ?? "–"}</b></span>
    </li>
  `;
}

// ------------------------------------------------------------------------------------- Consents

async function consentsView(isCurrent) {
  let problem = null;
  let isBusy = false;
  let { active } = await askJson("me/consents");
  const isActive = (scenario, partner) =>
    active.some((each) => each.scenario === scenario && each.partner === partner && each.active);
  const change = async (notice, partner) => {
    const path = `me/consents/${encodeURIComponent(notice.scenario)}/${encodeURIComponent(partner)}`;
    if (isBusy) {
      return;
    }
    isBusy = true;
    try {
      if (isActive(notice.scenario, partner)) {
        await ask(path, { method: "DELETE" });
      } else {
        await ask(path, { method: "PUT", body: await grantOf(notice, partner) });
      }
      ({ active } = await askJson("me/consents"));
      problem = null;
    } catch (error) {
      problem = error;
    }
    isBusy = false;
    draw();
  };
  const draw = () => {
    if (!isCurrent()) {
      return;
    }
    show(html`
      <h1 tabindex="-1">${t("consents")}</h1>
      <p>${t("consent_intro")}</p>
      ${problem ? html`<div role="alert" class="card bad">${sentenceOf(problem)}</div>` : nothing}
      ${catalogue.notices.map((notice) => noticeCard(notice, isActive, change))}
    `);
  };
  draw();
}

async function grantOf(notice, partner) {
  const body = { notice_version: notice.version };
  if (partner !== "platform") {
    body.partner_link_token = await window.carbonAccount.linkToken(partner);
  }
  return body;
}

function noticeCard(notice, isActive, change) {
  const { title, purpose, rights } = notice.texts[language];
  return html`
    <section class="card">
      <h2>${title}</h2>
      ${notice.partners.map(({ partner }) => {
        const isOn = isActive(notice.scenario, partner);
        const isOpen = isOn || partner === "platform" || window.carbonAccount.linkToken !== null;
        return html`
          <div class="consent">
            <span>${partnerTitle(partner)}${isOpen ? nothing : html`<small>${t("through_partner")}</small>`}</span>
            <button
              role="switch"
              aria-checked=${isOn ? "true" : "false"}
              aria-label="${t("allow")}: ${title}, ${partnerTitle(partner)}"
              ?disabled=${!isOpen}
              @click=${() => change(notice, partner)}
            ></button>
          </div>
        `;
      })}
      <p>${purpose}</p>
      <p>${rights}</p>
      <p class="note">${t("data")}: ${notice.data_categories.join(", ")} · ${t("retention")}: ${notice.retention}</p>
    </section>
  `;
}

window.addEventListener("hashchange", open);
open();
