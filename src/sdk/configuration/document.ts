/** The CSV profile of a device (PROF-21, 22): the top layer that an import writes. */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import { PhonectlError } from '../errors.ts';
import type { SecretBox } from '../ports/secrets.ts';
import { type DeviceKey, deviceKey } from './credentials.ts';

type Entry = { readonly value: string } | { readonly sealed: string };

/** Name of the row that secret values of a device's document are sealed for. */
export function documentRow(device: DeviceKey): string {
  return `device:${deviceKey(device)}:document`;
}

/** The document as a source of the `csv` layer; `undefined` when the device has none. Throws `wrong_key`, `damaged`. */
export function documentSource(
  device: DeviceKey,
  document: string | null,
  secrets: SecretBox,
): LayerSource | undefined {
  if (document === null) return undefined;
  const row = documentRow(device);
  const parameters = Object.entries(readDocument(document, row)).map(
    ([name, entry]): Parameter =>
      'sealed' in entry
        ? { name, value: secrets.open(Buffer.from(entry.sealed, 'base64'), row), secret: true }
        : { name, value: entry.value },
  );
  return parameters.length === 0 ? undefined : { layer: 'csv', source: 'csv profile', parameters };
}

function readDocument(text: string, row: string): Readonly<Record<string, Entry>> {
  try {
    return JSON.parse(text) as Record<string, Entry>;
  } catch (cause) {
    throw new PhonectlError('damaged', `The CSV profile of ${row} cannot be read.`, {
      hints: ['Import the device again with --update overwrite.'],
      cause,
    });
  }
}
