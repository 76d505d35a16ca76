/** The account itself: what it is, what there is to spend, and how to close it. */

import { html, nothing } from "./lit-html.js";
import { dayOf, plainAmount, pointsOf, problemOf, row, when, working } from "./parts.mjs";
import { ask, askJson, forgetToken } from "./service.mjs";

/** What the page says before closing, in this order. */
const LOST = ["close_loses_balance", "close_loses_view", "close_loses_consents", "close_loses_shared", "close_loses_household"];
const STAYS = ["close_keeps_ledger", "close_keeps_certificates", "close_keeps_given", "close_keeps_new"];

export async function view(visit) {
  let account = await askJson("me/account");
  let isAsked = false;
  const turn = (asked) => {
    isAsked = asked;
    visit.problem = null;
    draw();
    document.getElementById(asked ? "closing" : "close")?.focus();
  };
  const close = async () => {
    try {
      account = await askJson("me/account", { method: "DELETE" });
    } catch (error) {
      // Closed before, by a request whose answer was lost on the way.
      if (error.code !== "account_not_found") {
        throw error;
      }
      account = { ...account, state: "closed" };
    }
  };
  const closeForGood = async () => {
    await visit.attempt(close, draw);
    if (account.state === "closed") {
      document.querySelector("h1")?.focus();
    }
  };
  const openAnother = async () => {
    await ask("me/account", { method: "POST" });
    visit.go("#/");
  };
  const draw = () => {
    if (account.state === "closed") {
      visit.show(closed(visit, account, () => visit.attempt(openAnother, draw)));
      return;
    }
    visit.show(html`
      <h1 tabindex="-1">${visit.t("account")}</h1>
      ${facts(visit, account)}
      ${isAsked
        ? confirmation(visit, account, closeForGood, () => turn(false))
        : html`<button id="close" class="plain bad" @click=${() => turn(true)}>${visit.t("close_account")}</button>`}
    `);
  };
  draw();
}

function facts(visit, account) {
  const { reductions, points } = account;
  return html`
    <section class="card">
      <h2>${visit.t("account_is")}</h2>
      <dl>
        ${row(visit, "account_state", visit.t(`account_${account.state}`) ?? account.state)}
        ${row(visit, "account_opened", when(visit, account.opened_at))}
        ${row(visit, "account_entries", account.entries)} ${row(visit, "account_lines", account.lines)}
        ${row(visit, "account_consents", account.active_consents)}
        ${row(visit, "account_id", html`<code>${account.account_id}</code>`)}
      </dl>
    </section>
    <section class="card">
      <h2>${visit.t("account_spendable")}</h2>
      <dl>
        ${row(visit, "account_reductions", plainAmount(visit, reductions.available_mg))}
        ${reductions.on_hold_mg ? row(visit, "account_on_hold", plainAmount(visit, reductions.on_hold_mg)) : nothing}
        ${reductions.debt_mg ? row(visit, "account_debt", plainAmount(visit, reductions.debt_mg)) : nothing}
        ${row(visit, "points", points.available)}
        ${points.on_hold ? row(visit, "account_points_on_hold", points.on_hold) : nothing}
        ${points.debt ? row(visit, "account_points_debt", points.debt) : nothing}
        ${points.lapsing.map(
          (each) => html`<dt>${visit.t("account_spend_by")} ${dayOf(visit, each.spend_by)}</dt><dd>${each.points}</dd>`,
        )}
      </dl>
      <p class="note">${visit.t("account_as_of")} ${when(visit, account.as_of)}</p>
    </section>
  `;
}

function confirmation(visit, { reductions, points }, closeForGood, keep) {
  const sentences = (keys) => html`<ul>${keys.map((key) => html`<li>${visit.t(key)}</li>`)}</ul>`;
  return html`
    <section class="card">
      <h2 id="closing" tabindex="-1">${visit.t("close_asked")}</h2>
      <h3>${visit.t("close_loses")}</h3>
      <p>${visit.t("close_now")} ${plainAmount(visit, reductions.available_mg + reductions.on_hold_mg)} CO₂e, ${pointsOf(visit, points.available + points.on_hold)}</p>
      ${sentences(LOST)}
      <h3>${visit.t("close_keeps")}</h3>
      ${sentences(STAYS)}
      ${problemOf(visit)}
      <p class="choices">
        <button class="danger" ?disabled=${visit.isBusy} @click=${closeForGood}>${visit.t("close_for_good")}</button>
        <button class="plain" ?disabled=${visit.isBusy} @click=${keep}>${visit.t("close_not")}</button>
        ${working(visit)}
      </p>
    </section>
  `;
}

function closed(visit, account, openAnother) {
  const leave = () => {
    forgetToken();
    location.hash = "#/";
  };
  return html`
    <h1 tabindex="-1">${visit.t("closed_title")}</h1>
    <p role="status">${visit.t("closed_note")}</p>
    <p class="note">${visit.t("account_id")}: <code>${account.account_id}</code></p>
    ${problemOf(visit)}
    <p class="choices">
      <button @click=${leave}>${visit.t("sign_out")}</button>
      <button class="plain" ?disabled=${visit.isBusy} @click=${openAnother}>${visit.t("open_another")}</button>
    </p>
  `;
}
