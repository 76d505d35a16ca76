/** One article, with its sources and the history of its revisions. */

import { KINDS, listAddress, publishedOn, tagLinks } from "./articles.mjs";
import { html, nothing } from "./lit-html.js";
import { articleBody } from "./markup.mjs";
import { askJson } from "./service.mjs";
import { sourceList } from "./sources.mjs";

export async function view(visit, id) {
  let article;
  try {
    const query = { language: visit.language };
    article = await askJson(`contents/${encodeURIComponent(id)}`, { query, isPublic: true });
  } catch (error) {
    if (error.code !== "content_not_found") {
      throw error;
    }
    visit.show(html`
      ${backLink(visit)}
      <h1 tabindex="-1">${visit.t("article")}</h1>
      <p role="status">${visit.t("article_gone")}</p>
    `);
    return;
  }
  const citations = new Citations(visit, article.sources.length);
  const body = articleBody(article.html, { citation: citations.mark, table: visit.t("wide_table") });
  visit.show(html`
    ${backLink(visit)}
    <article>
      <h1 tabindex="-1">${article.title}</h1>
      <p class="summary">${article.summary}</p>
      <p class="note">
        ${visit.t(KINDS[article.kind]) ?? article.kind} · ${publishedOn(visit, article.published_at)} ·
        ${visit.t("revision")} ${article.revision}
        ${article.retires_at ? html`· ${visit.t("shown_until")} ${publishedOn(visit, article.retires_at)}` : nothing}
      </p>
      ${tagLinks(visit, article.tags)} ${body}
    </article>
    <section class="card">
      <h2>${visit.t("sources")}</h2>
      ${sourceList(visit, article.sources, citations.back)}
    </section>
    <section class="card">
      <h2>${visit.t("revisions")}</h2>
      <dl class="revisions">
        ${article.revisions.map(
          (each) => html`
            <dt>${visit.t("revision")} ${each.revision} · ${publishedOn(visit, each.published_at)}</dt>
            <dd>${each.note}</dd>
          `,
        )}
      </dl>
    </section>
  `);
}

function backLink(visit) {
  return html`<p><a href=${listAddress()}>${visit.t("to_articles")}</a></p>`;
}

/** The marks in a text that lead to its sources, and the ways back. */
class Citations {
  #marks = [];
  #last = null;
  #visit;
  #count;

  constructor(visit, count) {
    this.#visit = visit;
    this.#count = count;
  }

  /** A button that leads to the nth source, as the address belongs to the views; null if there is none. */
  mark = (number) => {
    if (number < 1 || number > this.#count) {
      return null;
    }
    const button = document.createElement("button");
    button.className = "citation";
    button.textContent = `[${number}]`;
    button.setAttribute("aria-label", `${this.#visit.t("source")} ${number}`);
    button.addEventListener("click", () => {
      this.#last = { number, button };
      document.getElementById(`source-${number}`)?.focus();
    });
    this.#marks.push({ number, button });
    return button;
  };

  /** Leads to the mark that the reader came from, or to the first one of the nth source. */
  back = (number) => {
    const first = this.#marks.find((each) => each.number === number);
    const { button } = this.#last?.number === number ? this.#last : (first ?? {});
    button?.focus();
  };
}
