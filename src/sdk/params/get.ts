/** REST-03: single parameters as phones run them. */
import type { OperationContext } from '../context.ts';
import { type AskOptions, askPhones } from '../control/ask.ts';

export interface ParameterReport {
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable';
  readonly reason: string | null;
  /** Null in the one row of a phone that did not answer. */
  readonly parameter: string | null;
  /** Null where the phone does not show it, as with passwords, or does not know the parameter. */
  readonly value: string | null;
  /** The phone's own name of the layer that it comes from. */
  readonly layer: string | null;
}

const NOT_TOLD = 'it does not tell what it runs';

/** A row per phone and parameter. A phone that knows no parameter of that name says so in `reason`. */
export async function* getParameters(
  context: OperationContext,
  options: AskOptions,
  names: readonly string[],
): AsyncGenerator<ParameterReport> {
  const asked = askPhones(context, options, async ({ driver, target }, transport, signal) => {
    const { running } = driver.actions;
    const reason = running === undefined ? NOT_TOLD : running.notApplicable(target);
    if (running === undefined || reason !== undefined) return { reason: reason ?? NOT_TOLD };
    return { answer: await running.read(target, names, transport, signal) };
  });
  for await (const { device, name, result, reason, answer } of asked) {
    const base = { device, name, result, reason, parameter: null, value: null, layer: null };
    if (answer === undefined) yield base;
    else {
      for (const parameter of names) {
        const found = answer.find((each) => each.name.toLowerCase() === parameter.toLowerCase());
        if (found === undefined) yield { ...base, parameter, reason: 'it knows no such parameter' };
        else {
          const hidden = found.value === undefined ? 'it does not show it' : null;
          yield { ...base, parameter, value: found.value ?? null, layer: found.layer ?? null, reason: hidden };
        }
      }
    }
  }
}
