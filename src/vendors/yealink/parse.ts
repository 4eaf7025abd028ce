/**
 * Reads Yealink's files as they occur: boot, common, MAC, MAC-local and exports, with comments in any encoding,
 * indentation, includes and CRLF (yealink.md A2, A3).
 */
import { isSecretName } from '../catalogue.ts';
import type { ParsedFile, ParsedParameter } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { invalidFile } from '../xml.ts';
import { EMPTY } from './render.ts';

type Warning = ParsedFile['warnings'][number];

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_LINE = 70_000;
const MAX_WARNINGS = 100;

const INCLUDE = /^(?:\[([^\]]{0,500})\])?\s*include:config\s*(?:"([^"]*)"|<([^>]*)>|(\S+))\s*$/;
const ASSIGNMENT = /^([^\s=#]+)\s*=(.*)$/s;
const KEY = /^[A-Za-z_][\w.-]{0,255}$/;

export function parse(knowledge: Knowledge, name: string, body: Uint8Array): ParsedFile {
  const start = { line: 1, column: 1 };
  if (body.length > MAX_BYTES) throw invalidFile(name, start, `the file has more than ${MAX_BYTES} bytes`);
  const warnings: Warning[] = [];
  const references: string[] = [];
  const parameters = new Map<string, ParsedParameter>();
  let blank = 0;

  function warn(line: number, column: number, message: string): void {
    if (warnings.length < MAX_WARNINGS) warnings.push({ line, column, message });
  }

  let number = 0;
  for (const raw of splitLines(body)) {
    number += 1;
    const { text, exact } = decodeLine(raw);
    const indent = text.length - text.trimStart().length;
    const content = text.trim();
    const column = indent + 1;
    if (number === 1) checkFirstLine(name, content, warn);
    if (content === '' || content.startsWith('#')) continue;
    if (raw.length > MAX_LINE) throw invalidFile(name, { line: number, column }, 'the line is too long');
    const include = INCLUDE.exec(content);
    if (include !== null) {
      references.push(include[2] ?? include[3] ?? include[4] ?? '');
      continue;
    }
    const assignment = ASSIGNMENT.exec(content);
    const key = assignment?.[1] ?? '';
    if (assignment === null || !KEY.test(key)) {
      if (content.includes('\0')) throw invalidFile(name, { line: number, column }, 'this is no text');
      warn(number, column, 'this line is neither a parameter nor an include and was left out');
      continue;
    }
    const value = (assignment[2] ?? '').trim();
    if (!exact) throw invalidFile(name, { line: number, column }, `the value of ${key} is not UTF-8`);
    if (value === '') {
      // A3: leaves the phone's value as it is, so it says nothing.
      blank += 1;
      continue;
    }
    const known = parameters.get(key);
    if (known !== undefined && known.value !== (value === EMPTY ? '' : value))
      warn(number, column, `${key} stands in line ${known.line} already; the later one counts`);
    parameters.delete(key);
    const secret = isSecretName(knowledge.catalogue, key) ? { secret: true } : {};
    parameters.set(key, { name: key, value: value === EMPTY ? '' : value, line: number, column, ...secret });
  }
  if (blank > 0) warn(1, 1, `${blank} parameters without a value were left out; ${EMPTY} is what empties one`);
  return { parameters: [...parameters.values()], references, warnings };
}

function checkFirstLine(
  name: string,
  content: string,
  warn: (line: number, column: number, message: string) => void,
): void {
  if (content.startsWith('#!encrypt')) throw invalidFile(name, { line: 1, column: 1 }, 'the file is encrypted');
  if (content.startsWith('<')) throw invalidFile(name, { line: 1, column: 1 }, 'this is XML, no Yealink configuration');
  if (!/^#!version:\S+$/.test(content))
    warn(1, 1, "the first line is not '#!version:1.0.0.1': phones ignore such a file");
}

/** Lines as bytes, without their ends and without a BOM. */
function* splitLines(body: Uint8Array): Iterable<Uint8Array> {
  let start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (start <= body.length) {
    const end = body.indexOf(0x0a, start);
    const stop = end === -1 ? body.length : end;
    yield body.subarray(start, stop > start && body[stop - 1] === 0x0d ? stop - 1 : stop);
    if (end === -1) return;
    start = end + 1;
  }
}

/** Yealink's own templates hold GB18030 in comments (security.md section e); only values must be UTF-8. */
function decodeLine(bytes: Uint8Array): { readonly text: string; readonly exact: boolean } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { text, exact: !text.includes('\ufffd') };
}
