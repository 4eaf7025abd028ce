/** Objects as JSON lines on stdin (PLAT-11): one a line, checked by the operation that takes them. */
import { PhonectlError } from '../sdk/errors.ts';
import { readLines } from './streams.ts';

/** Reads them all. What the lines hold is not checked here: `T` is what the operation's schema will see to. */
export async function readJsonLines<T>(): Promise<T[]> {
  const lines = await readLines('-');
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as T;
    } catch (cause) {
      throw new PhonectlError('invalid_data', `Line ${index + 1} on stdin is not JSON: ${(cause as Error).message}.`, {
        hints: ['Write one object a line, such as {"name":"Berlin"}.'],
        cause,
      });
    }
  });
}
