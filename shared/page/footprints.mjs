/** A footprint's questions, what a reader typed, and its picture as shapes; nothing here asks. */

import { narrow } from "./amounts.mjs";

const MG_PER_T = 1_000_000_000;
const MG_PER_KG = 1_000_000;
const WHOLE = "footprint";
const NAME = /[a-z][a-z0-9_]*/g;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/** The picture's colours, the same by day and by night: it leaves the page as a file. */
const INK = "#16231c";
const SOFT = "#55645b";
const ACCENT = "#0b7a4b";
const OTHER = "#7d94a8";
const LINE = "#d7e0da";
const GROUND = "#ffffff";
const WIDTH = 640;
const MARGIN = 40;
const BAR_LEFT = 250;
const BAR_WIDTH = 190;
const ROW = 34;
/** Widths of characters, in parts of their height. */
const WIDE = 1;
const NARROW = 0.56;

/**
 * The questions by the section that they count in, from the methodology's own steps; one that
 * counts in several stands in the first.
 * @returns {{name: string, inputs: object[]}[]}
 */
export function groupsOf({ inputs, steps }) {
  const expressions = new Map(steps.map(({ name, expression }) => [name, expression]));
  const read = (name) =>
    expressions.has(name) ? expressions.get(name).match(NAME).flatMap(read) : [name];
  const sections = expressions.get(WHOLE).match(NAME);
  const taken = new Set();
  return sections.map((name) => {
    const names = new Set(read(name));
    const own = inputs.filter((each) => names.has(each.name) && !taken.has(each.name));
    own.forEach((each) => taken.add(each.name));
    return { name, inputs: own };
  });
}

/**
 * Answers as the service takes them; what was left empty is left out, and has its default.
 * @param {object[]} inputs of the methodology
 * @param {Record<string, string>} typed
 * @returns {{answers: Record<string, number | string>, problems: Record<string, string>}} a problem
 *   is the key of a text
 */
export function readAnswers(inputs, typed) {
  const answers = {};
  const problems = {};
  for (const input of inputs) {
    const text = narrow(typed[input.name] ?? "").trim();
    if (text === "") {
      continue;
    }
    const problem = input.choices ? undefined : problemIn(input, text);
    if (problem) {
      problems[input.name] = problem;
    } else {
      answers[input.name] = input.choices ? text : Number(text);
    }
  }
  return { answers, problems };
}

function problemIn({ minimum, maximum, decimals }, text) {
  if (!PLAIN_NUMBER.test(text)) {
    return "calculator_no_number";
  }
  const fraction = (text.split(".")[1] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) {
    return "calculator_too_fine";
  }
  const isWithin = Number(minimum) <= Number(text) && Number(text) <= Number(maximum);
  return isWithin ? undefined : "calculator_out_of_bounds";
}

/** A yearly amount in tonnes, or in kilograms below one. */
export function yearly(mg, language) {
  const isLarge = Math.abs(mg) >= MG_PER_T;
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: isLarge ? 2 : 0 });
  return `${format.format(mg / (isLarge ? MG_PER_T : MG_PER_KG))} ${isLarge ? "t" : "kg"}`;
}

/** An amount as the service rounds it, with its unit. */
export function rounded({ display }) {
  return `${display.value} ${display.unit}`;
}

/** Breaks a text into lines of at most `width`, at a height of its characters of `size`. */
export function lines(text, size, width) {
  const words = text.match(/（?[\u2e80-\uffef][，。：；、）]*|[^\s\u2e80-\uffef]+\s*|\s+/gu) ?? [];
  const found = [""];
  for (const word of words) {
    if (found.at(-1) !== "" && widthOf(found.at(-1) + word.trimEnd(), size) > width) {
      found.push("");
    }
    found[found.length - 1] += word;
  }
  return found.map((line) => line.trimEnd());
}

function widthOf(text, size) {
  const ems = [...text].map((each) => (each >= "\u2e80" ? WIDE : NARROW));
  return size * ems.reduce((sum, each) => sum + each, 0);
}

/**
 * The picture of a footprint as rectangles, lines and texts from top to bottom.
 * @param {object} footprint as the service answers it
 * @param {string} language
 * @param {(key: string) => string} t the page's texts
 * @returns {{width: number, height: number, title: string, shapes: object[]}}
 */
export function picture(footprint, language, t) {
  const shapes = [];
  let y = MARGIN;
  const text = (content, { size = 16, x = MARGIN, fill = INK, weight = 400, anchor = "start" } = {}) =>
    shapes.push({ shape: "text", x, y, size, fill, weight, anchor, text: content });
  const paragraph = (content, size, fill) => {
    for (const line of lines(content, size, WIDTH - 2 * MARGIN)) {
      y += size * 1.5;
      text(line, { size, fill });
    }
  };
  const { total, title } = footprint;
  y += 16;
  text(title[language], { size: 22, weight: 600 });
  y += 62;
  text(`${rounded(total)} CO₂e`, { size: 46, weight: 700, fill: ACCENT });
  const range = `${t("range")} ${total.display.low} ${t("to")} ${total.display.high} ${total.display.unit}`;
  paragraph(`${range} · ${t("label")}: ${t(footprint.label) ?? footprint.label}`, 16, SOFT);
  const given = footprint.answers.filter((each) => each.given).length;
  paragraph(`${t("calculator_given")} ${given} / ${footprint.answers.length}`, 16, SOFT);

  const heading = (key) => {
    y += 48;
    text(t(key), { size: 18, weight: 600 });
    y += 8;
  };
  const bar = ({ name, mg, low, high, most, value, fill }) => {
    const named = lines(name, 15, BAR_LEFT - MARGIN - 10);
    const scaled = (amount) => (Math.max(0, amount) / (most || 1)) * BAR_WIDTH;
    y += ROW;
    const middle = y - 5;
    shapes.push({ shape: "rect", x: BAR_LEFT, y: middle - 9, width: scaled(mg), height: 18, fill });
    if (low !== undefined) {
      const ends = [BAR_LEFT + scaled(low), BAR_LEFT + scaled(high)];
      shapes.push({ shape: "line", x1: ends[0], x2: ends[1], y1: middle, y2: middle, stroke: INK });
    }
    text(value, { size: 15, x: WIDTH - MARGIN, anchor: "end" });
    named.forEach((line, number) => {
      y += number === 0 ? 0 : 18;
      text(line, { size: 15, fill: SOFT });
    });
  };

  heading("calculator_parts");
  const sections = footprint.sections.map(({ title: name, amount }) => ({
    name: name[language],
    mg: amount.central_mg,
    low: amount.low_mg,
    high: amount.high_mg,
    value: `${rounded(amount)} · ${amount.share_percent} %`,
    fill: ACCENT,
  }));
  const most = Math.max(...sections.map(({ high }) => high));
  sections.forEach((each) => bar({ ...each, most }));

  heading("calculator_compared");
  const own = { name: t("calculator_this"), mg: total.central_mg, low: total.low_mg, high: total.high_mg, fill: ACCENT };
  const others = footprint.benchmarks.map((each) => ({
    name: each.title[language],
    mg: each.amount_mg,
    fill: OTHER,
    value: yearly(each.amount_mg, language),
  }));
  const largest = Math.max(own.high, ...others.map(({ mg }) => mg));
  bar({ ...own, value: rounded(total), most: largest });
  others.forEach((each) => bar({ ...each, most: largest }));
  y += 12;
  paragraph(t("calculator_compared_note"), 13, SOFT);

  y += 24;
  shapes.push({ shape: "line", x1: MARGIN, x2: WIDTH - MARGIN, y1: y, y2: y, stroke: LINE });
  paragraph(footprint.never_netted[language], 13, SOFT);
  paragraph(footprint.range_note[language], 13, SOFT);
  paragraph(`${t("methodology")}: ${footprint.methodology} · ${t("name")}`, 13, SOFT);
  const height = y + MARGIN;
  const ground = { shape: "rect", x: 0, y: 0, width: WIDTH, height, fill: GROUND };
  return {
    width: WIDTH,
    height,
    title: `${title[language]}: ${rounded(total)} CO₂e, ${range}`,
    shapes: [ground, ...shapes],
  };
}
