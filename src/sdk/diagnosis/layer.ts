/** The settings of a diagnosis as a layer: above all that people configure, below the MAC file. */
import type { LayerSource } from '../../domain/effective.ts';
import type { LayerProvider, LayerSubject } from '../configuration/layers.ts';
import type { Diagnosis, DiagnosisRepository } from '../ports/diagnoses.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { ServedDevice } from '../ports/serving.ts';
import { open } from '../profiles/parameters.ts';

/** Name of the source, as `config explain` shows it. */
export const DIAGNOSIS = 'diagnosis';

/** What the sealed values of a diagnosis are named after. */
export function sealedFor({ uid }: Pick<Diagnosis, 'uid'>): string {
  return `diagnosis:${uid}`;
}

export class DiagnosisLayer implements LayerProvider {
  readonly #repository: DiagnosisRepository;
  readonly #secrets: SecretBox;
  constructor(repository: DiagnosisRepository, secrets: SecretBox) {
    this.#repository = repository;
    this.#secrets = secrets;
  }

  /** Read anew each time, as the sources are: a phone is told of a change at once and comes before anything is refreshed. */
  revision({ id }: ServedDevice): string {
    return this.#repository.find(id)?.uid ?? '';
  }

  sources({ stored }: LayerSubject): readonly LayerSource[] {
    const diagnosis = this.#repository.find(stored.id);
    if (diagnosis === undefined) return [];
    const parameters = open(sealedFor(diagnosis), diagnosis.parameters, this.#secrets);
    return [{ layer: 'diagnosis', source: DIAGNOSIS, parameters }];
  }
}
