/** Consents as switches, each with the notice that it rests on. */

import { html, nothing } from "./lit-html.js";
import { problemOf } from "./parts.mjs";
import { ask, askJson } from "./service.mjs";

/** The partner of the consents that the platform itself asks for. */
const PLATFORM = "platform";

export async function view(visit) {
  let { active } = await askJson("me/consents");
  const isActive = (scenario, partner) =>
    active.some((each) => each.scenario === scenario && each.partner === partner && each.active);
  const change = async ({ scenario, version }, partner) => {
    const path = `me/consents/${encodeURIComponent(scenario)}/${encodeURIComponent(partner)}`;
    if (isActive(scenario, partner)) {
      await ask(path, { method: "DELETE" });
    } else {
      await ask(path, { method: "PUT", body: await grantOf(version, partner) });
    }
    ({ active } = await askJson("me/consents"));
  };
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("consents")}</h1>
      <p>${visit.t("consent_intro")}</p>
      ${problemOf(visit)}
      ${visit.catalogue.notices.map((notice) =>
        noticeCard(visit, notice, isActive, (partner) => visit.attempt(() => change(notice, partner), draw)),
      )}
    `);
  };
  draw();
}

async function grantOf(version, partner) {
  const body = { notice_version: version };
  if (partner !== PLATFORM) {
    body.partner_link_token = await window.carbonAccount.linkToken(partner);
  }
  return body;
}

function noticeCard(visit, notice, isActive, change) {
  const { title, purpose, rights } = notice.texts[visit.language];
  return html`
    <section class="card">
      <h2>${title}</h2>
      ${notice.partners.map(({ partner }) => {
        const isOn = isActive(notice.scenario, partner);
        const isOpen = isOn || partner === PLATFORM || window.carbonAccount.linkToken !== null;
        return html`
          <div class="consent">
            <span>${visit.partner(partner)}${isOpen ? nothing : html`<small>${visit.t("through_partner")}</small>`}</span>
            <button
              role="switch"
              aria-checked=${isOn ? "true" : "false"}
              aria-label="${visit.t("allow")}: ${title}, ${visit.partner(partner)}"
              ?disabled=${!isOpen}
              @click=${() => change(partner)}
            ></button>
          </div>
        `;
      })}
      <p>${purpose}</p>
      <p>${rights}</p>
      <p class="note">${visit.t("data")}: ${notice.data_categories.join(", ")} · ${visit.t("retention")}: ${notice.retention}</p>
    </section>
  `;
}
