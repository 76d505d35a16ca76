/** A receipt worked out anew, step by step, as the page shows it. */

import { canonicalJson, cases, parseJson, plain, readInputs, readMethodology, verifyReceipt } from "./evaluator.mjs";

/** The case that a reduction is booked by; the others are its bounds. */
const CENTRAL = 0;
const STEPS = `/receipt/measurement/cases/${CENTRAL}/steps/`;

/**
 * What a receipt says beside what comes out here. `isSame` is of the whole receipt: signature,
 * inputs, each step, bounds, booking and hashes. Throws an Error for what is no receipt.
 * @param {string} text the answer of the service, as it was received
 * @param {{jwks: object, released: Record<string, string>}} trusted
 * @returns {Promise<{isSame: boolean, steps: object[], inputs: object[], findings: object[]}>}
 */
export async function rework(text, trusted) {
  const findings = await verifyReceipt(text, trusted);
  const { receipt } = parseJson(text);
  const differing = new Set(
    findings
      .filter(({ pointer }) => pointer.startsWith(STEPS))
      .map(({ pointer }) => Number(pointer.slice(STEPS.length).split("/")[0])),
  );
  const here = stepsHere(receipt);
  const written = receipt.measurement?.cases?.[CENTRAL]?.steps ?? [];
  const steps = written.map((step, number) => ({
    name: String(step.name),
    unit: String(step.unit),
    expression: String(step.expression),
    written: String(step.value),
    here: here.get(step.name) ?? null,
    differs: differing.has(number),
  }));
  const inputs = Object.entries(receipt.entry?.inputs ?? {}).map(([name, value]) => ({
    name,
    value: String(value),
  }));
  return { isSame: findings.length === 0, steps, inputs, findings };
}

/** The same receipt with another number at its last step, for whoever wants to see it found. */
export function tampered(text) {
  const body = parseJson(text);
  const step = body.receipt.measurement.cases[CENTRAL].steps.at(-1);
  step.value = `${step.value}${step.value.includes(".") ? "" : "."}1`;
  return canonicalJson(body);
}

/** The steps' values by name as they come out here; none where they cannot be worked out. */
function stepsHere({ methodology: document, entry }) {
  try {
    const methodology = readMethodology(document);
    const known = new Set(methodology.inputs.map(({ name }) => name));
    const reported = Object.entries(entry.inputs).filter(([name]) => known.has(name));
    const { values } = readInputs(methodology, Object.fromEntries(reported));
    const [central] = cases(methodology, values);
    return new Map([...central.steps].map(([name, value]) => [name, plain(value)]));
  } catch {
    return new Map(); // the findings say why
  }
}
