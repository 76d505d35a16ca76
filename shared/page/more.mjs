/** What has no tab of its own, each with a sentence about it. */

import { html } from "./lit-html.js";

/** Addresses; the text of each is its name, and "<name>_about" says what it is for. */
const VIEWS = ["retirements", "consents"];

export async function view(visit) {
  visit.show(html`
    <h1 tabindex="-1">${visit.t("more_tab")}</h1>
    <ul class="list">
      ${VIEWS.map(
        (name) => html`
          <li>
            <a href="#/${name}"><span>${visit.t(name)}<small>${visit.t(`${name}_about`)}</small></span></a>
          </li>
        `,
      )}
    </ul>
  `);
}
