/**
 * Works a methodology out and verifies a receipt, in a browser or in Node, without the service.
 *
 * It is written from the published description and shares nothing with the service's own code, so
 * that the two check each other. Factors are exact decimals, amounts are BigInt in milligrams of
 * CO2e: no value of a receipt ever passes through a floating-point number.
 *
 * @module
 */

// ------------------------------------------------------------------------------------- Decimals

/**
 * An exact decimal: `coefficient` times ten to the power of `exponent`.
 * @typedef {{coefficient: bigint, exponent: number}} Decimal
 */

/** Significant digits that are kept after every operation. */
export const PRECISION_DIGITS = 50;
const BEYOND_PRECISION = 10n ** BigInt(PRECISION_DIGITS);
// The largest power of ten of a result's first digit, and the smallest of its last one.
const EXPONENT_MAX = 999_999;
const EXPONENT_LEAST = -EXPONENT_MAX - (PRECISION_DIGITS - 1);
const DECIMAL_LENGTH_MAX = 200;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads plain decimal notation, such as "0.084".
 * @param {string} text
 * @returns {Decimal}
 */
export function decimal(text) {
  const parts = typeof text === "string" ? DECIMAL.exec(text) : null;
  if (parts === null || text.length > DECIMAL_LENGTH_MAX) {
    throw new Error(`${show(text)} is not a decimal number.`);
  }
  const [, sign, whole, fraction = ""] = parts;
  const coefficient = BigInt(whole + fraction);
  return { coefficient: sign ? -coefficient : coefficient, exponent: -fraction.length };
}

/**
 * Writes plain decimal notation without trailing zeros.
 * @param {Decimal} value
 * @returns {string}
 */
export function plain({ coefficient, exponent }) {
  const sign = coefficient < 0n ? "-" : "";
  const digits = magnitude(coefficient).toString();
  const kept = digits.replace(/0+$/, "");
  if (kept === "") {
    return "0";
  }
  const places = -exponent - (digits.length - kept.length);
  if (places <= 0) {
    return sign + kept + "0".repeat(-places);
  }
  const padded = kept.padStart(places + 1, "0");
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** @param {Decimal} one @param {Decimal} other @returns {Decimal} */
export function add(one, other) {
  const [large, small] = topOf(one) >= topOf(other) ? [one, other] : [other, one];
  // Below this, rounding sees no more than that there is something; millions of digits may be.
  const sight = Math.min(large.exponent, topOf(large) - PRECISION_DIGITS) - 3;
  if (small.coefficient !== 0n && topOf(small) < sight) {
    const something = small.coefficient < 0n ? -1n : 1n;
    return rounded(inUnitsOf(large, sight) + something, sight);
  }
  const exponent = Math.min(one.exponent, other.exponent);
  return rounded(inUnitsOf(one, exponent) + inUnitsOf(other, exponent), exponent);
}

/** @param {Decimal} one @param {Decimal} other @returns {Decimal} */
export function subtract(one, other) {
  return add(one, { coefficient: -other.coefficient, exponent: other.exponent });
}

/** @param {Decimal} one @param {Decimal} other @returns {Decimal} */
export function multiply(one, other) {
  return rounded(one.coefficient * other.coefficient, one.exponent + other.exponent);
}

/** @param {Decimal} one @param {Decimal} other @returns {Decimal} */
export function divide(one, other) {
  if (other.coefficient === 0n) {
    throw new RangeError("There is no division by zero.");
  }
  const divisor = magnitude(other.coefficient);
  const missing = PRECISION_DIGITS + 1 + digitsIn(divisor) - digitsIn(one.coefficient);
  const shift = Math.max(0, missing);
  const dividend = magnitude(one.coefficient) * 10n ** BigInt(shift);
  // One more digit stands for all that follow, so that an exact half is told from nearly one.
  const quotient = (dividend / divisor) * 10n + (dividend % divisor === 0n ? 0n : 1n);
  const negative = one.coefficient < 0n !== other.coefficient < 0n;
  const exponent = one.exponent - other.exponent - shift - 1;
  return rounded(negative ? -quotient : quotient, exponent);
}

/**
 * Less than zero where `one` is the smaller, zero where both are equal.
 * @param {Decimal} one @param {Decimal} other @returns {number}
 */
export function compare(one, other) {
  const exponent = Math.min(one.exponent, other.exponent);
  const difference = inUnitsOf(one, exponent) - inUnitsOf(other, exponent);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** @param {Decimal} first @param {...Decimal} others @returns {Decimal} */
export function least(first, ...others) {
  return others.reduce((best, each) => (compare(each, best) < 0 ? each : best), first);
}

/** @param {Decimal} first @param {...Decimal} others @returns {Decimal} */
export function greatest(first, ...others) {
  return others.reduce((best, each) => (compare(each, best) > 0 ? each : best), first);
}

/**
 * The whole number below, or the value itself where it is whole.
 * @param {Decimal} value
 * @returns {bigint}
 */
export function floor({ coefficient, exponent }) {
  if (exponent >= 0) {
    return coefficient * 10n ** BigInt(exponent);
  }
  const unit = 10n ** BigInt(-exponent);
  // BigInt division drops the fraction, which is up, not down, for a negative value.
  return coefficient / unit - (coefficient % unit < 0n ? 1n : 0n);
}

/**
 * The smallest whole number whose square is not less than this one.
 * @param {bigint} square
 * @returns {bigint}
 */
export function rootUp(square) {
  if (square < 0n) {
    throw new RangeError("There is no root of a negative number.");
  }
  let low = 0n;
  let high = 1n;
  while (high * high < square) {
    low = high;
    high *= 2n;
  }
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle * middle < square) {
      low = middle + 1n;
    } else {
      high = middle;
    }
  }
  return high;
}

/** Rounds to the precision, an exact half to the even digit. */
function rounded(coefficient, exponent) {
  let size = magnitude(coefficient);
  if (size >= BEYOND_PRECISION || exponent < EXPONENT_LEAST) {
    const excess = Math.max(digitsIn(size) - PRECISION_DIGITS, EXPONENT_LEAST - exponent);
    const unit = 10n ** BigInt(excess);
    const twice = (size % unit) * 2n;
    size /= unit;
    if (twice > unit || (twice === unit && size % 2n === 1n)) {
      size += 1n;
    }
    exponent += excess;
  }
  if (size === 0n) {
    return { coefficient: 0n, exponent: 0 };
  }
  if (exponent + digitsIn(size) - 1 > EXPONENT_MAX) {
    throw new RangeError("A result is larger than can be computed with.");
  }
  return { coefficient: coefficient < 0n ? -size : size, exponent };
}

function inUnitsOf(value, exponent) {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent);
}

/** The power of ten that a value is just below; far below all others for zero. */
function topOf({ coefficient, exponent }) {
  return coefficient === 0n ? Number.NEGATIVE_INFINITY : exponent + digitsIn(coefficient);
}

/** @param {bigint} whole @returns {bigint} */
function magnitude(whole) {
  return whole < 0n ? -whole : whole;
}

function digitsIn(whole) {
  return magnitude(whole).toString().length;
}

// ------------------------------------------------------------------------------------- Formulas

/**
 * A checked formula and the names that it reads.
 * @typedef {object} Formula
 * @property {string} text
 * @property {Set<string>} names
 * @property {(values: Map<string, Decimal>) => Decimal} evaluate
 */

const FORMULA_LENGTH_MAX = 200;
const TOKEN = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[-+*/(),]|( +)/y;
const CHOOSING = new Map([
  ["max", greatest],
  ["min", least],
]);

/**
 * Reads names, whole numbers, + - * /, parentheses, min and max; anything else is an Error.
 * @param {string} text
 * @returns {Formula}
 */
export function parseFormula(text) {
  if (typeof text !== "string" || text.length > FORMULA_LENGTH_MAX) {
    throw new Error(`A formula is a text of at most ${FORMULA_LENGTH_MAX} characters.`);
  }
  const tokens = tokensOf(text);
  const names = new Set();
  let position = 0;

  const refuse = () => {
    const where = position < tokens.length ? `at \`${tokens[position]}\`` : "where it ends";
    throw new Error(`\`${text}\` is not a formula: it goes wrong ${where}.`);
  };
  const take = (token) => {
    const isNext = tokens[position] === token;
    position += isNext ? 1 : 0;
    return isNext;
  };
  const expect = (token) => take(token) || refuse();

  // sum: product (("+" | "-") product)*
  function sum() {
    let left = product();
    for (;;) {
      if (take("+")) {
        left = operation(add, left, product());
      } else if (take("-")) {
        left = operation(subtract, left, product());
      } else {
        return left;
      }
    }
  }

  // product: operand (("*" | "/") operand)*
  function product() {
    let left = operand();
    for (;;) {
      if (take("*")) {
        left = operation(multiply, left, operand());
      } else if (take("/")) {
        left = operation(divide, left, operand());
      } else {
        return left;
      }
    }
  }

  // operand: number | name | "(" sum ")" | ("min" | "max") "(" sum ("," sum)+ ")"
  function operand() {
    const token = tokens[position] ?? refuse();
    if (token === "(") {
      position += 1;
      const inner = sum();
      expect(")");
      return inner;
    }
    if (CHOOSING.has(token)) {
      position += 1;
      return choice(CHOOSING.get(token));
    }
    if (/^[0-9]/.test(token)) {
      if (token.length > 1 && token.startsWith("0")) {
        refuse();
      }
      position += 1;
      const constant = decimal(token);
      return () => constant;
    }
    if (!/^[A-Za-z_]/.test(token)) {
      refuse();
    }
    position += 1;
    names.add(token);
    return (values) => valueOf(values, token);
  }

  function choice(choose) {
    expect("(");
    const candidates = [sum()];
    do {
      expect(",");
      candidates.push(sum());
    } while (tokens[position] === ",");
    expect(")");
    return (values) => choose(...candidates.map((each) => each(values)));
  }

  const evaluateTree = sum();
  if (position < tokens.length) {
    refuse();
  }
  const evaluate = (values) => {
    try {
      return evaluateTree(values);
    } catch (error) {
      throw new Error(`\`${text}\`: ${error.message}`, { cause: error });
    }
  };
  return { text, names, evaluate };
}

function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) {
      throw new Error(`\`${text}\` is not a formula: \`${text[at]}\` has no meaning in one.`);
    }
    if (found[1] === undefined) {
      tokens.push(found[0]);
    }
  }
  return tokens;
}

function operation(operate, left, right) {
  return (values) => operate(left(values), right(values));
}

function valueOf(values, name) {
  const value = values.get(name);
  if (value === undefined) {
    throw new Error(`\`${name}\` has no value.`);
  }
  return value;
}

// -------------------------------------------------------------------------------- Methodologies

/** The step that a reduction ends in, in grams of CO2e. */
export const RESULT_STEP = "reduction";
const MG_PER_G = decimal("1000");
const ONE = decimal("1");
const GRADE_WORST = 5;
// The reason of an entry that stands on its user's word alone.
const CLAIMED = "claimed";
const LABELS = ["published", "derived", "illustrative"];

// Definitions that every formula may name: no factors, so they have neither source nor range.
const CONVERSIONS = new Map([
  ["g_per_kg", decimal("1000")],
  ["kg_per_t", decimal("1000")],
  ["days_per_week", decimal("7")],
  ["days_per_year", decimal("365")],
  ["hours_per_day", decimal("24")],
  ["months_per_year", decimal("12")],
]);

/**
 * A quantity that an event reports, in `unit`. `uncertainty` is a share of the value;
 * `choices` is null for a number, and `assumed` null for an input that is required.
 * @typedef {{name: string, unit: string, minimum: Decimal, maximum: Decimal, decimals: number,
 *   uncertainty: Decimal, choices: Map<string, Decimal> | null,
 *   assumed: {value: Decimal, label: string} | null}} Input
 */

/**
 * A factor, with the values at which the result is least and greatest.
 * @typedef {{name: string, label: string, value: Decimal, atLeast: Decimal, atGreatest: Decimal}}
 *   Parameter
 */

/**
 * A methodology document, read and checked.
 * @typedef {{reference: string, use: string, document: object, inputs: Input[],
 *   parameters: Parameter[], steps: {name: string, unit: string, formula: Formula}[],
 *   evidence: {grade: bigint, inputs: string[]}[]}} Methodology
 */

/**
 * The formula worked through once: what went into it, and every step in its own unit.
 * @typedef {{name: string, values: Map<string, Decimal>, steps: Map<string, Decimal>}} Case
 */

/**
 * @typedef {{reductionMg: bigint, downMg: bigint, upMg: bigint, activityMg2: bigint,
 *   lowMg: bigint, highMg: bigint, evidenceGrade: bigint, missing: string[]}} Measurement
 */

/**
 * Reads a published methodology document; an Error says what is broken in it.
 * @param {object} document
 * @returns {Methodology}
 */
export function readMethodology(document) {
  const reference = referenceOf(document);
  try {
    const { effective_from: from, effective_until: until = "" } = document;
    if ([document.id, document.version, from, until].some(isNoText)) {
      throw new Error("Its name or its dates are not texts.");
    }
    const methodology = {
      reference,
      use: document.use,
      document,
      inputs: listIn(document, "inputs").map(readInput),
      parameters: listIn(document, "parameters").map(readParameter),
      steps: listIn(document, "steps").map(readStep),
      evidence: listIn(document, "evidence").map(readEvidence),
    };
    checkNames(methodology);
    return methodology;
  } catch (error) {
    throw new Error(`${reference}: ${error.message}`, { cause: error });
  }
}

function referenceOf(document) {
  const parts = [document?.id, document?.version];
  return parts.map((part) => (isNoText(part) ? show(part) : part)).join("@");
}

function listIn(data, name) {
  if (!Array.isArray(data?.[name])) {
    throw new Error(`\`${name}\` is not a list.`);
  }
  return data[name];
}

function readInput(data) {
  const choices = data.choices
    ? new Map(listIn(data, "choices").map(({ key, value }) => [key, decimal(value)]))
    : null;
  return {
    name: data.name,
    unit: data.unit,
    minimum: decimal(data.minimum ?? "0"),
    maximum: decimal(data.maximum ?? "0"),
    decimals: Number(data.decimals ?? 0),
    uncertainty: decimal(data.uncertainty ?? "0"),
    choices,
    assumed: data.if_missing === undefined ? null : readAssumption(data, choices),
  };
}

function readAssumption({ name, if_missing: assumption }, choices) {
  const value = choices ? choices.get(assumption.choice) : decimal(assumption.value);
  if (value === undefined) {
    throw new Error(`\`${name}\` assumes a choice that it does not have.`);
  }
  return { value, label: readLabel(assumption.label) };
}

function readParameter({ name, label, value, low, high, effect }) {
  if (effect !== "rises" && effect !== "falls") {
    throw new Error(`The effect of \`${name}\` is neither "rises" nor "falls".`);
  }
  const bounds = [decimal(low), decimal(high)];
  const [atLeast, atGreatest] = effect === "rises" ? bounds : bounds.reverse();
  return { name, label: readLabel(label), value: decimal(value), atLeast, atGreatest };
}

function readStep({ name, unit, expression }) {
  return { name, unit, formula: parseFormula(expression) };
}

function readEvidence(data) {
  return { grade: BigInt(data.grade), inputs: listIn(data, "inputs") };
}

function readLabel(label) {
  if (!LABELS.includes(label)) {
    throw new Error(`A label is one of ${LABELS.join(", ")}, not ${show(label)}.`);
  }
  return label;
}

/**
 * The weakest label among what a result rests on: every factor, and what had to be assumed.
 * @param {Methodology} methodology
 * @param {string[]} [missing] the inputs that were not reported
 * @returns {string}
 */
export function labelFor({ parameters, inputs }, missing = []) {
  const assumed = inputs.filter((each) => each.assumed !== null && missing.includes(each.name));
  const labels = [...parameters, ...assumed.map((each) => each.assumed)].map(({ label }) => label);
  return LABELS[Math.max(0, ...labels.map((label) => LABELS.indexOf(label)))];
}

/** Every name is defined once, and before it is read. */
function checkNames({ inputs, parameters, steps, use }) {
  const known = new Set(CONVERSIONS.keys());
  const define = (name) => {
    if (typeof name !== "string" || known.has(name)) {
      throw new Error(`${show(name)} is no name, or is defined twice.`);
    }
    known.add(name);
  };
  [...inputs, ...parameters].forEach((each) => define(each.name));
  for (const { name, formula } of steps) {
    for (const read of formula.names) {
      if (!known.has(read)) {
        throw new Error(`Step \`${name}\` reads \`${read}\`, which is not defined.`);
      }
    }
    define(name);
  }
  const last = steps.at(-1);
  if (use !== "footprint" && (last?.name !== RESULT_STEP || last.unit !== "g")) {
    throw new Error(`The last step is not \`${RESULT_STEP}\` in g.`);
  }
}

/**
 * Reads what was reported: decimals as text, or the key of a choice. Optional inputs may be absent.
 * @param {Methodology} methodology
 * @param {Record<string, string>} reported
 * @returns {{values: Map<string, Decimal>, problems: {name: string, sentence: string}[]}}
 */
export function readInputs(methodology, reported) {
  const values = new Map();
  const problems = [];
  const known = new Set(methodology.inputs.map((each) => each.name));
  for (const name of Object.keys(reported)) {
    if (!known.has(name)) {
      problems.push({ name, sentence: "The methodology has no such input." });
    }
  }
  for (const input of methodology.inputs) {
    if (Object.hasOwn(reported, input.name)) {
      try {
        values.set(input.name, readReported(input, reported[input.name]));
      } catch (error) {
        problems.push({ name: input.name, sentence: error.message });
      }
    } else if (input.assumed === null) {
      problems.push({ name: input.name, sentence: "The methodology requires this input." });
    }
  }
  return { values, problems };
}

function readReported(input, text) {
  if (input.choices !== null) {
    if (!input.choices.has(text)) {
      throw new Error(`It is one of ${[...input.choices.keys()].join(", ")}, not ${show(text)}.`);
    }
    return input.choices.get(text);
  }
  const value = decimal(text);
  const { minimum, maximum, decimals, unit } = input;
  if (compare(value, minimum) < 0 || compare(value, maximum) > 0) {
    throw new Error(`${text} is not from ${plain(minimum)} to ${plain(maximum)} ${unit}.`);
  }
  if (-value.exponent > decimals) {
    throw new Error(`${text} has more than ${decimals} decimals.`);
  }
  return value;
}

/**
 * Works every step out for one set of parameters ("value", "atLeast" or "atGreatest").
 * @param {Methodology} methodology
 * @param {Map<string, Decimal>} inputs reported ones; the rest is assumed
 * @param {"value" | "atLeast" | "atGreatest"} [bound]
 * @returns {{values: Map<string, Decimal>, steps: Map<string, Decimal>}} the values that are read
 */
export function workOut(methodology, inputs, bound = "value") {
  const values = new Map(CONVERSIONS);
  methodology.parameters.forEach((each) => values.set(each.name, each[bound]));
  for (const { name, assumed } of methodology.inputs) {
    const value = inputs.get(name) ?? assumed?.value;
    if (value === undefined) {
      throw new Error(`${methodology.reference}: \`${name}\` is required.`);
    }
    values.set(name, value);
  }
  const steps = new Map();
  const used = new Map();
  for (const { name, formula } of methodology.steps) {
    for (const read of formula.names) {
      if (!steps.has(read)) {
        used.set(read, values.get(read));
      }
    }
    const result = formula.evaluate(values);
    values.set(name, result);
    steps.set(name, result);
  }
  return { values: used, steps };
}

/**
 * Every case of a measurement: central, low, high, then both ends of each reported input's error.
 * @param {Methodology} methodology
 * @param {Map<string, Decimal>} inputs reported ones
 * @returns {Case[]}
 */
export function cases(methodology, inputs) {
  const found = [
    { name: "central", ...workOut(methodology, inputs) },
    { name: "low", ...workOut(methodology, inputs, "atLeast") },
    { name: "high", ...workOut(methodology, inputs, "atGreatest") },
  ];
  for (const { name, low, high } of ends(methodology, inputs)) {
    const at = (value) => workOut(methodology, new Map(inputs).set(name, value));
    found.push({ name: `${name} low`, ...at(low) }, { name: `${name} high`, ...at(high) });
  }
  return found;
}

function ends(methodology, inputs) {
  return methodology.inputs
    .filter(({ name, uncertainty }) => uncertainty.coefficient > 0n && inputs.has(name))
    .map(({ name, minimum, maximum, uncertainty }) => {
      const value = inputs.get(name);
      const low = multiply(value, subtract(ONE, uncertainty));
      const high = multiply(value, add(ONE, uncertainty));
      return { name, low: greatest(minimum, low), high: least(maximum, high) };
    });
}

/**
 * A case's result in whole milligrams of CO2e: rounded down, once, and never below zero.
 * @param {{steps: Map<string, Decimal>}} worked
 * @returns {bigint}
 */
export function reductionMg({ steps }) {
  const milligrams = floor(multiply(steps.get(RESULT_STEP), MG_PER_G));
  return milligrams < 0n ? 0n : milligrams;
}

/**
 * What a behaviour reduced, and how far that may be off.
 * @param {Methodology} methodology
 * @param {Map<string, Decimal>} inputs reported ones
 * @param {Case[]} [worked] the cases, where they are at hand
 * @returns {Measurement}
 */
export function measure(methodology, inputs, worked = cases(methodology, inputs)) {
  const [central, low, high, ...errors] = worked.map(reductionMg);
  let activityMg2 = 0n;
  for (let index = 0; index < errors.length; index += 2) {
    const off = [magnitude(central - errors[index]), magnitude(errors[index + 1] - central)];
    const deviation = off[0] > off[1] ? off[0] : off[1];
    activityMg2 += deviation * deviation;
  }
  const grade = methodology.evidence.find((each) => each.inputs.every((name) => inputs.has(name)));
  const spread = { downMg: central - low, upMg: high - central, activityMg2 };
  return {
    reductionMg: central,
    ...spread,
    ...range(central, spread),
    evidenceGrade: grade?.grade ?? BigInt(GRADE_WORST),
    missing: methodology.inputs.map(({ name }) => name).filter((name) => !inputs.has(name)),
  };
}

/**
 * The range of a result, or of a sum of them, in milligrams of CO2e. It holds its central value,
 * also where a sum of differences has errors below zero; only such a sum is ever below zero.
 * @param {bigint} centralMg
 * @param {{downMg: bigint, upMg: bigint, activityMg2: bigint}} spread
 * @returns {{lowMg: bigint, highMg: bigint}}
 */
export function range(centralMg, { downMg, upMg, activityMg2 }) {
  const activityMg = activityMg2 > 0n ? rootUp(activityMg2) : 0n;
  const factorsMg = [0n, -downMg, upMg].sort((one, other) => (one < other ? -1 : 1));
  const lowMg = centralMg + factorsMg[0] - activityMg;
  return {
    lowMg: centralMg >= 0n && lowMg < 0n ? 0n : lowMg,
    highMg: centralMg + factorsMg[2] + activityMg,
  };
}

// ----------------------------------------------------------------------------- JSON and digests

/**
 * Reads JSON whose numbers are whole; each becomes a BigInt, since a sum of squares may be larger
 * than a number holds exactly. A member that is there twice, or a fraction, is an Error.
 * @param {string} text
 * @returns {any} objects have no prototype, so that every name is only a name
 */
export function parseJson(text) {
  const SPACE = /[ \t\n\r]*/y;
  const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\.)*"|-?(?:0|[1-9]\d*)(?![\d.eE])|true|false|null/y;
  let position = 0;

  const refuse = (what = "is not JSON with whole numbers") => {
    throw new Error(`The text ${what} at character ${position}.`);
  };
  const space = () => {
    SPACE.lastIndex = position;
    SPACE.exec(text);
    position = SPACE.lastIndex;
  };
  const take = (sign) => {
    space();
    const isNext = text[position] === sign;
    position += isNext ? 1 : 0;
    return isNext;
  };
  const expect = (sign) => take(sign) || refuse();

  function scalar() {
    space();
    SCALAR.lastIndex = position;
    const found = SCALAR.exec(text);
    if (found === null) {
      return refuse();
    }
    const [token] = found;
    let value;
    try {
      value = /^[-\d]/.test(token) ? BigInt(token) : JSON.parse(token);
    } catch {
      refuse();
    }
    position = SCALAR.lastIndex;
    return value;
  }

  function members() {
    const object = Object.create(null);
    if (take("}")) {
      return object;
    }
    do {
      const name = scalar();
      if (typeof name !== "string") {
        refuse();
      }
      if (Object.hasOwn(object, name)) {
        refuse(`has ${JSON.stringify(name)} twice`);
      }
      expect(":");
      object[name] = value();
    } while (take(","));
    expect("}");
    return object;
  }

  function items() {
    const list = [];
    if (take("]")) {
      return list;
    }
    do {
      list.push(value());
    } while (take(","));
    expect("]");
    return list;
  }

  function value() {
    if (take("{")) {
      return members();
    }
    return take("[") ? items() : scalar();
  }

  const read = value();
  space();
  return position === text.length ? read : refuse();
}

/**
 * Writes the one form in which a digest reads a value: compact, members in order of code points.
 * @param {any} value numbers are whole
 * @returns {string}
 */
export function canonicalJson(value) {
  if (value === null || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "bigint" || Number.isSafeInteger(value)) {
    return BigInt(value).toString();
  }
  if (typeof value === "string") {
    if (/\p{Surrogate}/u.test(value)) {
      throw new Error("A text is not Unicode.");
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join(",")}]`;
  }
  if (typeof value === "object") {
    const names = Object.keys(value).sort(byCodePoints);
    return `{${names.map((n) => `${canonicalJson(n)}:${canonicalJson(value[n])}`).join(",")}}`;
  }
  throw new Error(`${String(value)} is neither text, a whole number, a list nor an object.`);
}

/** JavaScript itself orders by UTF-16 units, in which an emoji comes before a full-width letter. */
function byCodePoints(one, other) {
  const [left, right] = [Array.from(one), Array.from(other)];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = left[index].codePointAt(0) - right[index].codePointAt(0);
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}

/** @param {Uint8Array} bytes @returns {Promise<string>} the digest in lower-case hex */
export async function sha256Hex(bytes) {
  return hexOf(await sha256(bytes));
}

/** @param {object} document @returns {Promise<string>} what identifies a methodology version */
export async function methodologyDigest(document) {
  // A version ends when its successor is released; that does not make it another one.
  const { effective_until: _, ...lasting } = document;
  return digestOf(lasting);
}

/**
 * The salted digest of what an entry says about a person; it takes the detail's place in the hash.
 * @param {Record<string, any>} entry as in a receipt
 * @returns {Promise<string>}
 */
export async function detailDigest(entry) {
  const detail = canonicalJson({
    cause: causeOf(entry),
    inputs: entry.inputs,
    occurred_at: entry.occurred_at,
    payload_digest: entry.payload_digest,
    scenario: entry.scenario,
  });
  const salt = Uint8Array.from(entry.salt.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const content = utf8(detail);
  const both = new Uint8Array(salt.length + content.length);
  both.set(salt);
  both.set(content, salt.length);
  return sha256Hex(both);
}

/**
 * The hash that the account's next entry names as its `previous_hash`.
 * @param {Record<string, any>} entry as in a receipt, with its `detail_digest`
 * @returns {Promise<string>}
 */
export async function entryHash(entry) {
  const { original } = entry;
  const amends = original === null ? {} : {
    amends: original.kind,
    replaces: original.methodology,
    standing_mg: BigInt(original.reduction_mg) + BigInt(entry.reduction_mg),
  };
  const rewards = entry.spend_by === null ? {} : {
    points: entry.points,
    spend_by: entry.spend_by,
  };
  const reason = entry.reason === null ? {} : { reason: entry.reason };
  return digestOf({
    account_id: entry.account_id,
    booked_at: entry.booked_at,
    consent_number: entry.consent_number,
    detail_digest: entry.detail_digest,
    methodology: entry.methodology,
    previous_hash: entry.previous_hash,
    reduction_mg: entry.reduction_mg,
    seq: entry.seq,
    ...amends,
    ...reason,
    ...rewards,
  });
}

/**
 * The name of what caused an entry: an event, or its n-th amendment.
 * @param {Record<string, any>} entry
 */
function causeOf({ partner, event_id: eventId, amendment }) {
  const number = BigInt(amendment);
  return `event#${partner}#${eventId}${number === 0n ? "" : `~${number}`}`;
}

function digestOf(value) {
  return sha256Hex(utf8(canonicalJson(value)));
}

async function sha256(bytes) {
  return new Uint8Array(await subtle().digest("SHA-256", bytes));
}

function subtle() {
  const found = globalThis.crypto?.subtle;
  if (found === undefined) {
    throw new Error("This browser computes digests on pages that are served by https only.");
  }
  return found;
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64url(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Reads unpadded base64url in its one form; the bits that stand for nothing must be zero. */
function fromBase64url(text) {
  if (typeof text === "string" && /^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1) {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    if (base64url(bytes) === text) {
      return bytes;
    }
  }
  throw new Error(`${show(text)} is not base64url.`);
}

// ----------------------------------------------------------------------------------- Signatures

const RECEIPT_TYPE = "carbon-receipt+jws";
const CERTIFICATE_TYPE = "carbon-certificate+jws";

/**
 * The name of a P-256 key by its content (RFC 7638).
 * @param {{kty: string, crv: string, x: string, y: string}} jwk
 * @returns {Promise<string>}
 */
export async function thumbprint({ crv, kty, x, y }) {
  return base64url(await sha256(utf8(canonicalJson({ crv, kty, x, y }))));
}

/**
 * Takes a compact JWS apart, a receipt's or that of another type; an Error says why it is not one.
 * @param {string} jws
 * @param {string} type
 * @returns {{header: any, payload: Uint8Array, signature: BufferSource, signed: BufferSource}}
 */
export function readJws(jws, type = RECEIPT_TYPE) {
  const parts = String(jws).split(".");
  if (parts.length !== 3) {
    throw new Error(`A compact JWS has three parts, this has ${parts.length}.`);
  }
  const [head, payload, signature] = parts.map(fromBase64url);
  const header = parseJson(textOf(head));
  const { alg, typ, jwk, kid, crit } = header ?? {};
  if (alg !== "ES256") {
    throw new Error(`The algorithm is ${show(alg)}, not "ES256".`);
  }
  if (typ !== type) {
    throw new Error(`The type is ${show(typ)}, not "${type}".`);
  }
  if (crit !== undefined) {
    throw new Error("The header asks for extensions that nothing here has.");
  }
  if (jwk?.kty !== "EC" || jwk.crv !== "P-256" || [jwk.x, jwk.y, kid].some(isNoText)) {
    throw new Error("The header names no P-256 key.");
  }
  if (signature.length !== 64) {
    throw new Error(`The signature has ${signature.length} bytes, not 64.`);
  }
  return { header, payload, signature, signed: utf8(`${parts[0]}.${parts[1]}`) };
}

/**
 * Whether the key in the header signed the payload.
 * @param {ReturnType<typeof readJws>} jws
 * @returns {Promise<boolean>}
 */
export async function isSigned({ header, signature, signed }) {
  const { kty, crv, x, y } = header.jwk;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  let key;
  try {
    key = await subtle().importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]);
  } catch {
    return false;
  }
  return subtle().verify(algorithm, key, signature, signed);
}

/** What is wrong with the key in a header: its name, or that the service does not publish it. */
async function keyProblem({ kid, jwk }, jwks) {
  const name = await thumbprint(jwk);
  if (kid !== name) {
    return `The key is named ${show(kid)}, but its thumbprint is ${show(name)}.`;
  }
  if (jwks === null) {
    return null;
  }
  const published = jwks.keys.find((each) => each?.kid === kid);
  if (published === undefined) {
    return `The key ${kid} is not among those that the service publishes.`;
  }
  const isSame = ["kty", "crv", "x", "y"].every((part) => published[part] === jwk[part]);
  return isSame ? null : `The service publishes another key under the name ${kid}.`;
}

function textOf(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

function isNoText(value) {
  return typeof value !== "string";
}

// ------------------------------------------------------------------------------------- Receipts

/**
 * Something that is wrong: where, as a JSON pointer into the body, and what, as a sentence.
 * @typedef {{pointer: string, sentence: string}} Finding
 */

const RECEIPT_VERSION = 2;
const HOUR_MS = 3_600_000;
const LEDGER_OFFSET_MS = 8 * HOUR_MS;
const SHOWN_LENGTH_MAX = 120;

/**
 * Verifies a receipt from its signature to the last milligram; no finding means that all is well.
 *
 * Give the body as the text that was received: a receipt may hold whole numbers that JSON.parse
 * would round. Throws an Error for what is no receipt at all.
 * @param {string | {receipt: object, jws: string}} body
 * @param {{jwks: {keys: object[]} | null, released?: Record<string, string>}} trusted the service's
 *   keys, null where only the signature itself shall be checked; and the digests of released
 *   versions by reference, where they are at hand
 * @returns {Promise<Finding[]>}
 */
export async function verifyReceipt(body, { jwks, released = {} }) {
  const { receipt, jws } = readSigned(body, "receipt", jwks);
  return [
    ...(await signatureFindings({ name: "receipt", type: RECEIPT_TYPE, said: receipt, jws }, jwks)),
    ...(await recomputationFindings(receipt, released)),
  ];
}

/**
 * Verifies a certificate: who signed it, that it says what was signed, and that its lots and its
 * methodologies add up to it. Which lines its hashes are of, only the sealed days can show.
 * @param {string | {certificate: object, jws: string}} body the text as it was received
 * @param {{jwks: {keys: object[]} | null}} trusted
 * @returns {Promise<Finding[]>}
 */
export async function verifyCertificate(body, { jwks }) {
  const { certificate, jws } = readSigned(body, "certificate", jwks);
  const signed = { name: "certificate", type: CERTIFICATE_TYPE, said: certificate, jws };
  return [...(await signatureFindings(signed, jwks)), ...sumFindings(certificate)];
}

function sumFindings({ reduction_mg: written, lots, methodologies }) {
  const total = (parts) => parts.reduce((sum, part) => sum + BigInt(part.reduction_mg), 0n);
  return Object.entries({ lots, methodologies }).flatMap(([name, parts]) => {
    let sum;
    try {
      sum = total(parts);
    } catch {
      sum = undefined; // something is not a list of whole numbers
    }
    const sentence = `The sum here is ${show(sum)}, not ${show(written)}.`;
    return isSameLeaf(written, sum) ? [] : [{ pointer: `/certificate/${name}`, sentence }];
  });
}

/** A body with something signed under `name`; an Error says that it is none. */
function readSigned(body, name, jwks) {
  if (jwks !== null && !Array.isArray(jwks?.keys)) {
    throw new Error("Give the service's keys as a JWK set, or null to leave them out.");
  }
  const read = typeof body === "string" ? parseJson(body) : body;
  if (!isObject(read) || !isObject(read[name]) || isNoText(read.jws)) {
    throw new Error(`This is not a ${name}: it has no "${name}" and "jws".`);
  }
  return read;
}

async function signatureFindings({ name, type, said, jws }, jwks) {
  const findings = [];
  const report = (sentence) => findings.push({ pointer: "/jws", sentence });
  let parts;
  let payload;
  try {
    parts = readJws(jws, type);
  } catch (error) {
    report(error.message);
    return findings;
  }
  if (!(await isSigned(parts))) {
    report(`The signature is not one of the key ${parts.header.kid} over this payload.`);
  }
  const problem = await keyProblem(parts.header, jwks);
  if (problem !== null) {
    report(problem);
  }
  try {
    payload = parseJson(textOf(parts.payload));
  } catch (error) {
    report(`What was signed cannot be read. ${error.message}`);
    return findings;
  }
  if (canonicalJson(payload) !== textOf(parts.payload)) {
    report("What was signed is not in canonical form.");
  }
  for (const { pointer, written, expected } of differences(said, payload, `/${name}`)) {
    const sentence = `The ${name} says ${show(written)}, but ${show(expected)} was signed.`;
    findings.push({ pointer, sentence });
  }
  return findings;
}

async function recomputationFindings(receipt, released) {
  const { entry, methodology: document } = receipt;
  const findings = await methodologyFindings(receipt, released);
  const report = (pointer, sentence) => findings.push({ pointer, sentence });
  let methodology;
  try {
    methodology = readMethodology(document);
  } catch (error) {
    report("/receipt/methodology", error.message);
  }
  const misshapen = shapeFindings(entry, ENTRY_SHAPE, "/receipt/entry");
  if (methodology === undefined || misshapen.length > 0) {
    return [...findings, ...misshapen];
  }
  findings.push(...applicabilityFindings(entry, methodology));
  const { values, problems } = inputsOf(entry, methodology);
  for (const { name, sentence } of problems) {
    report(pointerTo("/receipt/entry/inputs", name), sentence);
  }
  if (problems.length > 0) {
    return findings;
  }
  let expected;
  try {
    expected = await recomputed(entry, methodology, values);
  } catch (error) {
    report("/receipt/measurement", `It cannot be worked out. ${error.message}`);
    return findings;
  }
  return [...findings, ...recomputedFindings(receipt, expected)];
}

async function methodologyFindings(receipt, released) {
  const { methodology: document, methodology_digest: written } = receipt;
  if (!isObject(document)) {
    return [{ pointer: "/receipt/methodology", sentence: "It should be an object." }];
  }
  const findings = [];
  const digest = await methodologyDigest(document);
  for (const each of differences(written, digest, "/receipt/methodology_digest")) {
    const sentence = `The receipt says ${show(written)}, of its methodology it is ${show(digest)}.`;
    findings.push({ pointer: each.pointer, sentence });
  }
  const reference = referenceOf(document);
  if (Object.hasOwn(released, reference) && released[reference] !== digest) {
    const sentence = `${reference} was released with the digest ${released[reference]}.`;
    findings.push({ pointer: "/receipt/methodology", sentence });
  }
  return findings;
}

/** An amendment keeps what its event reported, all of which its own methodology may not read. */
function inputsOf({ inputs, amendment }, methodology) {
  const known = new Set(methodology.inputs.map(({ name }) => name));
  const isEvent = BigInt(amendment) === 0n;
  const read = Object.entries(inputs).filter(([name]) => isEvent || known.has(name));
  return readInputs(methodology, Object.fromEntries(read));
}

/** What a methodology is for, and when it is in force, by the day in UTC+8. */
function applicabilityFindings(entry, { use, document, reference }) {
  const findings = [];
  if (use !== "credit" || document.scenario !== entry.scenario) {
    const sentence = `${reference} does not credit the scenario ${show(entry.scenario)}.`;
    findings.push({ pointer: "/receipt/entry/scenario", sentence });
  }
  const local = new Date(Date.parse(entry.occurred_at) + LEDGER_OFFSET_MS);
  const day = local.toISOString().slice(0, 10);
  const { effective_from: from, effective_until: until } = document;
  // An amendment may apply another version than that of the day.
  const isEvent = BigInt(entry.amendment) === 0n;
  if (isEvent && (day < from || (until !== undefined && day >= until))) {
    const sentence = `${reference} was not in force on ${day}.`;
    findings.push({ pointer: "/receipt/entry/occurred_at", sentence });
  }
  return findings;
}

/**
 * The receipt without its methodology, worked out from that and from the facts of the entry that
 * nothing else in a receipt implies.
 */
async function recomputed(entry, methodology, inputs) {
  const worked = cases(methodology, inputs);
  const measured = measure(methodology, inputs, worked);
  const booking = bookingOf(entry, measured.reductionMg);
  const cause = causeOf(entry);
  const { original } = entry;
  const isReversal = original?.kind === "reversal";
  /** @type {Record<string, any>} */
  const derived = {
    ...only(entry, ENTRY_SHAPE),
    original: original === null ? null : only(original, ORIGINAL_SHAPE),
    entry_id: `e_${base64url(utf8(cause))}`,
    cause,
    methodology: methodology.reference,
    // After a reversal nothing stands, and nothing can be missing from it.
    missing: isReversal ? [] : measured.missing,
    reduction_mg: booking.booked_mg,
    low_mg: isReversal ? 0n : measured.lowMg,
    high_mg: isReversal ? 0n : measured.highMg,
    points: isReversal ? -BigInt(original.points) : entry.points,
    evidence_grade: gradeOf(entry, measured),
  };
  derived.detail_digest = await detailDigest(derived);
  derived.hash = await entryHash(derived);
  return {
    version: RECEIPT_VERSION,
    label: labelFor(methodology, measured.missing),
    measurement: {
      cases: worked.map((each) => writtenCase(each, methodology)),
      reduction_mg: measured.reductionMg,
      down_mg: measured.downMg,
      up_mg: measured.upMg,
      activity_mg2: measured.activityMg2,
      low_mg: measured.lowMg,
      high_mg: measured.highMg,
      evidence_grade: measured.evidenceGrade,
      missing: measured.missing,
    },
    booking,
    entry: derived,
  };
}

/** What only its user vouches for has the lowest grade; a reversal keeps that of what it undoes. */
function gradeOf({ original, reason }, measured) {
  if (original?.kind === "reversal") {
    return original.evidence_grade;
  }
  return reason === CLAIMED ? BigInt(GRADE_WORST) : measured.evidenceGrade;
}

/** Only what a shape names, so that whatever else was written is found to be too much. */
function only(value, shape) {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, value[name]]));
}

function writtenCase({ name, values, steps }, methodology) {
  return {
    case: name,
    values: Object.fromEntries([...values].map(([each, value]) => [each, plain(value)])),
    steps: methodology.steps.map((step) => ({
      name: step.name,
      unit: step.unit,
      expression: step.formula.text,
      value: plain(steps.get(step.name)),
    })),
    reduction_mg: reductionMg({ steps }),
  };
}

/**
 * A credit books what was measured, a correction the difference, a completion no less than 0, and a
 * reversal takes back what stood.
 */
function bookingOf({ original }, measuredMg) {
  const beforeMg = BigInt(original?.reduction_mg ?? 0);
  const differenceMg = measuredMg - beforeMg;
  const neverLess = original?.kind === "completion" && differenceMg < 0n;
  const takenBack = original?.kind === "reversal" ? -beforeMg : differenceMg;
  return {
    kind: original?.kind ?? "credit",
    before_mg: beforeMg,
    measured_mg: measuredMg,
    booked_mg: neverLess ? 0n : takenBack,
  };
}

/** Compares in the order in which a result comes about, so that the first finding is the cause. */
function recomputedFindings(receipt, expected) {
  // These have been looked at already.
  const { methodology: _, methodology_digest: __, ...written } = receipt;
  const findings = [];
  const say = ({ pointer, written: one, expected: other }, about = "") => {
    const sentence = `${about}The receipt says ${show(one)}, recomputed it is ${show(other)}.`;
    findings.push({ pointer, sentence });
  };
  const { cases: worked, ...rest } = expected.measurement;
  if (isObject(written.measurement)) {
    const { cases: writtenCases, ...writtenRest } = written.measurement;
    caseFindings(writtenCases, worked, say);
    written.measurement = writtenRest;
  }
  const ordered = { ...expected, measurement: rest };
  differences(written, ordered, "/receipt").forEach((each) => say(each));
  if (expected.measurement.down_mg < 0n || expected.measurement.up_mg < 0n) {
    const sentence = "The methodology's bounds lie on the wrong side of its values.";
    findings.push({ pointer: "/receipt/methodology/parameters", sentence });
  }
  return findings;
}

/** Of each case, the first step that differs: those that follow rest on it. */
function caseFindings(written, expected, say) {
  const pointer = "/receipt/measurement/cases";
  if (!Array.isArray(written) || written.length !== expected.length) {
    const count = Array.isArray(written) ? BigInt(written.length) : written;
    say({ pointer, written: count, expected: BigInt(expected.length) }, "Number of cases: ");
    return;
  }
  expected.forEach(({ steps, ...rest }, number) => {
    const at = pointerTo(pointer, number);
    const one = isObject(written[number]) ? written[number] : {};
    const { steps: writtenSteps, ...writtenRest } = one;
    const about = `Case ${show(rest.case)}`;
    differences(writtenRest, rest, at).forEach((each) => say(each, `${about}: `));
    const [first] = differences(writtenSteps, steps, `${at}/steps`);
    if (first !== undefined) {
      const step = steps[Number(first.pointer.slice(`${at}/steps/`.length).split("/")[0])];
      say(first, step ? `${about}, step ${show(step.name)}: ` : `${about}: `);
    }
  });
}

/**
 * Every place where two JSON values differ, in document order; undefined stands for nothing.
 * @param {unknown} written
 * @param {unknown} expected
 * @param {string} pointer
 * @returns {{pointer: string, written: unknown, expected: unknown}[]}
 */
function differences(written, expected, pointer) {
  const areLists = Array.isArray(written) && Array.isArray(expected);
  if (areLists || (isObject(written) && isObject(expected))) {
    const names = new Set([...Object.keys(expected), ...Object.keys(written)]);
    const member = (of, name) => (Object.hasOwn(of, name) ? of[name] : undefined);
    return [...names].flatMap((name) =>
      differences(member(written, name), member(expected, name), pointerTo(pointer, name)),
    );
  }
  return isSameLeaf(written, expected) ? [] : [{ pointer, written, expected }];
}

function isSameLeaf(written, expected) {
  if (written === undefined || expected === undefined) {
    return written === expected;
  }
  if (isCompound(written) || isCompound(expected)) {
    return false;
  }
  return canonicalJson(written) === canonicalJson(expected);
}

function isCompound(value) {
  return value !== null && typeof value === "object";
}

function isObject(value) {
  return isCompound(value) && !Array.isArray(value);
}

function pointerTo(pointer, name) {
  return `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

// What the facts of an entry look like that nothing else in the receipt implies.
const text = { is: (value) => typeof value === "string" && value !== "", should: "be a text" };
const whole = {
  is: (value) => typeof value === "bigint" || Number.isSafeInteger(value),
  should: "be a whole number",
};
const count = { is: (value) => whole.is(value) && value >= 0, should: "be 0 or more" };
const flag = { is: (value) => typeof value === "boolean", should: "be true or false" };
const matching = (pattern, should) => ({ is: (v) => text.is(v) && pattern.test(v), should });
const hash = matching(/^[0-9a-f]{64}$/, "be 64 hexadecimal digits");
const instant = {
  is: (value) => {
    const isWritten = text.is(value) && /^2[01]\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
    const at = isWritten ? new Date(value) : new Date(Number.NaN);
    return !Number.isNaN(at.getTime()) && at.toISOString() === value;
  },
  should: "be an instant in UTC with milliseconds",
};
const day = {
  is: (value) => {
    const isWritten = text.is(value) && /^2[01]\d\d-\d\d-\d\d$/.test(value);
    const at = isWritten ? new Date(`${value}T00:00:00Z`) : new Date(Number.NaN);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
  },
  should: "be a day",
};
const orNull = ({ is, should }) => ({
  is: (value) => value === null || is(value),
  should: `${should} or null`,
});
const ORIGINAL_SHAPE = {
  kind: matching(
    /^(completion|correction|reversal)$/,
    'be "completion", "correction" or "reversal"',
  ),
  methodology: text,
  reduction_mg: count,
  down_mg: count,
  up_mg: count,
  activity_mg2: count,
  evidence_grade: { is: (v) => whole.is(v) && v >= 1 && v <= GRADE_WORST, should: "be 1 to 5" },
  provisional: flag,
  points: count,
};
const ENTRY_SHAPE = {
  account_id: text,
  seq: { is: (value) => whole.is(value) && value >= 1, should: "be 1 or more" },
  scenario: text,
  partner: text,
  event_id: text,
  amendment: count,
  occurred_at: instant,
  booked_at: instant,
  inputs: {
    is: (value) => isObject(value) && Object.values(value).every(text.is),
    should: "be numbers, written as text",
  },
  points: whole,
  spend_by: orNull(day),
  reason: orNull(text),
  consent_number: count,
  payload_digest: hash,
  salt: matching(/^([0-9a-f]{2})+$/, "be hexadecimal"),
  previous_hash: hash,
  original: { is: (value) => value === null || isObject(value), should: "be an object or null" },
};

function shapeFindings(value, shape, pointer) {
  if (!isObject(value)) {
    return [{ pointer, sentence: "It should be an object." }];
  }
  const findings = Object.entries(shape)
    .filter(([name, { is }]) => !Object.hasOwn(value, name) || !is(value[name]))
    .map(([name, { should }]) => ({
      pointer: pointerTo(pointer, name),
      sentence: `It is ${show(value[name])}, and should ${should}.`,
    }));
  if (shape === ENTRY_SHAPE && findings.length === 0) {
    const { original, amendment } = value;
    if (original === null ? amendment > 0 : BigInt(amendment) === 0n) {
      const sentence = "An amendment names what it amends, an event's own entry does not.";
      findings.push({ pointer: `${pointer}/amendment`, sentence });
    } else if ((original?.kind === "reversal") === [null, CLAIMED].includes(value.reason)) {
      const sentence = "A reversal says why, and nothing else does but what was claimed.";
      findings.push({ pointer: `${pointer}/reason`, sentence });
    } else if (BigInt(value.points) !== 0n && value.spend_by === null) {
      findings.push({ pointer: `${pointer}/spend_by`, sentence: "Points have a last day." });
    } else if (original !== null) {
      return shapeFindings(original, ORIGINAL_SHAPE, `${pointer}/original`);
    }
  }
  return findings;
}

/** A value as it stands in a sentence. */
function show(value) {
  if (value === undefined) {
    return "nothing";
  }
  let shown;
  try {
    shown = canonicalJson(value);
  } catch {
    shown = String(value);
  }
  return shown.length > SHOWN_LENGTH_MAX ? `${shown.slice(0, SHOWN_LENGTH_MAX)}…` : shown;
}
