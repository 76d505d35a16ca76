/** Days, amounts and the bars of a chart, as the page shows them; nothing here asks the service. */

const UNITS_S = [["day", 86_400], ["hour", 3600], ["minute", 60]];
const MG_PER_G = 1000;
const MG_PER_KG = 1_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LEDGER_OFFSET_MS = 8 * HOUR_MS;

/** The ledger's day, in UTC+8, at an instant in milliseconds. */
export function ledgerDay(instantMs) {
  return new Date(instantMs + LEDGER_OFFSET_MS).toISOString().slice(0, 10);
}

/** The `count` days that end with `last`, oldest first. */
export function daysUntil(last, count) {
  const end = Date.parse(last);
  const isoDay = (back) => new Date(end - back * DAY_MS).toISOString().slice(0, 10);
  return Array.from({ length: count }, (_, number) => isoDay(count - 1 - number));
}

/** The `count` months that end with that of the day `last`, oldest first, as "2026-11". */
export function monthsUntil(last, count) {
  const [year, month] = last.split("-").map(Number);
  const isoMonth = (back) =>
    new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7);
  return Array.from({ length: count }, (_, number) => isoMonth(count - 1 - number));
}

/**
 * What has a reduction to show: months and years, newest first, and "all".
 * @param {{period: string, total: {reduction_mg: number}}[]} months
 * @param {{reduction_mg: number}} total
 */
export function sharablePeriods(months, total) {
  const sums = new Map();
  for (const { period, total: each } of months) {
    for (const name of [period, period.slice(0, 4)]) {
      sums.set(name, (sums.get(name) ?? 0) + each.reduction_mg);
    }
  }
  const found = [...sums.keys()].filter((name) => sums.get(name) > 0).sort().reverse();
  const isMonth = (name) => name.includes("-");
  const ordered = [...found.filter(isMonth), ...found.filter((name) => !isMonth(name))];
  return total.reduction_mg > 0 ? [...ordered, "all"] : ordered;
}

/** A time in seconds, in its largest whole unit; never less than one minute. */
export function duration(seconds, language) {
  const [unit, size] = UNITS_S.find(([, each]) => seconds >= each) ?? UNITS_S.at(-1);
  const count = Math.max(1, Math.floor(seconds / size));
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/**
 * Milligrams in grams, or in kilograms from one on; the range is in the unit of the value.
 * @returns {{value: string, low: string, high: string, unit: "g" | "kg"}}
 */
export function shown({ reduction_mg: central, low_mg: low, high_mg: high }, language) {
  const isLarge = Math.abs(central) >= MG_PER_KG;
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: isLarge ? 2 : 1 });
  const write = (mg) => format.format(mg / (isLarge ? MG_PER_KG : MG_PER_G));
  return { value: write(central), low: write(low), high: write(high), unit: isLarge ? "kg" : "g" };
}

/**
 * Milligrams to the last one, for what is paid or asked for, in grams or kilograms.
 * @param {number} mg
 * @param {string} language
 * @param {Intl.NumberFormatOptions} options such as signs
 */
export function exact(mg, language, options = {}) {
  const isLarge = Math.abs(mg) >= MG_PER_KG;
  const { unit, digits } = isLarge ? { unit: "kg", digits: 6 } : { unit: "g", digits: 3 };
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: digits, ...options });
  return `${format.format(mg / (isLarge ? MG_PER_KG : MG_PER_G))} ${unit}`;
}

// From a wide digit, point or minus to the narrow one.
const WIDE_OFFSET = 0xfee0;

/**
 * Text with the wide digits of keyboards for Chinese as narrow ones. Others that only look like
 * digits stay: "1²" is not twelve.
 */
export function narrow(text) {
  return text.replace(/[０-９．－]/gu, (each) => String.fromCharCode(each.charCodeAt(0) - WIDE_OFFSET));
}

// Behind the point of a typed amount; and no more before it than a request can ask for.
const DECIMALS = { g: 3, kg: 6 };
const WHOLE_DIGITS_MAX = { g: 12, kg: 9 };

/**
 * What somebody typed as an amount, in milligrams; null for what is none, is nothing, or is finer
 * than a milligram. Digits are read, never a fraction, so that nothing is rounded.
 * @param {string} text
 * @param {"g" | "kg"} unit
 * @returns {number | null}
 */
export function typedMg(text, unit) {
  const found = /^(\d+)(?:\.(\d+))?$/.exec(narrow(text).trim());
  if (found === null) {
    return null;
  }
  const whole = found[1].replace(/^0+/, "");
  const decimals = (found[2] ?? "").replace(/0+$/, "");
  if (whole.length > WHOLE_DIGITS_MAX[unit] || decimals.length > DECIMALS[unit]) {
    return null;
  }
  return Number(`${whole}${decimals.padEnd(DECIMALS[unit], "0")}`) || null;
}

/**
 * One bar for each period, those without entries too, in a field of `width` by `height`; zero lies
 * at `zero`, and what was taken back hangs below it.
 * @param {string[]} periods
 * @param {Map<string, number>} amounts milligrams by period
 */
export function bars(periods, amounts, { width, height }) {
  const values = periods.map((period) => amounts.get(period) ?? 0);
  const top = Math.max(0, ...values);
  const span = top - Math.min(0, ...values) || 1;
  const zero = (top / span) * height;
  const step = width / periods.length;
  const drawn = periods.map((period, number) => {
    const size = (Math.abs(values[number]) / span) * height;
    return {
      period,
      mg: values[number],
      x: number * step + step * 0.15,
      y: values[number] < 0 ? zero : zero - size,
      width: step * 0.7,
      height: size,
    };
  });
  return { zero, bars: drawn };
}
