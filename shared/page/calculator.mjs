/** The yearly footprint: questions, the result with all that it rests on, and its picture. */

import { groupsOf, picture, readAnswers, rounded, yearly } from "./footprints.mjs";
import { html, nothing } from "./lit-html.js";
import { problemOf, when } from "./parts.mjs";
import { saveAsPng, saveAsSvg, shownPicture } from "./pictures.mjs";
import { askJson, hasToken } from "./service.mjs";
import { sourceNote } from "./sources.mjs";

const FILE = "carbon-footprint";

export async function view(visit) {
  const [blank, kept] = await Promise.all([calculate({}), readKept()]);
  const [id, version] = blank.methodology.split("@");
  const path = `methodologies/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}`;
  const methodology = await askJson(path, { isPublic: true });
  const asked = {
    groups: groupsOf(methodology),
    titles: new Map(blank.sections.map(({ name, title }) => [name, title[visit.language]])),
    // What the reader typed, by question; nothing for what keeps its default.
    typed: Object.fromEntries((kept?.answers ?? []).filter(({ given }) => given).map(({ name, value }) => [name, value])),
    problems: {},
  };
  let footprint = kept;
  let isKept = kept !== null;
  let worked;
  // A failure stands above the result or below the form, where the button was pressed.
  let isFormUsed = true;
  const work = async (event) => {
    event.preventDefault();
    const read = readAnswers(methodology.inputs, asked.typed);
    asked.problems = read.problems;
    if (Object.keys(read.problems).length > 0) {
      draw();
      document.querySelector("[aria-invalid=true]")?.focus();
      return;
    }
    isFormUsed = true;
    await visit.attempt(async () => {
      footprint = await calculate(read.answers);
      worked = read.answers;
      isKept = false;
    }, draw);
    if (visit.problem === null) {
      document.getElementById("result")?.focus();
    }
  };
  const attempt = (step) => {
    isFormUsed = false;
    return visit.attempt(step, draw);
  };
  const keep = () =>
    attempt(async () => {
      footprint = await askJson("me/footprint", { method: "PUT", body: { answers: worked } });
      isKept = true;
    });
  const draw = () => {
    visit.show(html`
      <h1 tabindex="-1">${visit.t("calculator")}</h1>
      <p>${blank.summary[visit.language]}</p>
      ${isFormUsed ? nothing : problemOf(visit)}
      ${footprint === null ? nothing : result(visit, footprint, isKept, { keep, attempt })}
      ${questions(visit, asked, footprint === null, work)}
      ${isFormUsed ? problemOf(visit) : nothing}
    `);
  };
  draw();
}

function calculate(answers) {
  return askJson("footprints", { method: "POST", body: { answers }, isPublic: true });
}

/** The footprint that the reader's account keeps; null where there is none, or no account. */
async function readKept() {
  if (!hasToken()) {
    return null;
  }
  try {
    return await askJson("me/footprint");
  } catch (error) {
    if (["footprint_not_found", "account_not_found"].includes(error.code)) {
      return null;
    }
    throw error;
  }
}

function questions(visit, asked, isFirst, work) {
  const hasProblem = ({ inputs }) => inputs.some(({ name }) => name in asked.problems);
  return html`
    <form novalidate @submit=${work}>
      <h2>${visit.t("calculator_answers")}</h2>
      <p class="note">${visit.t("calculator_defaults")}</p>
      ${asked.groups.map(
        (group, number) => html`
          <details class="card" ?open=${hasProblem(group) || (isFirst && number === 0)}>
            <summary>${asked.titles.get(group.name)}</summary>
            ${group.inputs.map((input) => question(visit, asked, input))}
          </details>
        `,
      )}
      <button ?disabled=${visit.isBusy}>${visit.t("calculator_work")}</button>
    </form>
  `;
}

function question(visit, asked, input) {
  const { name, choices, if_missing: otherwise } = input;
  const problem = asked.problems[name];
  const chosen = choices?.find(({ key }) => key === otherwise.choice);
  const byDefault = `${visit.t("calculator_default")} ${chosen?.title[visit.language] ?? otherwise.value} (${visit.t(otherwise.label) ?? otherwise.label})`;
  const type = (event) => {
    asked.typed[name] = event.target.value;
  };
  const typed = asked.typed[name] ?? "";
  return html`
    <label for="q-${name}">${input.title[visit.language]}${choices ? nothing : html` <small>${unitOf(visit, input.unit)}</small>`}</label>
    ${choices
      ? html`
          <select id="q-${name}" aria-describedby="d-${name}" @change=${type}>
            <option value="" ?selected=${typed === ""}>${visit.t("calculator_no_answer")}</option>
            ${choices.map((each) => html`<option value=${each.key} ?selected=${each.key === typed}>${each.title[visit.language]}</option>`)}
          </select>
        `
      : html`
          <input
            id="q-${name}"
            inputmode="decimal"
            autocomplete="off"
            aria-describedby="d-${name}"
            aria-invalid=${problem ? "true" : "false"}
            placeholder=${otherwise.value}
            .value=${typed}
            @input=${type}
          />
        `}
    <p class="note below" id="d-${name}">
      ${problem ? html`<span class="bad">${visit.t(problem)} ${input.minimum}–${input.maximum}. </span>` : nothing}${byDefault}
    </p>
  `;
}

/** A unit in words; one that is a plain number has none. */
function unitOf(visit, unit) {
  return unit === "1" ? nothing : (visit.t(`unit_${unit}`) ?? unit);
}

function result(visit, footprint, isKept, { keep, attempt }) {
  const drawn = picture(footprint, visit.language, (key) => visit.t(key));
  const { total } = footprint;
  const given = footprint.answers.filter((each) => each.given).length;
  return html`
    <section class="card">
      <h2 id="result" tabindex="-1">${visit.t("calculator_result")}</h2>
      <p class="figure">${total.display.value} <small>${total.display.unit} CO₂e</small></p>
      <p class="note">${visit.t("range")} ${total.display.low} ${visit.t("to")} ${total.display.high} ${total.display.unit}</p>
      <p class="note">${visit.t("label")}: ${visit.t(footprint.label) ?? footprint.label}</p>
      <p class="note">${visit.t("calculator_given")} ${given} / ${footprint.answers.length}</p>
      <p class="note">${footprint.range_note[visit.language]}</p>
      <p>${footprint.never_netted[visit.language]}</p>
      <p role="status" class="note">${isKept ? `${visit.t("calculator_kept")} ${when(visit, footprint.calculated_at)}` : nothing}</p>
      ${footprint.newer_version_exists ? html`<p class="note">${visit.t("calculator_newer")}</p>` : nothing}
      ${hasToken() && !isKept
        ? html`<button ?disabled=${visit.isBusy} @click=${keep}>${visit.t("calculator_keep")}</button>`
        : nothing}
    </section>
    <section class="card">
      <h2>${visit.t("calculator_picture")}</h2>
      ${shownPicture(drawn)}
      <p class="choices">
        <button class="plain" @click=${() => attempt(() => saveAsPng(drawn, FILE))}>${visit.t("calculator_save_png")}</button>
        <button class="plain" @click=${() => attempt(() => saveAsSvg(FILE))}>${visit.t("calculator_save_svg")}</button>
      </p>
    </section>
    <section class="card">
      <h2>${visit.t("calculator_parts")}</h2>
      ${footprint.sections.map((section) => sectionOf(visit, section))}
      <h3>${visit.t("calculator_not_counted")}</h3>
      <ul>${footprint.not_counted.map((each) => html`<li>${each[visit.language]}</li>`)}</ul>
    </section>
    ${comparisons(visit, footprint)} ${changes(visit, footprint)} ${grounds(visit, footprint)}
  `;
}

function sectionOf(visit, { title, amount, items }) {
  const text = (each) => `${rounded(each)} · ${each.share_percent} %`;
  return html`
    <details>
      <summary>${title[visit.language]}: ${text(amount)}</summary>
      <dl>
        ${items.map(
          (each) => html`
            <dt>${each.title[visit.language]}</dt>
            <dd>${text(each.amount)}<br /><small>${each.amount.display.low} ${visit.t("to")} ${each.amount.display.high} ${each.amount.display.unit} · ${visit.t(each.label) ?? each.label}</small></dd>
          `,
        )}
      </dl>
    </details>
  `;
}

function comparisons(visit, { benchmarks, equivalents }) {
  return html`
    <section class="card">
      <h2>${visit.t("calculator_compared")}</h2>
      <p class="note">${visit.t("calculator_compared_note")}</p>
      <dl>
        ${benchmarks.map(
          (each) => html`
            <dt>${each.title[visit.language]}</dt>
            <dd>${yearly(each.amount_mg, visit.language)}<br /><small>${visit.t("calculator_is_percent")} ${each.footprint_percent} %</small></dd>
          `,
        )}
      </dl>
      <h3>${visit.t("calculator_equals")}</h3>
      <dl>
        ${equivalents.map(
          (each) => html`
            <dt>${each.title[visit.language]}</dt>
            <dd>${each.count}<br /><small>${each.low_count} ${visit.t("to")} ${each.high_count} · ${visit.t(each.label) ?? each.label}</small></dd>
          `,
        )}
      </dl>
      <details>
        <summary>${visit.t("calculator_sources")}</summary>
        ${[...benchmarks, ...equivalents].map((each) => ground(visit, each.title[visit.language], each))}
      </details>
    </section>
  `;
}

function changes(visit, footprint) {
  if (footprint.changes.length === 0) {
    return nothing;
  }
  return html`
    <section class="card">
      <h2>${visit.t("calculator_changes")}</h2>
      <dl>
        ${footprint.changes.map(
          (each) => html`
            <dt>${each.title[visit.language]}</dt>
            <dd>−${yearly(each.saving_mg, visit.language)}<br /><small>${each.saving_percent} % · ${visit.t(each.label) ?? each.label}</small></dd>
          `,
        )}
      </dl>
      <p class="note">${visit.t("calculator_changes_note")}</p>
    </section>
  `;
}

/** The defaults that were used and the factors that count, each with where it is from. */
function grounds(visit, footprint) {
  const assumed = footprint.answers.filter((each) => !each.given);
  return html`
    <section class="card">
      <h2>${visit.t("calculator_grounds")}</h2>
      <p class="note">${visit.t("methodology")}: ${footprint.methodology}</p>
      <details>
        <summary>${visit.t("calculator_assumed")} (${assumed.length})</summary>
        ${assumed.map(({ title, value, choice, label, note, unit }) =>
          ground(visit, title[visit.language], { value: choice?.[visit.language] ?? value, unit: choice ? "1" : unit, label, note, sources: [] }),
        )}
      </details>
      <details>
        <summary>${visit.t("calculator_factors")} (${footprint.factors.length})</summary>
        ${footprint.factors.map((each) => ground(visit, each.choice ? `${each.name}: ${each.choice}` : each.name, each))}
      </details>
    </section>
  `;
}

function ground(visit, name, { value, unit, label, note, range_note: rangeNote, arithmetic, sources: from }) {
  return html`
    <h3>${name}</h3>
    ${value === undefined ? nothing : html`<p class="note">${value} ${unitOf(visit, unit)} · ${visit.t(label) ?? label}</p>`}
    ${[arithmetic, note, rangeNote].filter(Boolean).map((each) => html`<p class="note" lang="en">${each}</p>`)}
    ${from.map((source) => sourceNote(visit, source))}
  `;
}
