/** The statement: the account's entries, newest first, of all scenarios or one. */

import { html, nothing } from "./lit-html.js";
import { amount, besideAmount, problemOf, readOnButton, when } from "./parts.mjs";
import { askJson } from "./service.mjs";

const ENTRIES_PER_PAGE = 20;

export async function view(visit) {
  let scenario = "";
  let wanted = "";
  let entries = [];
  let cursor;
  const read = async () => {
    // Whoever chooses again while a page is read gets the last choice.
    do {
      if (scenario !== wanted) {
        scenario = wanted;
        entries = [];
        cursor = undefined;
      }
      const query = { scenario, cursor, limit: ENTRIES_PER_PAGE };
      const page = await askJson("me/entries", { query });
      entries.push(...page.entries);
      cursor = page.next_cursor;
    } while (scenario !== wanted);
  };
  const choose = (event) => {
    wanted = event.target.value;
    return visit.attempt(read, draw);
  };
  const nothingYet = () => {
    if (visit.isBusy) {
      return visit.t("loading");
    }
    if (visit.problem !== null) {
      return nothing;
    }
    return visit.t(scenario ? "nothing_in_time" : "none");
  };
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("entries")}</h1>
      <label>
        ${visit.t("scenario")}
        <select @change=${choose}>
          <option value="" ?selected=${scenario === ""}>${visit.t("all_scenarios")}</option>
          ${visit.catalogue.notices.map(
            (each) => html`<option value=${each.scenario} ?selected=${each.scenario === scenario}>${visit.scenario(each.scenario)}</option>`,
          )}
        </select>
      </label>
      ${entries.length === 0 ? html`<p role="status">${nothingYet()}</p>` : nothing}
      <ul class="list">
        ${entries.map(
          (entry) => html`
            <li>
              <a href="#/entries/${encodeURIComponent(entry.entry_id)}">
                <span>${visit.scenario(entry.scenario)}<small>${when(visit, entry.occurred_at)}</small></span>
                <span class="amount">${amount(visit, entry)}<small>${besideAmount(visit, entry)}</small></span>
              </a>
            </li>
          `,
        )}
      </ul>
      ${problemOf(visit)}
      ${readOnButton(visit, cursor, () => visit.attempt(read, draw))}
    `);
  };
  await read();
  draw();
}
