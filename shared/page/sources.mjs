/** Sources: of an article, of the answer to a question, of a factor. */

import { placeOf } from "./learning.mjs";
import { html, nothing } from "./lit-html.js";

/**
 * A numbered list of sources.
 * @param {(number: number) => void} [onBack] leads from the nth source back to where it is cited
 */
export function sourceList(visit, sources, onBack) {
  return html`
    <p class="note">${visit.t("source_grades")}</p>
    <ol class="sources">
      ${sources.map(
        (source, index) => html`
          <li id=${onBack ? `source-${index + 1}` : nothing} tabindex=${onBack ? "-1" : nothing}>
            ${titleOf(source)}
            <small>${factsOf(visit, source)}</small>
            ${onBack
              ? html`<button class="plain" @click=${() => onBack(index + 1)}>${visit.t("to_citation")}</button>`
              : nothing}
          </li>
        `,
      )}
    </ol>
  `;
}

/** One source, where no list of them stands. */
export function sourceNote(visit, source) {
  return html`<p class="note">${titleOf(source)} · ${factsOf(visit, source)}</p>`;
}

/** The title, as a link to another tab; the page itself loads nothing from there. */
function titleOf({ title, address }) {
  const place = placeOf(address);
  return place === null ? title : html`<a href=${place} target="_blank" rel="noopener noreferrer">${title}</a>`;
}

function factsOf(visit, { publisher, year, grade }) {
  return [publisher, year || visit.t("no_year"), `${visit.t("source_grade")} ${grade}`].join(" · ");
}
