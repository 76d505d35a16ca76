// Answers questions about the evaluator: one JSON per line in, one per line out, in order.
// A document that is needed again and again is sent once, with a name.

import { createInterface } from "node:readline";

import * as amounts from "../../shared/page/amounts.mjs";
import * as evaluator from "../../shared/page/evaluator.mjs";
import { Intent } from "../../shared/page/intent.mjs";
import * as learning from "../../shared/page/learning.mjs";
import * as markup from "../../shared/page/markup.mjs";
import * as footprints from "../../shared/page/footprints.mjs";
import * as receipts from "../../shared/page/receipts.mjs";
import { Store } from "../../shared/page/storage.mjs";
import { TEXTS, textOf } from "../../shared/page/texts.mjs";
import { Visit } from "../../shared/page/visit.mjs";

const methodologies = new Map();

const ANSWERS = {
  operation: ({ name, operands }) =>
    evaluator.plain(evaluator[name](...operands.map(evaluator.decimal))),
  floor: ({ value }) => evaluator.floor(evaluator.decimal(value)),
  root: ({ square }) => evaluator.rootUp(BigInt(square)),
  range: ({ central, down, up, activity }) => {
    const spread = { downMg: BigInt(down), upMg: BigInt(up), activityMg2: BigInt(activity) };
    const { lowMg, highMg } = evaluator.range(BigInt(central), spread);
    return [lowMg, highMg];
  },
  formula: ({ text, values }) => {
    const read = Object.entries(values).map(([name, value]) => [name, evaluator.decimal(value)]);
    return evaluator.plain(evaluator.parseFormula(text).evaluate(new Map(read)));
  },
  names: ({ text }) => [...evaluator.parseFormula(text).names].sort(),
  document: ({ name, document }) => {
    const methodology = evaluator.readMethodology(document);
    methodologies.set(name, methodology);
    return evaluator.labelFor(methodology);
  },
  digest: ({ document }) => evaluator.methodologyDigest(document),
  work: ({ name, inputs }) => {
    const methodology = known(name);
    return plainOf(evaluator.workOut(methodology, readInputs(methodology, inputs)).steps);
  },
  measure: ({ name, inputs }) => {
    const methodology = known(name);
    const values = readInputs(methodology, inputs);
    const worked = evaluator.cases(methodology, values);
    const measured = evaluator.measure(methodology, values);
    return {
      cases: worked.map((each) => ({
        case: each.name,
        values: plainOf(each.values),
        steps: plainOf(each.steps),
        reduction_mg: evaluator.reductionMg(each),
      })),
      reduction_mg: measured.reductionMg,
      down_mg: measured.downMg,
      up_mg: measured.upMg,
      activity_mg2: measured.activityMg2,
      low_mg: measured.lowMg,
      high_mg: measured.highMg,
      evidence_grade: measured.evidenceGrade,
      missing: measured.missing,
      label: evaluator.labelFor(methodology, measured.missing),
    };
  },
  canonical: ({ text }) => evaluator.canonicalJson(evaluator.parseJson(text)),
  thumbprint: ({ jwk }) => evaluator.thumbprint(jwk),
  rework: ({ body, jwks, released }) => receipts.rework(body, { jwks, released }),
  tampered: ({ body }) => receipts.tampered(body),
  day: ({ instant }) => amounts.ledgerDay(Date.parse(instant)),
  days: ({ last, count }) => amounts.daysUntil(last, count),
  months: ({ last, count }) => amounts.monthsUntil(last, count),
  sharable: ({ months, mg }) => {
    const listed = Object.entries(months).map(([period, each]) => ({
      period,
      total: { reduction_mg: each },
    }));
    return amounts.sharablePeriods(listed, { reduction_mg: mg });
  },
  duration: ({ seconds, language }) => amounts.duration(seconds, language),
  shown: ({ sum, language }) => amounts.shown(sum, language),
  bars: ({ periods, mg, width, height }) => {
    const drawn = amounts.bars(periods, new Map(Object.entries(mg)), { width, height });
    // Coordinates have fractions, which no canonical JSON has.
    return [String(drawn.zero), ...drawn.bars.map(({ y, height: size }) => `${y}+${size}`)];
  },
  typed: ({ text, unit }) => amounts.typedMg(text, unit),
  exact: ({ mg, language, options }) => amounts.exact(mg, language, options),
  keys: ({ asked }) => {
    const intent = new Intent();
    // Of each, the place of the first that had the same key; null says that all before is done.
    const keys = asked.map((each) => (each === null ? intent.done() : intent.keyFor(each)));
    return keys.filter(Boolean).map((key, _, all) => all.indexOf(key));
  },
  stored: ({ storage }) => {
    const store = new Store(STORAGES[storage]());
    const found = [store.get("a")];
    store.set("a", "1");
    found.push(store.get("a"));
    store.set("a", "2");
    found.push(store.get("a"));
    store.remove("a");
    return [...found, store.get("a")];
  },
  attempted: async ({ status, goesOn }) => {
    const seen = [];
    let isCurrent = true;
    const visit = new Visit({
      isCurrent: () => isCurrent,
      draw: (content) => seen.push(content),
      failed: (error) => seen.push(`failed ${error.status}`),
    });
    globalThis.location = { hash: "" };
    const step = async () => {
      isCurrent = !goesOn;
      visit.go("#/on");
      throw Object.assign(new Error("refused"), { status });
    };
    await visit.attempt(step, () => visit.show(visit.isBusy ? "busy" : `${visit.problem.status}`));
    return [location.hash, ...seen];
  },
  certificate: ({ body, jwks }) => evaluator.verifyCertificate(body, { jwks }),
  wanted: ({ hash }) => learning.wantedIn(hash),
  address: ({ wanted }) => learning.articlesAt(wanted),
  place: ({ address }) => learning.placeOf(address),
  count: ({ quiz }) => learning.countOf(quiz),
  graded: ({ quiz, graded }) => learning.withAnswer(quiz, graded),
  kept: ({ children }) => markup.keptIn({ childNodes: children.map(nodeOf) }),
  nested: ({ name, depth }) => {
    const nodes = Array.from({ length: depth }, () => name);
    const deepest = nodes.reduce((inner, each) => [each, {}, ...(inner ? [inner] : [])], null);
    const levels = (kept) => (kept.length === 0 ? 0 : 1 + levels(kept[0].children));
    return levels(markup.keptIn({ childNodes: [nodeOf(deepest)] }));
  },
  groups: ({ methodology }) =>
    footprints.groupsOf(methodology).map(({ inputs }) => inputs.map(({ name }) => name)),
  replies: ({ inputs, typed }) => {
    const { answers, problems } = footprints.readAnswers(inputs, typed);
    // Numbers have fractions, which no canonical JSON has.
    return { answers: JSON.stringify(answers), problems };
  },
  lines: ({ text, size, width }) => footprints.lines(text, size, width),
  yearly: ({ mg, language }) => footprints.yearly(mg, language),
  picture: ({ footprint, language }) => {
    const drawn = footprints.picture(footprint, language, (key) => textOf(language, key));
    const edges = drawn.shapes.map((each) => (each.y ?? each.y1) + (each.height ?? 0));
    return {
      title: drawn.title,
      texts: drawn.shapes.filter(({ shape }) => shape === "text").map(({ text }) => text),
      bars: drawn.shapes.filter(({ shape }) => shape === "rect").map(({ width }) => `${width}`),
      overflows: edges.some((edge) => edge > drawn.height),
    };
  },
  texts: () => TEXTS,
  verify: ({ body, jwks, released }) => evaluator.verifyReceipt(body, { jwks, released }),
};

/** Browsers' storages, from one that keeps to one that may not even be looked at. */
const STORAGES = {
  keeping: () => {
    const kept = new Map();
    const storage = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: (name) => kept.delete(name),
    };
    return () => storage;
  },
  missing: () => () => null,
  forbidden: () => () => {
    throw new Error("SecurityError");
  },
  full: () => {
    const setItem = () => {
      throw new Error("QuotaExceededError");
    };
    return () => ({ getItem: () => "older", setItem, removeItem: () => {} });
  },
};

/** What a parser makes of a text, or of [name, attributes, ...children]; null is a comment. */
function nodeOf(given) {
  if (given === null) {
    return { nodeType: 8, data: "<script>" };
  }
  if (typeof given === "string") {
    return { nodeType: 3, data: given };
  }
  const [localName, attributes, ...children] = given;
  const getAttribute = (name) => attributes[name] ?? null;
  return { nodeType: 1, localName, getAttribute, childNodes: children.map(nodeOf) };
}

function known(name) {
  if (!methodologies.has(name)) {
    throw new Error(`There is no document ${name}.`);
  }
  return methodologies.get(name);
}

function readInputs(methodology, reported) {
  const { values, problems } = evaluator.readInputs(methodology, reported);
  if (problems.length > 0) {
    throw new Error(problems.map(({ name, sentence }) => `${name}: ${sentence}`).join(" "));
  }
  return values;
}

function plainOf(values) {
  return Object.fromEntries([...values].map(([name, value]) => [name, evaluator.plain(value)]));
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = { answer: await ANSWERS[question.do](question) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${evaluator.canonicalJson(answer)}\n`);
}
