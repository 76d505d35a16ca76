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

/** The day of an instant, on the ledger's clock. */
export function dayOf(visit, instant) {
  const format = { dateStyle: "long", timeZone: "Asia/Shanghai" };
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

/** Where values were read: a link each, where its address is one. */
export function sources(visit, found) {
  return found.map(
    ({ title, publisher, year, address, grade }) => html`
      <p class="note">
        ${/^https?:/.test(address) ? html`<a href=${address} target="_blank" rel="noreferrer">${title}</a>` : title}
        · ${publisher}${year ? `, ${year}` : ""} · ${visit.t("source_grade")} ${grade}
      </p>
    `,
  );
}

/** What went wrong with the last attempt, said aloud. */
export function problemOf(visit) {
  return visit.problem === null
    ? nothing
    : html`<div role="alert" class="card bad">${sentenceOf(visit, visit.problem)}</div>`;
}

/** A failure in the reader's language, with what the service says. */
export function sentenceOf(visit, error) {
  return error.code === "unreachable"
    ? visit.t("unreachable")
    : `${visit.t("failed")} ${error.message}`;
}
