/** Retiring reductions for ever, step by step, and the certificates of what was retired. */

import { ledgerDay, typedMg } from "./amounts.mjs";
import { Intent } from "./intent.mjs";
import { html, nothing } from "./lit-html.js";
import { amount, exactAmount, figure, goToLastStep, lastStep, moreButton, problemOf, rangeOf, row, shareOf, when } from "./parts.mjs";
import { ask, askJson } from "./service.mjs";

const OCCASION_CHARACTERS_MAX = 60;
const BENEFICIARY_CHARACTERS_MAX = 40;
const AMOUNT_CHARACTERS_MAX = 20;
const OCCASION = "occasion";

export async function view(visit) {
  const intent = new Intent();
  const retirements = [];
  let cursor;
  let purpose = OCCASION;
  // What the reader is about to retire, and what the service says it would be made of.
  let order = null;
  let preview = null;
  let isAmountWrong = false;
  // Counts what the reader changes, so that a late answer to what stood there before is no preview.
  let changes = 0;
  const readMore = async () => {
    const page = await askJson("me/retirements", { query: { cursor } });
    retirements.push(...page.retirements);
    cursor = page.next_cursor;
  };
  const post = (body, query) => ask("me/retirements", { method: "POST", body, key: intent.keyFor(body), query });
  const [account] = await Promise.all([askJson("me/account"), readMore()]);
  const { available_mg: availableMg, debt_mg: debtMg } = account.reductions;
  const year = Number(ledgerDay(Date.parse(account.as_of)).slice(0, 4));
  const available = availableMg > 0 && debtMg === 0 ? await rangeOfAll(availableMg, year) : null;

  const look = async (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.target));
    const mg = typedMg(typed.amount, typed.unit);
    isAmountWrong = mg === null;
    order = null;
    preview = null;
    if (isAmountWrong) {
      visit.problem = null;
      draw();
      document.getElementById("amount").focus();
      return;
    }
    const wanted = { reduction_mg: mg, language: visit.language, beneficiary: typed.beneficiary.trim() || null };
    wanted.occasion = purpose === OCCASION ? typed.occasion.trim() : null;
    wanted.footprint_year = purpose === OCCASION ? null : Number(typed.year);
    const asked = changes;
    await visit.attempt(async () => {
      preview = JSON.parse(await post(wanted, { dry_run: "true" }));
      order = asked === changes ? wanted : null;
    }, draw);
    goToLastStep();
  };
  // Whoever goes on typing has not seen what that would come to.
  const change = () => {
    changes += 1;
    if (order !== null || isAmountWrong) {
      order = null;
      isAmountWrong = false;
      draw();
    }
  };
  const leave = () => {
    order = null;
    visit.problem = null;
    draw();
    document.getElementById("amount").focus();
  };
  const retire = () =>
    visit.attempt(async () => {
      const { certificate_id: id } = JSON.parse(await post(order, {}));
      intent.done();
      visit.go(`#/retirements/${encodeURIComponent(id)}`);
    }, draw);
  const choosePurpose = (event) => {
    purpose = event.target.value;
    order = null;
    draw();
  };

  const form = () => html`
    <form class="card form" @submit=${look} @input=${change}>
      <h2>${visit.t("retire_title")}</h2>
      <p>${visit.t("retire_about")}</p>
      <div class="typed">
        <label>
          ${visit.t("retire_amount")}
          <input
            id="amount"
            name="amount"
            inputmode="decimal"
            autocomplete="off"
            required
            maxlength=${AMOUNT_CHARACTERS_MAX}
            aria-invalid=${isAmountWrong ? "true" : "false"}
            aria-describedby="amount-wrong"
          />
        </label>
        <label>
          ${visit.t("unit")}
          <select name="unit"><option value="kg">kg CO₂e</option><option value="g">g CO₂e</option></select>
        </label>
      </div>
      <p id="amount-wrong" role="alert" class="bad">${isAmountWrong ? visit.t("amount_wrong") : nothing}</p>
      <label>
        ${visit.t("purpose")}
        <select @change=${choosePurpose}>
          <option value=${OCCASION} ?selected=${purpose === OCCASION}>${visit.t("for_occasion")}</option>
          <option value="year" ?selected=${purpose !== OCCASION}>${visit.t("for_year")}</option>
        </select>
      </label>
      ${purpose === OCCASION
        ? html`<label>${visit.t("occasion")} <input name="occasion" required maxlength=${OCCASION_CHARACTERS_MAX} autocomplete="off" /></label>`
        : html`
            <label>
              ${visit.t("footprint_year")}
              <select name="year"><option value=${year}>${year}</option><option value=${year - 1}>${year - 1}</option></select>
            </label>
            <p class="note">${visit.t("for_year_note")}</p>
          `}
      <label>${visit.t("beneficiary")} <input name="beneficiary" maxlength=${BENEFICIARY_CHARACTERS_MAX} autocomplete="off" /></label>
      <p class="note">${visit.t("certificate_public")}</p>
      <button ?disabled=${visit.isBusy}>${visit.t("retire_preview")}</button>
      ${visit.problem?.code === "invalid_request"
        ? html`<div role="alert" class="card bad">${visit.t("text_refused")}</div>`
        : problemOf(visit)}
    </form>
  `;
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("retirements")}</h1>
      ${available
        ? figure(visit, "can_retire", available)
        : html`<section class="card">
            <h2>${visit.t("can_retire")}</h2>
            <p class="figure">${amount(visit, { reduction_mg: availableMg, low_mg: 0, high_mg: 0 })}</p>
            ${debtMg > 0 ? html`<p class="note">${visit.t("owed_note")}</p>` : nothing}
          </section>`}
      ${availableMg > 0 && debtMg === 0 ? form() : nothing}
      ${order
        ? lastStep(visit, {
            words: "retire_words",
            act: "retire_act",
            details: previewOf(visit, preview, availableMg),
            onAct: retire,
            onLeave: leave,
          })
        : nothing}
      <h2>${visit.t("my_retirements")}</h2>
      ${retirements.length === 0 ? html`<p>${visit.t("no_retirements")}</p>` : nothing}
      <ul class="list">${retirements.map((each) => retirementOf(visit, each))}</ul>
      ${cursor ? moreButton(visit, () => visit.attempt(readMore, draw)) : nothing}
      <p><a href="#/movements">${visit.t("movements")}</a></p>
    `);
  };
  draw();
}

/** How sure all that is left is: as a certificate over it would say; null where none can be. */
async function rangeOfAll(mg, year) {
  const body = { reduction_mg: mg, footprint_year: year };
  const options = { method: "POST", body, key: crypto.randomUUID(), query: { dry_run: "true" } };
  try {
    return (await askJson("me/retirements", options)).total;
  } catch (error) {
    if (error.status === 401) {
      throw error;
    }
    return null; // the amount is known without it
  }
}

/** What would be retired, what it is made of, and what would be left. */
function previewOf(visit, { total, methodologies, lots, occasion, footprint_year: year, footprint_share_ppm: ppm, beneficiary }, availableMg) {
  return html`
    <p class="figure">${exactAmount(visit, total.reduction_mg)}</p>
    <dl>
      ${row(visit, "range", rangeOf(visit, total))} ${row(visit, "label", visit.t(total.label) ?? total.label)}
      ${row(visit, "made_of", methodologies.map((each) => html`<span class="line">${each.methodology}: ${exactAmount(visit, each.reduction_mg)}</span>`))}
      ${row(visit, "lots", lots.length)} ${row(visit, "purpose", occasion ?? `${visit.t("for_year")} ${year}`)}
      ${ppm === null || ppm === undefined ? nothing : row(visit, "footprint_share", shareOf(visit, ppm))}
      ${row(visit, "beneficiary_short", beneficiary ?? visit.t("nobody"))}
      ${row(visit, "left_after", exactAmount(visit, availableMg - total.reduction_mg))}
    </dl>
  `;
}

function retirementOf(visit, retirement) {
  const { low, high, unit } = retirement.display;
  return html`
    <li>
      <a href="#/retirements/${encodeURIComponent(retirement.certificate_id)}">
        <span>
          ${retirement.occasion ?? `${visit.t("for_year")} ${retirement.footprint_year}`}
          <small>${when(visit, retirement.retired_at)}</small>
          <small>${retirement.number}</small>
          <small>${visit.t("range")} ${low} ${visit.t("to")} ${high} ${unit}</small>
          <small>${visit.t("label")}: ${visit.t(retirement.label) ?? retirement.label}</small>
        </span>
        <span class="amount">${exactAmount(visit, retirement.reduction_mg)}</span>
      </a>
    </li>
  `;
}
