/** What of the service stands, and up to when, in words; for everybody. */

import { duration } from "./amounts.mjs";
import { html } from "./lit-html.js";
import { dayOf, problemOf, row, when } from "./parts.mjs";
import { askJson } from "./service.mjs";

export async function view(visit) {
  let status;
  const read = async () => {
    status = await askJson("status", { isPublic: true });
  };
  const draw = () => {
    const known = (value, write, otherwise) => (value === undefined ? visit.t(otherwise) : write(visit, value));
    visit.show(html`
      <h1 tabindex="-1">${visit.t("status")}</h1>
      <section class="card">
        <h2>${visit.t("status_sealing")}</h2>
        <p role="status" class=${status.is_behind ? "verdict bad" : "verdict good"}>${verdict(visit, status)}</p>
        <p class="note">${visit.t("status_sealing_note")}</p>
        <dl>
          ${row(visit, "status_last_sealed", known(status.last_sealed_day, dayOf, "status_nothing_sealed"))}
          ${row(visit, "status_sealed_at", known(status.sealed_at, when, "status_nothing_sealed"))}
          ${row(visit, "status_due_day", known(status.due_day, dayOf, "status_nothing_due"))}
        </dl>
      </section>
      <section class="card">
        <h2>${visit.t("status_booking")}</h2>
        <p>${known(status.booked_through, (_, at) => `${visit.t("status_booked_through")} ${when(visit, at)}`, "status_nothing_booked")}</p>
        <p class="note">${visit.t("status_booking_note")}</p>
      </section>
      <section class="card">
        <h2>${visit.t("status_catalogue")}</h2>
        <p>${status.catalogue.versions} ${visit.t("status_versions")}</p>
        <p class="note">${visit.t("status_digest")}: <code>${status.catalogue.digest}</code></p>
      </section>
      ${problemOf(visit)}
      <p class="note">${visit.t("status_now")} ${when(visit, status.now)}</p>
      <button ?disabled=${visit.isBusy} @click=${() => visit.attempt(read, draw)}>${visit.t("status_again")}</button>
    `);
  };
  await read();
  draw();
}

function verdict(visit, status) {
  if (status.is_behind) {
    const wait = duration(status.delay_s, visit.language);
    return `${visit.t("status_behind")}: ${status.days_behind} · ${visit.t("status_since")}: ${wait}`;
  }
  return visit.t(status.due_day === undefined ? "status_none_due" : "status_all_sealed");
}
