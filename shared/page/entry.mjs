/** One entry, and its receipt worked out anew. */

import { html, nothing } from "./lit-html.js";
import { amount, besideAmount, when } from "./parts.mjs";
import { rework, tampered } from "./receipts.mjs";
import { ask, askJson } from "./service.mjs";

export async function view(visit, id) {
  const path = `me/entries/${encodeURIComponent(id)}`;
  const [entry, text] = await Promise.all([askJson(path), ask(`${path}/receipt`)]);
  const draw = async (isTampered) => {
    const found = await rework(isTampered ? tampered(text) : text, visit.catalogue);
    const row = (name, value) => html`<dt>${visit.t(name)}</dt><dd>${value}</dd>`;
    visit.show(html`
      <p><a href="#/entries">${visit.t("back")}</a></p>
      <h1 tabindex="-1">${visit.scenario(entry.scenario)}</h1>
      <section class="card">
        <p class="figure">${amount(visit, entry)}</p>
        <p class="note">${entry.amends ? nothing : visit.t("range")} ${besideAmount(visit, entry)}</p>
        ${entry.provisional ? html`<p class="note">${visit.t("provisional")}</p>` : nothing}
        <dl>
          ${row("occurred", when(visit, entry.occurred_at))} ${row("booked", when(visit, entry.booked_at))}
          ${row("partner", visit.partner(entry.partner))} ${row("points", entry.points)}
          ${row("methodology", entry.methodology)} ${row("label", visit.t(entry.label) ?? entry.label)}
          ${row("evidence", entry.evidence_grade)}
        </dl>
      </section>
      <section class="card">
        <h2>${visit.t("receipt")}</h2>
        ${isTampered ? html`<p class="note">${visit.t("tamper_note")}</p>` : nothing}
        <p role="status" class=${found.isSame ? "verdict good" : "verdict bad"}>
          ${found.isSame ? "✓ " : "✗ "}${visit.t(found.isSame ? "same" : "differs")}
        </p>
        ${found.isSame
          ? html`<p class="note">${visit.t("same_note")}</p>`
          : html`<ul class="findings">${found.findings.map((each) => html`<li lang="en">${each.sentence}</li>`)}</ul>`}
        <h3>${visit.t("inputs")}</h3>
        <dl>${found.inputs.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
        <h3>${visit.t("steps")}</h3>
        <ol class="steps">${found.steps.map((step) => stepOf(visit, step))}</ol>
        <button @click=${() => draw(!isTampered)}>${visit.t(isTampered ? "untamper" : "tamper")}</button>
      </section>
    `);
  };
  await draw(false);
}

function stepOf(visit, step) {
  return html`
    <li class=${step.differs ? "bad" : ""}>
      <strong>${step.name}</strong> <small>${step.unit}</small>
      ${step.differs ? html`<em>✗ ${visit.t("step_differs")}</em>` : nothing}
      <code>${step.expression}</code>
      <span>${visit.t("written")}: <b>${step.written}</b></span>
      <span>${visit.t("here")}: <b>${step.here ?? "–"}</b></span>
    </li>
  `;
}
