/** Today's questions: each is answered once, and then explained. */

import { daysOf } from "./articles.mjs";
import { countOf, withAnswer } from "./learning.mjs";
import { html, nothing } from "./lit-html.js";
import { problemOf, row } from "./parts.mjs";
import { askJson } from "./service.mjs";
import { sourceList } from "./sources.mjs";

/** Refusals after which the questions are read anew, and what the reader is told. */
const OVERTAKEN = { question_answered: "quiz_overtaken", question_not_found: "quiz_new_day" };

export async function view(visit) {
  let quiz = await askJson("me/quiz");
  // The question that the reader answered last, beside which a failure is told.
  let current = "";
  let said = "";
  const answer = async (id, option) => {
    const path = `me/quiz/${encodeURIComponent(id)}`;
    said = "";
    try {
      // After a lost reply the same answer is answered with the same.
      quiz = withAnswer(quiz, await askJson(path, { method: "PUT", body: { day: quiz.day, option } }));
    } catch (error) {
      if (!Object.hasOwn(OVERTAKEN, error.code)) {
        throw error;
      }
      quiz = await askJson("me/quiz");
      said = OVERTAKEN[error.code];
    }
  };
  const submit = async (event, id) => {
    event.preventDefault();
    if (visit.isBusy) {
      return;
    }
    const option = Number(new FormData(event.target).get("option"));
    const forms = document.querySelectorAll("form");
    current = id;
    await visit.attempt(() => answer(id, option), draw);
    if (said === OVERTAKEN.question_not_found) {
      // Other questions stand in their places now: what was chosen was not for them.
      forms.forEach((each) => each.reset());
    }
    document.getElementById(`verdict-${id}`)?.focus();
  };
  const draw = () => {
    visit.show(html`
      <p><a href="#/contents">${visit.t("to_contents")}</a></p>
      <h1 tabindex="-1">${visit.t("quiz")}</h1>
      ${quiz.questions.length === 0 ? html`<p>${visit.t("quiz_none")}</p>` : standing(visit, quiz)}
      <p role="status">${said ? visit.t(said) : nothing}</p>
      ${quiz.questions.map((question, index) => {
        const id = question.question_id;
        const heading = `${index + 1}. ${question.texts[visit.language].text}`;
        return question.answer
          ? answered(visit, question, heading)
          : open(visit, question, heading, id === current, (event) => submit(event, id));
      })}
    `);
  };
  draw();
}

function standing(visit, quiz) {
  const { asked, answered: count, right } = countOf(quiz);
  return html`
    <section class="card">
      <div role="status">
        ${count === asked
          ? html`<p class="verdict">${visit.t("quiz_done")}</p><p class="note">${visit.t("quiz_next")}</p>`
          : nothing}
      </div>
      ${count < asked ? html`<p>${visit.t("quiz_rule")}</p>` : nothing}
      <dl>
        ${row(visit, "quiz_answered", `${count} / ${asked}`)} ${row(visit, "quiz_right", right)}
        ${row(visit, "streak", daysOf(visit, quiz.streak_days))}
        ${row(visit, "points_today", `${quiz.points_today} / ${quiz.points_day_cap}`)}
      </dl>
      <p class="note">${visit.t("points_today_note")}</p>
    </section>
  `;
}

function open(visit, { texts }, heading, isCurrent, onSubmit) {
  const { options } = texts[visit.language];
  return html`
    <section class="card">
      <form @submit=${onSubmit}>
        <fieldset>
          <legend><h2>${heading}</h2></legend>
          ${options.map(
            (option, index) => html`
              <label class="option"><input type="radio" name="option" value=${index} required /><span>${option}</span></label>
            `,
          )}
          <button ?disabled=${visit.isBusy && !isCurrent}>${visit.t(visit.isBusy && isCurrent ? "loading" : "submit_answer")}</button>
        </fieldset>
      </form>
      ${isCurrent ? problemOf(visit) : nothing}
    </section>
  `;
}

function answered(visit, { question_id: id, texts, answer }, heading) {
  const { option: chosen, correct_option: correct, is_correct: isCorrect } = answer;
  return html`
    <section class="card">
      <h2>${heading}</h2>
      <p id="verdict-${id}" tabindex="-1" class=${isCorrect ? "verdict good" : "verdict bad"}>
        ${isCorrect ? "✓" : "✗"} ${visit.t(isCorrect ? "answer_right" : "answer_wrong")}
      </p>
      ${isCorrect ? html`<p class="note">${earned(visit, answer.points)}</p>` : nothing}
      <ul class="options">
        ${texts[visit.language].options.map(
          (option, index) => html`
            <li class=${index === correct ? "correct" : nothing}>
              ${option}
              ${index === correct ? html`<small>✓ ${visit.t("correct_option")}</small>` : nothing}
              ${index === chosen ? html`<small>${visit.t("your_option")}</small>` : nothing}
            </li>
          `,
        )}
      </ul>
      <p>${answer.explanation[visit.language]}</p>
      <details>
        <summary>${visit.t("sources")} (${answer.sources.length})</summary>
        ${sourceList(visit, answer.sources)}
      </details>
    </section>
  `;
}

function earned(visit, points) {
  return points > 0 ? `${visit.t("points_earned")} ${points}` : visit.t("points_none");
}
