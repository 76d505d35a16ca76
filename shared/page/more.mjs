/** What has no tab of its own, each with a sentence about it. */

import { html } from "./lit-html.js";
import { rows } from "./parts.mjs";

/** Addresses. */
const VIEWS = ["retirements", "shares", "calculator", "consents", "account", "status"];

export async function view(visit) {
  visit.show(html`
    <h1 tabindex="-1">${visit.t("more_tab")}</h1>
    ${rows(visit, VIEWS)}
  `);
}
