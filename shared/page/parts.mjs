/** Pieces that several views are made of. */

import { exact, shown } from "./amounts.mjs";
import { html, nothing } from "./lit-html.js";

const PPM_PER_PERCENT = 10_000;

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
export function when(visit, instant, timeStyle = "short") {
  const format = { dateStyle: "medium", timeStyle, timeZone: "Asia/Shanghai" };
  return new Intl.DateTimeFormat(visit.language, format).format(new Date(instant));
}

/** A day of the ledger, such as "2026-11-30". */
export function dayOf(visit, day) {
  const format = new Intl.DateTimeFormat(visit.language, { dateStyle: "medium", timeZone: "UTC" });
  return format.format(new Date(day));
}

/** A number of points, in words. */
export function pointsOf(visit, points) {
  const number = new Intl.NumberFormat(visit.language).format(points);
  return `${number} ${visit.t(points === 1 ? "one_point" : "several_points")}`;
}

/** A price in points, reductions or both, to the milligram. */
export function priceOf(visit, { points, reduction_mg: mg }) {
  const parts = [points > 0 && pointsOf(visit, points), mg > 0 && exactAmount(visit, mg)];
  return parts.filter(Boolean).join(" + ");
}

/** An amount to the milligram, as text. */
export function exactAmount(visit, mg, options) {
  return `${exact(mg, visit.language, options)} CO₂e`;
}

/** Millionths in percent, to the last one. */
export function shareOf(visit, ppm) {
  const format = new Intl.NumberFormat(visit.language, { maximumFractionDigits: 4 });
  return `${format.format(ppm / PPM_PER_PERCENT)} %`;
}

/** A row of a list of facts. */
export function row(visit, name, value) {
  return html`<dt>${visit.t(name)}</dt><dd>${value}</dd>`;
}

/**
 * The step before something that cannot be undone: what will happen, and to do it or not. `words`
 * and `act` name texts.
 */
export function lastStep(visit, { words, act, details = nothing, onAct, onLeave }) {
  return html`
    <div class="ask" role="group" aria-label=${visit.t(act)}>
      <p tabindex="-1" class="ask-words">${visit.t(words)}</p>
      ${details}
      <p class="choices">
        <button ?disabled=${visit.isBusy} @click=${onAct}>${visit.t(act)}</button>
        <button class="plain" ?disabled=${visit.isBusy} @click=${onLeave}>${visit.t("leave")}</button>
        ${working(visit)}
      </p>
    </div>
  `;
}

/** The button that reads a list on: its next page, or once more after a failure; none at its end. */
export function readOnButton(visit, cursor, onRead) {
  if (visit.problem !== null) {
    return html`<button ?disabled=${visit.isBusy} @click=${onRead}>${visit.t("retry")}</button>`;
  }
  return cursor ? moreButton(visit, onRead) : nothing;
}

/** The button that brings the next page of a list. */
export function moreButton(visit, onMore) {
  return html`<button ?disabled=${visit.isBusy} @click=${onMore}>${visit.t("more")}</button>`;
}

/** That an answer is waited for, said aloud. */
export function working(visit) {
  return html`<span role="status" class="note">${visit.isBusy ? visit.t("working") : nothing}</span>`;
}

/** Takes the reader to the last step, once it is drawn. */
export function goToLastStep() {
  document.querySelector(".ask-words")?.focus();
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
