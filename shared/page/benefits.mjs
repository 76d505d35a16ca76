/** What there is to spend, what it can be redeemed for, and what was redeemed. */

import { Intent } from "./intent.mjs";
import { html, nothing } from "./lit-html.js";
import { amount, dayOf, exactAmount, goToLastStep, lastStep, moreButton, plainAmount, pointsOf, priceOf, problemOf, when } from "./parts.mjs";
import { ask, askJson } from "./service.mjs";

export async function view(visit) {
  const intent = new Intent();
  let redemptions = [];
  let cursor;
  // The benefit that the reader is about to redeem, and what the service says it would take.
  let chosen = null;
  let preview = null;
  const readMore = async () => {
    const page = await askJson("me/redemptions", { query: { cursor } });
    redemptions.push(...page.redemptions);
    cursor = page.next_cursor;
  };
  const [account, { benefits }] = await Promise.all([
    askJson("me/account"),
    askJson("benefits", { isPublic: true }),
    readMore(),
  ]);

  const bodyOf = ({ benefit_id, price }) => ({ benefit_id, price });
  const order = (benefit, query) => {
    const body = bodyOf(benefit);
    return ask("me/redemptions", { method: "POST", body, key: intent.keyFor(body), query });
  };
  const choose = async (benefit) => {
    chosen = benefit;
    preview = null;
    visit.problem = null;
    await visit.attempt(async () => {
      preview = JSON.parse(await order(benefit, { dry_run: "true" }));
    }, draw);
    goToLastStep();
  };
  const leave = () => {
    const left = chosen;
    chosen = null;
    preview = null;
    visit.problem = null;
    draw();
    document.getElementById(`redeem-${left.benefit_id}`)?.focus();
  };
  const redeem = () =>
    visit.attempt(async () => {
      const { redemption_id: id } = JSON.parse(await order(chosen, {}));
      intent.done();
      visit.go(`#/redemptions/${encodeURIComponent(id)}`);
    }, draw);

  const benefitOf = (benefit) => {
    const { title, terms } = benefit.texts[visit.language];
    const isChosen = benefit === chosen;
    return html`
      <section class="card offer">
        <h3 class="first">${title}</h3>
        <p class="price">${priceOf(visit, benefit.price)}</p>
        <p>${terms}</p>
        <p class="note">
          ${visit.t(benefit.available ? "in_stock" : "sold_out")} ·
          ${visit.t("valid_until")} ${dayOf(visit, benefit.valid_until)}
          ${benefit.limit_per_person ? html`· ${visit.t("limit_per_person")} ${benefit.limit_per_person}` : nothing}
        </p>
        ${shortages(visit, account, benefit.price).map((each) => html`<p class="note">${each}</p>`)}
        <button
          id="redeem-${benefit.benefit_id}"
          aria-expanded=${isChosen ? "true" : "false"}
          aria-label="${visit.t("redeem")}: ${title}"
          ?disabled=${visit.isBusy || !benefit.available || shortages(visit, account, benefit.price).length > 0}
          @click=${() => choose(benefit)}
        >
          ${visit.t("redeem")}
        </button>
        ${isChosen ? problemOf(visit) : nothing}
        ${isChosen && preview
          ? lastStep(visit, {
              words: "redeem_words",
              act: "redeem_act",
              details: html`<p><strong>${title}: ${priceOf(visit, preview.price)}</strong></p>`,
              onAct: redeem,
              onLeave: leave,
            })
          : nothing}
      </section>
    `;
  };
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("benefits")}</h1>
      ${balances(visit, account)}
      <p class="links">
        <a href="#/movements">${visit.t("movements")}</a> <a href="#/retirements">${visit.t("retirements")}</a>
      </p>
      <h2>${visit.t("offers")}</h2>
      ${benefits.length === 0 ? html`<p>${visit.t("no_offers")}</p>` : benefits.map(benefitOf)}
      <h2>${visit.t("my_redemptions")}</h2>
      ${redemptions.length === 0 ? html`<p>${visit.t(cursor ? "none_on_page" : "no_redemptions")}</p>` : nothing}
      <ul class="list">
        ${redemptions.map(
          (each) => html`
            <li>
              <a href="#/redemptions/${encodeURIComponent(each.redemption_id)}">
                <span>${each.texts[visit.language].title}<small>${when(visit, each.held_at)}</small></span>
                <span class="amount">${priceOf(visit, each.price)}<small class="line">${visit.t(`redemption_${each.state}`)}</small></span>
              </a>
            </li>
          `,
        )}
      </ul>
      ${chosen ? nothing : problemOf(visit)}
      ${cursor ? moreButton(visit, () => visit.attempt(readMore, draw)) : nothing}
    `);
  };
  draw();
}

/** What can be spent, what is on hold or owed, and which points lapse next. */
function balances(visit, { points, reductions, total }) {
  const [next] = points.lapsing;
  return html`
    <div class="pair">
      <section class="card">
        <h2>${visit.t("points")}</h2>
        <p class="figure">${new Intl.NumberFormat(visit.language).format(points.available)}</p>
        <p class="note">${visit.t("on_hold")} ${pointsOf(visit, points.on_hold)}</p>
        ${points.debt > 0 ? html`<p class="note">${visit.t("owed")} ${pointsOf(visit, points.debt)}</p>` : nothing}
        ${next
          ? html`<p class="note">${visit.t("lapse_next")} ${pointsOf(visit, next.points)}, ${visit.t("through")} ${dayOf(visit, next.spend_by)}</p>`
          : nothing}
      </section>
      <section class="card">
        <h2>${visit.t("reductions_to_spend")}</h2>
        <p class="figure">${amount(visit, { reduction_mg: reductions.available_mg, low_mg: 0, high_mg: 0 })}</p>
        <p class="note">${visit.t("on_hold")} ${plainAmount(visit, reductions.on_hold_mg)}</p>
        ${reductions.debt_mg > 0
          ? html`<p class="note">${visit.t("owed")} ${plainAmount(visit, reductions.debt_mg)}</p>`
          : nothing}
        <p class="note">${visit.t("label_of_all")}: ${visit.t(total.label) ?? total.label}</p>
      </section>
    </div>
    ${points.debt > 0 || reductions.debt_mg > 0 ? html`<p class="note">${visit.t("owed_note")}</p>` : nothing}
  `;
}

/** What is missing for a price, in words. */
function shortages(visit, { points, reductions }, price) {
  const ofPoints = price.points - points.available;
  const ofReductions = price.reduction_mg - reductions.available_mg;
  return [
    ofPoints > 0 && `${visit.t("missing")} ${pointsOf(visit, ofPoints)}`,
    ofReductions > 0 && `${visit.t("missing")} ${exactAmount(visit, ofReductions)}`,
  ].filter(Boolean);
}
