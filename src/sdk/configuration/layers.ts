/**
 * The stack between a device and its files: who contributes which sources, low to high (design.md section 4).
 * A further kind of layer is one more provider in this list; nothing else knows how many there are.
 */
import type { LayerSource } from '../../domain/effective.ts';
import { LAYERS } from '../../domain/effective.ts';
import type { BaseContext, Driver, RenderDevice } from '../../vendors/driver.ts';
import { DiagnosisLayer } from '../diagnosis/layer.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { ServedDevice } from '../ports/serving.ts';
import type { Repositories } from '../ports/store.ts';
import { macFileLayer, ProfileLayers } from '../profiles/layers.ts';
import { documentSource } from './document.ts';

/** What a provider may look at. */
export interface LayerSubject {
  readonly stored: ServedDevice;
  /** The CSV profile as it is stored. */
  readonly document: string | null;
  readonly device: RenderDevice;
  readonly driver: Driver;
  readonly base: BaseContext;
  readonly secrets: SecretBox;
}

export interface LayerProvider {
  /** Brings what the provider keeps of the store up to date; to be awaited before the others when the store has changed. */
  refresh?(): Promise<void>;
  /** Changes whenever the device's sources can have changed in a way that its own version does not show. */
  revision?(stored: ServedDevice): string;
  sources(subject: LayerSubject): Promise<readonly LayerSource[]> | readonly LayerSource[];
}

const BASE_LAYERS: readonly LayerProvider[] = [
  { sources: ({ driver, device, base }) => [driver.base(device, base), ...syslogSource(driver, device, base)] },
  { sources: ({ driver, device }) => driver.lines(device) },
  {
    sources: ({ stored, document, secrets }) => {
      const source = documentSource(stored, document, secrets);
      return source === undefined ? [] : [source];
    },
  },
];

/** DIAG-07, as far as the phone can be told: some know one port only, or one transport, or say not who they are. */
function syslogSource(driver: Driver, device: RenderDevice, base: BaseContext): readonly LayerSource[] {
  if (base.syslog === undefined) return [];
  const { server, port, transport } = base.syslog;
  const least = {
    server,
    ...(port !== 514 && { port }),
    ...(transport !== 'udp' && { transport }),
  };
  for (const syslog of [{ ...least, prependMac: true }, least]) {
    const told = driver.diagnosis(device, { syslog }, base);
    if ('parameters' in told) return [{ layer: 'base', source: 'phonectl syslog', parameters: told.parameters }];
  }
  return [];
}

/** Everything that a device's configuration is made of. */
export function configurationLayers(
  { profiles, diagnoses }: Pick<Repositories, 'profiles' | 'diagnoses'>,
  secrets: SecretBox,
): readonly LayerProvider[] {
  return [
    ...BASE_LAYERS,
    new ProfileLayers(profiles, secrets),
    new DiagnosisLayer(diagnoses, secrets),
    macFileLayer(profiles, secrets),
  ];
}

/** The sources of all providers in the order of their layers; within a layer in the order of the providers. */
export async function collectSources(
  providers: readonly LayerProvider[],
  subject: LayerSubject,
): Promise<readonly LayerSource[]> {
  const sources: LayerSource[] = [];
  for (const provider of providers) sources.push(...(await provider.sources(subject)));
  return sources.sort((a, b) => LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer));
}
