/** One redemption as it stands: held until its supplier has spoken, then with its voucher. */

import { Intent } from "./intent.mjs";
import { html, nothing } from "./lit-html.js";
import { dayOf, goToLastStep, lastStep, pointsOf, priceOf, problemOf, row, when, working } from "./parts.mjs";
import { ask, askJson } from "./service.mjs";

const HELD = "held";

export async function view(visit, id) {
  const path = `me/redemptions/${encodeURIComponent(id)}`;
  const intent = new Intent();
  let redemption = await askJson(path);
  // When the reader looked last: what stands here stood then.
  let lookedAt = new Date();
  let isLeaving = false;
  const look = async () => {
    redemption = await askJson(path);
    lookedAt = new Date();
  };
  const cancel = async () => {
    await visit.attempt(async () => {
      try {
        await ask(`${path}/cancellation`, { method: "POST", key: intent.keyFor(id) });
        intent.done();
      } finally {
        // Whether it was cancelled or too late, the reader sees what stands now.
        await look();
        isLeaving = false;
      }
    }, draw);
    document.querySelector("h1")?.focus();
  };
  const askToCancel = () => {
    isLeaving = true;
    draw();
    goToLastStep();
  };
  const stay = () => {
    isLeaving = false;
    draw();
    document.getElementById("cancel")?.focus();
  };
  const draw = () => {
    const { title, terms } = redemption.texts[visit.language];
    const { state } = redemption;
    const days = Object.entries(redemption.points_by_last_day);
    visit.show(html`
      <p><a href="#/benefits">${visit.t("back_to_benefits")}</a></p>
      <h1 tabindex="-1">${title}</h1>
      ${problemOf(visit)}
      <section class="card">
        <p role="status" class=${state === "settled" ? "verdict good" : "verdict"}>${visit.t(`redemption_${state}`)}</p>
        <p class="note">${visit.t(`redemption_${state}_note`)}</p>
        ${redemption.voucher_code
          ? html`<h2>${visit.t("voucher")}</h2><p class="code"><code>${redemption.voucher_code}</code></p>`
          : nothing}
        <p>${terms}</p>
        <dl>
          ${row(visit, "price", priceOf(visit, redemption.price))}
          ${days.map(([day, points]) => html`<dt>${visit.t("points_until")} ${dayOf(visit, day)}</dt><dd>${pointsOf(visit, points)}</dd>`)}
          ${row(visit, "held_at", when(visit, redemption.held_at))}
          ${state === HELD ? row(visit, "held_until", when(visit, redemption.expires_at)) : nothing}
          ${redemption.ended_at ? row(visit, "ended_at", when(visit, redemption.ended_at)) : nothing}
        </dl>
      </section>
      ${state === HELD
        ? html`
            <p class="note" role="status">${visit.t("looked_at")} ${when(visit, lookedAt, "medium")}</p>
            <p class="choices">
              <button ?disabled=${visit.isBusy} @click=${() => visit.attempt(look, draw)}>${visit.t("look_again")}</button>
              <button
                id="cancel"
                class="plain"
                aria-expanded=${isLeaving ? "true" : "false"}
                ?disabled=${visit.isBusy}
                @click=${askToCancel}
              >
                ${visit.t("cancel_redemption")}
              </button>
              ${isLeaving ? nothing : working(visit)}
            </p>
            ${isLeaving
              ? lastStep(visit, { words: "cancel_words", act: "cancel_act", onAct: cancel, onLeave: stay })
              : nothing}
          `
        : nothing}
    `);
  };
  draw();
}
