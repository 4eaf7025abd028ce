/** Input fields that roles, keys and users share. */
import { check, type GenericSchema, nonEmpty, pipe, rawCheck, string, transform } from 'valibot';
import { MOMENT_FORMS, parseMoment } from '../../domain/moment.ts';
import { formatCidr, parseCidr } from '../../domain/subnet.ts';
import { checkName, checkText } from '../../domain/text.ts';

/** A name: printable, 1 to 255 characters, blanks around it cut off. */
export function nameInput(): GenericSchema<string, string> {
  return pipe(
    string(),
    rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? checkName(dataset.value) : undefined;
      if (problem !== undefined) addIssue({ message: problem });
    }),
    transform((name) => name.normalize('NFC').trim()),
  );
}

/** Free text: printable, up to 4,000 characters, may be empty. */
export function textInput(): GenericSchema<string, string> {
  return pipe(
    string(),
    rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? checkText(dataset.value) : undefined;
      if (problem !== undefined) addIssue({ message: problem });
    }),
  );
}

// Deliberately loose: one @, something on both sides, no blanks. Whether mail arrives is the only real test.
const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,190}$/u;

export function emailInput(): GenericSchema<string, string> {
  return pipe(
    nameInput(),
    check((email) => EMAIL.test(email), 'is not an e-mail address'),
  );
}

/** A host name or an address, without port. */
export function hostInput(): GenericSchema<string, string> {
  return pipe(
    string(),
    check((host) => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9a-fA-F:]{2,45}$/.test(host), 'is not a host'),
  );
}

/** A subnet in CIDR form, normalised; a bare address is a subnet of one. */
export function networkInput(): GenericSchema<string, string> {
  return pipe(
    string(),
    check((text) => parseCidr(text) !== undefined, 'is not a subnet such as 10.20.0.0/16'),
    transform((text) => formatCidr(parseCidr(text)!.cidr)),
  );
}

/** An http(s) address without user information. */
export function urlInput(): GenericSchema<string, string> {
  return pipe(
    string(),
    check((text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      return (
        url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === ''
      );
    }, 'is not an http or https address'),
  );
}

const PERMISSION = /^(?:\*|[a-z][a-z-]*:(?:\*|[a-z][a-z-]*)|\*:[a-z][a-z-]*)$/;

/** `device:read`, `device:*`, `*:read` or `*`. Whether it means anything is checked against the operations. */
export function permissionInput(): GenericSchema<string, string> {
  return pipe(
    string(),
    nonEmpty(),
    check((text) => PERMISSION.test(text), 'is not a permission such as device:read'),
  );
}

/** A time, as milliseconds. */
export function timeInput(): GenericSchema<string, number> {
  return pipe(
    string(),
    check((text) => parseMoment(text) !== undefined, `is not a time such as ${MOMENT_FORMS}`),
    transform((text) => parseMoment(text) ?? 0),
  );
}

/** Milliseconds as an ISO 8601 time, `null` for never. */
export function isoTime(time: number): string;
export function isoTime(time: number | null): string | null;
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
