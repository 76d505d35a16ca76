/** Pieces that several views are made of. */

import { shown } from "./amounts.mjs";
import { html, nothing } from "./lit-html.js";

/** A reduction in grams or kilograms. */
export function amount(visit, sum) {
  const { value, unit } = shown(sum, visit.language);
  return html`${value} <small>${unit} CO₂e</small>`;
}

/** A reduction's range, in the unit of its value. */
export function rangeOf(visit, sum) {
  const { low, high, unit } = shown(sum, visit.language);
  return `${low} ${visit.t("to")} ${high} ${unit}`;
}

/** An amount that has no range, as text. */
export function plainAmount(visit, mg) {
  const { value, unit } = shown({ reduction_mg: mg, low_mg: mg, high_mg: mg }, visit.language);
  return `${value} ${unit}`;
}

/** A reduction with its range and what it rests on, under the text `name`. */
export function figure(visit, name, sum) {
  return html`
    <section class="card">
      <h2>${visit.t(name)}</h2>
      <p class="figure">${amount(visit, sum)}</p>
      <p class="note">${visit.t("range")} ${rangeOf(visit, sum)}</p>
      ${sum.label ? html`<p class="note">${visit.t("label")}: ${visit.t(sum.label) ?? sum.label}</p>` : nothing}
    </section>
  `;
}

/** The range; beside an amendment, whose amount is a difference, what stands since. */
export function besideAmount(visit, entry) {
  return entry.amends
    ? `${visit.t("standing")} ${plainAmount(visit, entry.standing_mg)}`
    : rangeOf(visit, entry);
}

/** An instant on the ledger's clock, UTC+8. */
export function when(visit, instant) {
  const format = { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" };
  return new Intl.DateTimeFormat(visit.language, format).format(new Date(instant));
}

/** A day of the ledger, such as "2026-11-30". */
export function dayOf(visit, day) {
  const format = new Intl.DateTimeFormat(visit.language, { dateStyle: "medium", timeZone: "UTC" });
  return format.format(new Date(day));
}

/** The day of an instant, on the ledger's clock. */
export function dateOf(visit, instant) {
  const format = { dateStyle: "medium", timeZone: "Asia/Shanghai" };
  return new Intl.DateTimeFormat(visit.language, format).format(new Date(instant));
}

/** Links to views; the text of each is its name, and "<name>_about" says what it is for. */
export function rows(visit, names) {
  return html`
    <ul class="list">
      ${names.map(
        (name) => html`
          <li>
            <a href="#/${name}"><span>${visit.t(name)}<small>${visit.t(`${name}_about`)}</small></span></a>
          </li>
        `,
      )}
    </ul>
  `;
}

/** What went wrong with the last attempt, said aloud. */
export function problemOf(visit) {
  return visit.problem === null
    ? nothing
    : html`<div role="alert" class="card bad">${sentenceOf(visit, visit.problem)}</div>`;
}

/** A failure in the reader's language, with what the service says. */
export function sentenceOf(visit, error) {
  if (error.code === "unreachable") {
    return visit.t("unreachable");
  }
  return visit.t(`refused_${error.code}`) ?? `${visit.t("failed")} ${error.message}`;
}
