/** Today's quiz in short, and the articles, newest first: all, or those that the reader looks for. */

import { articlesAt, countOf, wantedIn } from "./learning.mjs";
import { html, nothing } from "./lit-html.js";
import { problemOf, readOnButton, sentenceOf } from "./parts.mjs";
import { askJson, hasToken } from "./service.mjs";

const ARTICLES_PER_PAGE = 10;
const QUERY_LENGTH_MAX = 100;
const UNAUTHORIZED = 401;

/** The text of each kind of article; "" is all of them. */
export const KINDS = {
  "": "kind_any",
  "how-to": "kind_how_to",
  policy: "kind_policy",
  news: "kind_news",
  footprint: "kind_footprint",
};

let lastAddress = articlesAt({});

/** The list as the reader left it. */
export function listAddress() {
  return lastAddress;
}

export async function view(visit) {
  let wanted = wantedIn(location.hash);
  lastAddress = articlesAt(wanted);
  let listed = wanted;
  let articles = [];
  let cursor;
  const read = async () => {
    // Whoever chooses again while a page is read gets the last choice.
    do {
      if (listed !== wanted) {
        listed = wanted;
        articles = [];
        cursor = undefined;
      }
      const query = { ...listed, language: visit.language, cursor, limit: ARTICLES_PER_PAGE };
      const page = await askJson("contents", { query, isPublic: true });
      if (listed === wanted) {
        articles = [...articles, ...page.contents];
        cursor = page.next_cursor;
      }
    } while (listed !== wanted);
  };
  const choose = (change) => {
    wanted = { ...wanted, ...change };
    // Kept in the address, so that the way back from an article leads to the same list.
    lastAddress = articlesAt(wanted);
    history.replaceState(null, "", lastAddress);
    return visit.attempt(read, draw);
  };
  const search = (event) => {
    event.preventDefault();
    return choose({ q: event.target.elements.q.value.trim() });
  };
  // What is pressed for it goes away with the condition: the reader is taken to what is found.
  const lift = async (change) => {
    await choose(change);
    document.querySelector("#found")?.focus();
  };
  const liftAll = () => {
    document.querySelector("#q").value = "";
    return lift({ kind: "", tag: "", q: "" });
  };
  const isFiltered = () => articlesAt(wanted) !== articlesAt({});
  let quiz = null;
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("contents")}</h1>
      ${quiz === null ? nothing : quizCard(visit, quiz)}
      <h2>${visit.t("articles")}</h2>
      <form role="search" @submit=${search}>
        <label for="q">${visit.t("search_articles")}</label>
        <div class="search">
          <input id="q" name="q" type="search" maxlength=${QUERY_LENGTH_MAX} autocomplete="off" value=${wanted.q} />
          <button>${visit.t("search")}</button>
        </div>
      </form>
      <div class="chips" role="group" aria-label=${visit.t("article_kind")}>
        ${Object.entries(KINDS).map(
          ([kind, text]) => html`
            <button class="chip" aria-pressed=${kind === wanted.kind ? "true" : "false"} @click=${() => choose({ kind })}>
              ${visit.t(text)}
            </button>
          `,
        )}
      </div>
      ${wanted.tag
        ? html`<p>${visit.t("tag")}: <b>${wanted.tag}</b> <button class="plain" @click=${() => lift({ tag: "" })}>${visit.t("without_tag")}</button></p>`
        : nothing}
      <p id="found" tabindex="-1" role="status" class="note">${stateOf(visit, { articles, cursor, isFiltered: isFiltered() })}</p>
      <ul class="articles">${articles.map((each) => articleCard(visit, each))}</ul>
      ${problemOf(visit)}
      ${readOnButton(visit, cursor, () => visit.attempt(read, draw))}
      ${isFiltered() ? html`<button class="plain" @click=${liftAll}>${visit.t("all_articles")}</button>` : nothing}
    `);
  };
  [quiz] = await Promise.all([readQuiz(), read()]);
  draw();
}

/** Today's quiz, or why it cannot be read: the articles are there all the same. */
async function readQuiz() {
  try {
    return hasToken() ? await askJson("me/quiz") : null;
  } catch (error) {
    if (error.status === UNAUTHORIZED) {
      throw error;
    }
    return error;
  }
}

function quizCard(visit, quiz) {
  return html`
    <section class="card">
      <h2>${visit.t("quiz")}</h2>
      ${quiz instanceof Error
        ? html`<p>${quiz.code === "account_not_found" ? visit.t("no_account") : sentenceOf(visit, quiz)}</p><a class="button" href="#/quiz">${visit.t("quiz_open")}</a>`
        : html`
            <p class="figure">${countOf(quiz).answered} / ${countOf(quiz).asked}</p>
            <p class="note">${visit.t("quiz_answered")} · ${visit.t("streak")} ${daysOf(visit, quiz.streak_days)}</p>
            <p class="last"><a class="button" href="#/quiz">${visit.t(invitation(countOf(quiz)))}</a></p>
          `}
    </section>
  `;
}

function invitation({ asked, answered }) {
  if (answered === asked) {
    return "quiz_look";
  }
  return answered === 0 ? "quiz_begin" : "quiz_go_on";
}

/** A number of days, in words. */
export function daysOf(visit, days) {
  const format = { style: "unit", unit: "day", unitDisplay: "long" };
  return new Intl.NumberFormat(visit.language, format).format(days);
}

function stateOf(visit, { articles, cursor, isFiltered }) {
  if (visit.isBusy) {
    return visit.t("loading");
  }
  if (articles.length > 0) {
    return `${visit.t("articles_shown")} ${articles.length}${cursor ? "" : ` · ${visit.t("articles_end")}`}`;
  }
  if (visit.problem !== null) {
    return nothing;
  }
  return visit.t(isFiltered ? "no_article_found" : "no_article");
}

function articleCard(visit, { content_id: id, kind, title, summary, tags, published_at: publishedAt }) {
  return html`
    <li class="card">
      <h3><a href="#/contents/${encodeURIComponent(id)}">${title}</a></h3>
      <p>${summary}</p>
      <p class="note">${visit.t(KINDS[kind]) ?? kind} · ${publishedOn(visit, publishedAt)}</p>
      ${tagLinks(visit, tags)}
    </li>
  `;
}

/** Tags, each a link to the articles that have it. */
export function tagLinks(visit, tags) {
  return html`
    <ul class="chips" aria-label=${visit.t("tags")}>
      ${tags.map((tag) => html`<li><a class="chip" lang=${languageOf(tag)} href=${articlesAt({ tag })}>${tag}</a></li>`)}
    </ul>
  `;
}

/** An article has the same tags in every language, most of them Chinese. */
function languageOf(tag) {
  return /\p{Script=Han}/u.test(tag) ? "zh-Hans" : nothing;
}

/** The day on which something was published, on the ledger's clock. */
export function publishedOn(visit, instant) {
  const format = { dateStyle: "medium", timeZone: "Asia/Shanghai" };
  return new Intl.DateTimeFormat(visit.language, format).format(new Date(instant));
}
