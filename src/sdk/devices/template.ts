/** An empty device file with instructions, the models that may be used, and the sites there are (CSV-17). */

import { assetPath } from '../assets.ts';
import type { OperationContext } from '../context.ts';
import { vendorNamed } from './model.ts';

/** Names on one comment line. */
const ACROSS = 12;

export async function deviceTemplate(context: OperationContext): Promise<{ readonly csv: string }> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { loadModels } = await import('../../vendors/registry.ts');
  const [places, approvals, catalogue] = await Promise.all([
    context.read.devices.places(context.scope),
    context.read.devices.approvedModels(),
    loadModels(context.home),
  ]);
  const models = catalogue
    .list()
    .filter(({ vendor, name }) => vendorNamed(vendor) !== undefined && isApproved(approvals, vendor, name))
    .map(({ name }) => name);
  const notes = [
    '# Models:',
    ...acrossLines(models),
    '# Sites:',
    ...acrossLines(places.map(({ name }) => name).sort()),
  ];
  const template = readFileSync(assetPath('templates', 'csv', 'devices.csv'), 'utf8');
  return { csv: template.replace('# {models and sites}', notes.join('\n')) };
}

function isApproved(approvals: readonly { vendor: string; model: string }[], vendor: string, name: string): boolean {
  return approvals.length === 0 || approvals.some((entry) => entry.vendor === vendor && entry.model === name);
}

function acrossLines(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < names.length; start += ACROSS) {
    lines.push(`#   ${names.slice(start, start + ACROSS).join(', ')}`);
  }
  return lines;
}
