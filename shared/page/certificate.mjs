/** One certificate: its picture, the link that can be given away, and what was checked here. */

import { verifyCertificate } from "./evaluator.mjs";
import { html, nothing } from "./lit-html.js";
import { exactAmount, problemOf, rangeOf, row, shareOf, when } from "./parts.mjs";
import { addressOf, ask } from "./service.mjs";

export async function view(visit, id) {
  const path = `certificates/${encodeURIComponent(id)}`;
  const text = await ask(path, { isPublic: true });
  const findings = await verifyCertificate(text, visit.catalogue);
  const { certificate } = JSON.parse(text);
  const picture = addressOf(`${path}/picture`, { lang: visit.language });
  let isCopied = false;
  const copy = () =>
    visit.attempt(async () => {
      await navigator.clipboard.writeText(picture);
      isCopied = true;
    }, draw);
  const draw = () => {
    visit.show(html`
      <p><a href="#/retirements">${visit.t("back_to_retirements")}</a></p>
      <h1 tabindex="-1">${visit.t("certificate")} ${certificate.number}</h1>
      <a href=${picture} target="_blank" rel="noopener">
        <img class="picture" src=${picture} width="1123" height="794" alt=${inWords(visit, certificate)} />
      </a>
      <section class="card offer">
        <h2>${visit.t("share_link")}</h2>
        <p><a href=${picture} target="_blank" rel="noopener">${picture}</a></p>
        <p class="note">${visit.t("share_link_note")}</p>
        ${navigator.clipboard
          ? html`<button ?disabled=${visit.isBusy} @click=${copy}>${visit.t("copy_link")}</button>`
          : nothing}
        <span role="status">${isCopied ? visit.t("copied") : nothing}</span>
        ${problemOf(visit)}
      </section>
      ${verification(visit, findings, addressOf(path))}
      <section class="card">
        <h2>${visit.t("certificate_says")}</h2>
        <dl>
          ${row(visit, "amount", exactAmount(visit, certificate.reduction_mg))}
          ${row(visit, "range", rangeOf(visit, certificate))}
          ${row(visit, "label", visit.t(certificate.label) ?? certificate.label)}
          ${row(visit, "purpose", purposeOf(visit, certificate))}
          ${typeof certificate.purpose.share_ppm === "number"
            ? row(visit, "footprint_share", shareOf(visit, certificate.purpose.share_ppm))
            : nothing}
          ${row(visit, "beneficiary_short", certificate.beneficiary ?? visit.t("nobody"))}
          ${row(visit, "issuer", certificate.issuer)} ${row(visit, "issued_at", when(visit, certificate.issued_at))}
          ${row(visit, "lots", certificate.lots.length)}
          ${row(
            visit,
            "evidence",
            certificate.evidence.map(
              (each) => html`<span class="line">${each.grade}: ${exactAmount(visit, each.reduction_mg)}</span>`,
            ),
          )}
        </dl>
        <h3>${visit.t("made_of")}</h3>
        <dl>
          ${certificate.methodologies.map(
            (each) => html`<dt>${each.title[visit.language]}</dt><dd>${exactAmount(visit, each.reduction_mg)}</dd>`,
          )}
        </dl>
        <h3>${visit.t("statement")}</h3>
        ${certificate.statement[visit.language].map((sentence) => html`<p class="note">${sentence}</p>`)}
      </section>
    `);
  };
  draw();
}

/** What was checked on this device, what came of it, and what was not. */
function verification(visit, findings, address) {
  const isRight = findings.length === 0;
  return html`
    <section class="card">
      <h2>${visit.t("verification")}</h2>
      <p role="status" class=${isRight ? "verdict good" : "verdict bad"}>
        ${isRight ? "✓ " : "✗ "}${visit.t(isRight ? "certificate_right" : "certificate_wrong")}
      </p>
      ${isRight
        ? html`<p class="note">${visit.t("certificate_right_note")}</p>`
        : html`<ul class="findings">${findings.map((each) => html`<li lang="en">${each.sentence}</li>`)}</ul>`}
      <p class="note">${visit.t("certificate_not_checked")}</p>
      <p><a href=${address} target="_blank" rel="noopener">${visit.t("signed_certificate")}</a></p>
    </section>
  `;
}

/** The picture for those who do not see it. */
function inWords(visit, certificate) {
  const facts = [visit.t("certificate"), certificate.number, exactAmount(visit, certificate.reduction_mg)];
  return [...facts, purposeOf(visit, certificate)].join(", ");
}

function purposeOf(visit, { purpose }) {
  return purpose.occasion ?? `${visit.t("for_year")} ${purpose.year}`;
}
