/** What a Yealink phone asks for and in which order (yealink.md A1). */
import type { FileSpec, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { CA_FILE, deviceKey, modelOf } from '../support.ts';
import { generationOf } from './generation.ts';

export function bootName(device: RenderDevice): string {
  return `${deviceKey(device)}.boot`;
}

export function configName(device: RenderDevice): string {
  return `${deviceKey(device)}.cfg`;
}

/** `y0000000000NN.cfg` of the model; with 0 where the model or its number is not known. */
export function commonName(knowledge: Knowledge, device: RenderDevice): string {
  const number = modelOf(knowledge, device)?.commonFile ?? 0;
  return `y${String(number).padStart(12, '0')}.cfg`;
}

export function files(knowledge: Knowledge, device: RenderDevice): readonly FileSpec[] {
  const key = deviceKey(device);
  const boot: FileSpec[] =
    generationOf(knowledge, device) === 'boot' ? [{ name: bootName(device), kind: 'config' }] : [];
  return [
    ...boot,
    { name: commonName(knowledge, device), kind: 'config' },
    { name: configName(device), kind: 'config' },
    { name: CA_FILE, kind: 'static' },
    { name: `${key}-local.cfg`, kind: 'upload' },
    { name: `${key}-contact.xml`, kind: 'upload' },
    { name: `${key}-calllog.xml`, kind: 'upload' },
    { name: `${key}-boot.log`, kind: 'upload' },
    { name: `${key}-sys.log`, kind: 'upload' },
  ];
}
