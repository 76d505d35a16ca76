/** Share cards: a picture of one's reductions for whoever has its link. */

import { ledgerDay, monthsUntil, sharablePeriods } from "./amounts.mjs";
import { Intent } from "./intent.mjs";
import { html, nothing } from "./lit-html.js";
import { amount, dateOf, problemOf, rangeOf } from "./parts.mjs";
import { addressOf, ask, askJson } from "./service.mjs";
import { LANGUAGES } from "./texts.mjs";

const SCENARIO = "share-card";
const PARTNER = "platform";
const STYLES = ["leaf", "sky", "ink"];
const MONTHS_OFFERED = 12;
const NICKNAME_LENGTH_MAX = 24;

export async function view(visit) {
  const [account, consents, listed] = await Promise.all([
    askJson("me/account"),
    askJson("me/consents"),
    askJson("me/shares"),
  ]);
  const today = ledgerDay(Date.parse(account.as_of));
  const query = { granularity: "month", from: `${monthsUntil(today, MONTHS_OFFERED)[0]}-01`, to: today };
  const months = (await askJson("me/totals", { query })).periods;
  const periods = sharablePeriods(months, account.total);
  const notice = visit.catalogue.notices.find(({ scenario }) => scenario === SCENARIO);
  const wanted = { period: periods[0], style: STYLES[0], language: visit.language, nickname: "" };
  const state = {
    shares: listed.shares,
    isAllowed: consents.active.some((each) => each.scenario === SCENARIO && each.partner === PARTNER && each.active),
    revoking: null,
    copied: null,
  };
  const intent = new Intent();
  const read = async () => {
    ({ shares: state.shares } = await askJson("me/shares"));
  };
  const allow = () =>
    visit.attempt(async () => {
      await ask(`me/consents/${SCENARIO}/${PARTNER}`, { method: "PUT", body: { notice_version: notice.version } });
      state.isAllowed = true;
    }, draw);
  const make = async (event) => {
    event.preventDefault();
    const body = { ...wanted, nickname: wanted.nickname.trim() || undefined };
    await visit.attempt(async () => {
      await ask("me/shares", { method: "POST", body, key: intent.keyFor(body) });
      // Only once the reader sees it: whoever is told of a failure and asks again gets the same card.
      await read();
      intent.done();
    }, draw);
    if (visit.problem === null) {
      document.getElementById("cards")?.focus();
    }
  };
  // What was pressed goes away with each step: the reader is taken to what stands in its place.
  const turn = (shareId) => {
    const before = state.revoking;
    state.revoking = shareId;
    draw();
    document.getElementById(shareId === null ? `revoke-${before}` : "revoking")?.focus();
  };
  const revoke = async (shareId) => {
    await visit.attempt(async () => {
      await ask(`me/shares/${encodeURIComponent(shareId)}`, { method: "DELETE" });
      state.revoking = null;
      await read();
    }, draw);
    if (visit.problem === null) {
      document.getElementById("cards")?.focus();
    }
  };
  const copy = async (event, share) => {
    const field = event.target.closest("section").querySelector("input");
    field.select();
    try {
      await navigator.clipboard.writeText(share.page);
      state.copied = share.share_id;
    } catch {
      // Without a clipboard the link stays selected, to be copied by hand.
      state.copied = null;
    }
    draw();
  };
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("shares")}</h1>
      ${visit.problem?.code === "invalid_request"
        ? html`<div role="alert" class="card bad">${visit.t("share_refused")}</div>`
        : problemOf(visit)}
      ${state.isAllowed ? form(visit, { wanted, periods, make }) : consentOf(visit, notice, allow)}
      <h2 id="cards" tabindex="-1">${visit.t("share_cards")}</h2>
      ${state.shares.length === 0 ? html`<p>${visit.t("share_none")}</p>` : nothing}
      ${state.shares.map((share) => card(visit, share, state, { turn, revoke, copy }))}
    `);
  };
  draw();
}

function consentOf(visit, notice, allow) {
  const { title, purpose, rights } = notice.texts[visit.language];
  return html`
    <section class="card">
      <h2>${visit.t("share_consent")}</h2>
      <h3>${title}</h3>
      <p>${purpose}</p>
      <p>${rights}</p>
      <button ?disabled=${visit.isBusy} @click=${allow}>${visit.t("allow")}</button>
    </section>
  `;
}

function form(visit, { wanted, periods, make }) {
  if (periods.length === 0) {
    return html`<p role="status">${visit.t("share_nothing")}</p>`;
  }
  const choose = (name) => (event) => {
    wanted[name] = event.target.value;
  };
  return html`
    <form class="card" @submit=${make}>
      <h2>${visit.t("share_new")}</h2>
      <label for="share-period">${visit.t("share_period")}</label>
      <select id="share-period" @change=${choose("period")}>
        ${periods.map((each) => html`<option value=${each} ?selected=${each === wanted.period}>${periodOf(visit, each)}</option>`)}
      </select>
      <fieldset>
        <legend>${visit.t("share_style")}</legend>
        ${STYLES.map(
          (each) => html`
            <label class="choice">
              <input type="radio" name="style" value=${each} ?checked=${each === wanted.style} @change=${choose("style")} />
              ${visit.t(`share_${each}`)}
            </label>
          `,
        )}
      </fieldset>
      <label for="share-language">${visit.t("share_language")}</label>
      <select id="share-language" @change=${choose("language")}>
        ${LANGUAGES.map((each) => html`<option value=${each} lang=${each} ?selected=${each === wanted.language}>${visit.t(`share_${each}`)}</option>`)}
      </select>
      <label for="share-nickname">${visit.t("share_nickname")}</label>
      <input
        id="share-nickname"
        autocomplete="nickname"
        maxlength=${NICKNAME_LENGTH_MAX}
        aria-describedby="share-nickname-note"
        .value=${wanted.nickname}
        @input=${choose("nickname")}
      />
      <p class="note below" id="share-nickname-note">${visit.t("share_nickname_note")}</p>
      <button ?disabled=${visit.isBusy}>${visit.t("share_make")}</button>
      <p class="note">${visit.t("share_make_note")}</p>
    </form>
  `;
}

function periodOf(visit, period) {
  return period === "all" ? visit.t("share_all") : period;
}

function card(visit, share, state, { turn, revoke, copy }) {
  const id = `share-${share.share_id}`;
  return html`
    <section class="card" aria-labelledby=${id}>
      <h3 id=${id}>${periodOf(visit, share.period)} · ${amount(visit, share.reduction)}</h3>
      <p class="note">${visit.t("range")} ${rangeOf(visit, share.reduction)}</p>
      <p class="note">${visit.t("label")}: ${visit.t(share.reduction.label) ?? share.reduction.label}</p>
      ${share.shown
        ? html`
            <img class="picture" loading="lazy" src=${pictureOf(share)} alt="${visit.t("share_picture")}: ${periodOf(visit, share.period)}" />
            <p class="note">${visit.t("share_shown_until")} ${dateOf(visit, share.expires_at)}</p>
            <label for="${id}-link">${visit.t("share_address")}</label>
            <input id="${id}-link" readonly .value=${share.page} />
            <p class="choices">
              <button @click=${(event) => copy(event, share)}>${visit.t("share_copy")}</button>
              <a href=${share.page} target="_blank" rel="noopener">${visit.t("share_open")}</a>
              ${state.revoking === share.share_id
                ? nothing
                : html`<button id="revoke-${share.share_id}" class="plain bad" @click=${() => turn(share.share_id)}>${visit.t("share_revoke")}</button>`}
              <span role="status">${state.copied === share.share_id ? visit.t("share_copied") : nothing}</span>
            </p>
            ${state.revoking === share.share_id
              ? html`
                  <p id="revoking" tabindex="-1">${visit.t("share_revoke_asked")}</p>
                  <p class="choices">
                    <button class="danger" ?disabled=${visit.isBusy} @click=${() => revoke(share.share_id)}>${visit.t("share_revoke_now")}</button>
                    <button class="plain" ?disabled=${visit.isBusy} @click=${() => turn(null)}>${visit.t("share_keep")}</button>
                  </p>
                `
              : nothing}
          `
        : html`<p>${ended(visit, share)}</p>`}
    </section>
  `;
}

/** The picture under the page's own address: the link may stand under another name. */
function pictureOf({ page }) {
  return addressOf(`shares/${encodeURIComponent(page.split("/").at(-1))}/card.svg`);
}

function ended(visit, share) {
  if (share.revoked_at) {
    return `${visit.t("share_revoked")} ${dateOf(visit, share.revoked_at)}`;
  }
  return share.state === "expired"
    ? `${visit.t("share_expired")} ${dateOf(visit, share.expires_at)}`
    : visit.t("share_withdrawn");
}
