/** Today's and the total reduction, and a chart of days and of months. */

import { bars, daysUntil, ledgerDay, monthsUntil } from "./amounts.mjs";
import { html, svg } from "./lit-html.js";
import { amount, figure, plainAmount, rangeOf } from "./parts.mjs";
import { askJson } from "./service.mjs";

const DAYS_SHOWN = 30;
const MONTHS_SHOWN = 12;
const CHART = { width: 320, height: 110 };

export async function view(visit) {
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
  visit.show(html`
    <h1 tabindex="-1">${visit.t("home")}</h1>
    <div class="pair">
      ${figure(visit, "today", ofToday)} ${figure(visit, "total", account.total)}
    </div>
    ${chart(visit, "days", days, byDay.periods)} ${chart(visit, "months", months, byMonth.periods)}
  `);
}

function chart(visit, name, periods, found) {
  const sums = new Map(found.map(({ period, total }) => [period, total]));
  const drawn = bars(periods, new Map(found.map((each) => [each.period, each.total.reduction_mg])), CHART);
  const filled = periods.filter((period) => sums.has(period));
  return html`
    <section class="card">
      <h2>${visit.t(name)}</h2>
      ${filled.length === 0
        ? html`<p class="note">${visit.t("nothing_in_time")}</p>`
        : html`
            <svg role="img" aria-label="${visit.t("chart_of")}: ${visit.t(name)}" viewBox="0 0 ${CHART.width} ${CHART.height + 16}">
              <line x1="0" x2=${CHART.width} y1=${drawn.zero} y2=${drawn.zero}></line>
              ${drawn.bars.map((bar) => barOf(visit, bar))}
              <text x="0" y=${CHART.height + 13}>${periods[0]}</text>
              <text x=${CHART.width} y=${CHART.height + 13} text-anchor="end">${periods.at(-1)}</text>
            </svg>
            <details>
              <summary>${visit.t("as_table")}</summary>
              <table>
                <thead><tr><th scope="col">${visit.t("period")}</th><th scope="col">${visit.t("amount")}</th><th scope="col">${visit.t("range")}</th></tr></thead>
                <tbody>
                  ${filled.map(
                    (period) => html`<tr><th scope="row">${period}</th><td>${amount(visit, sums.get(period))}</td><td>${rangeOf(visit, sums.get(period))}</td></tr>`,
                  )}
                </tbody>
              </table>
            </details>
          `}
    </section>
  `;
}

function barOf(visit, { period, mg, x, y, width, height }) {
  return svg`<rect x=${x} y=${y} width=${width} height=${height} rx="1.5" class=${mg < 0 ? "below" : ""}>
    <title>${period}: ${plainAmount(visit, mg)}</title>
  </rect>`;
}
