/** What became of reductions and points: the movements of the account, newest first. */

import { html, nothing } from "./lit-html.js";
import { exactAmount, moreButton, pointsOf, problemOf, rangeOf, when } from "./parts.mjs";
import { askJson } from "./service.mjs";

const MOVEMENTS_PER_PAGE = 20;
const SIGNED = { signDisplay: "exceptZero" };
/** The views of what movements are about, by their kinds. */
const ABOUT = { hold: "redemptions", settlement: "redemptions", release: "redemptions", retirement: "retirements" };

export async function view(visit) {
  const movements = [];
  let cursor;
  const read = async () => {
    const page = await askJson("me/movements", { query: { cursor, limit: MOVEMENTS_PER_PAGE } });
    movements.push(...page.movements);
    cursor = page.next_cursor;
  };
  const draw = () => {
    visit.show(html`
      <p><a href="#/benefits">${visit.t("back_to_benefits")}</a></p>
      <h1 tabindex="-1">${visit.t("movements")}</h1>
      <p>${visit.t("movements_about")}</p>
      ${movements.length === 0 ? html`<p role="status">${visit.t("no_movements")}</p>` : nothing}
      <ul class="list movements">${movements.map((each) => movementOf(visit, each))}</ul>
      ${problemOf(visit)}
      ${cursor ? moreButton(visit, () => visit.attempt(read, draw)) : nothing}
    `);
  };
  await read();
  draw();
}

function movementOf(visit, movement) {
  const name = visit.t(`movement_${movement.kind}`) ?? movement.kind;
  const place = ABOUT[movement.kind];
  return html`
    <li>
      <span>
        ${place ? html`<a href="#/${place}/${encodeURIComponent(movement.about)}">${name}</a>` : name}
        <small>${when(visit, movement.booked_at)}</small>
        ${movement.backing
          ? html`<small>${visit.t("range")} ${rangeOf(visit, movement.backing)}</small>
              <small>${visit.t("label")}: ${visit.t(movement.backing.label) ?? movement.backing.label}</small>`
          : nothing}
      </span>
      <span class="amount">${changesOf(visit, movement).map((each) => html`<span class="line">${each}</span>`)}</span>
    </li>
  `;
}

/** The changes that a movement is, each with its sign, in words; what does not change is left out. */
function changesOf(visit, { available_mg: mg, on_hold_mg: heldMg, points }) {
  const signedPoints = (number) => `${number > 0 ? "+" : ""}${pointsOf(visit, number)}`;
  return [
    mg !== 0 && exactAmount(visit, mg, SIGNED),
    heldMg !== 0 && `${visit.t("on_hold")} ${exactAmount(visit, heldMg, SIGNED)}`,
    points.available !== 0 && signedPoints(points.available),
    points.on_hold !== 0 && `${visit.t("on_hold")} ${signedPoints(points.on_hold)}`,
    points.debt !== 0 && `${visit.t("owed")} ${signedPoints(points.debt)}`,
  ].filter(Boolean);
}
