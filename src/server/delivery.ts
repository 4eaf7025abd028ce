/** Giving a phone what it may have: its rendered files, its enrolment file, common files; and taking its uploads. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ConfigurationSource, configurationFor, enrolmentFor } from '../sdk/configuration/configuration.ts';
import { isPhonectlError } from '../sdk/errors.ts';
import type { ServedDevice } from '../sdk/ports/serving.ts';
import type { Access, Claim } from './access.ts';
import { end } from './answers.ts';
import { answerFor, sendBytes } from './file-response.ts';
import type { Fleet } from './fleet.ts';
import { type Learning, ofVendor } from './learning.ts';
import type { Outcome } from './metrics.ts';
import { fileFor, namesAnother } from './names.ts';
import type { RenderCache, Rendering } from './render-cache.ts';
import type { StoredFiles } from './stored-files.ts';
import type { Target } from './target.ts';
import type { Tree } from './tree.ts';
import type { Uploads } from './uploads.ts';

export interface DeliveryOptions {
  readonly fleet: Fleet;
  readonly access: Access;
  readonly uploads: Uploads;
  readonly cache: RenderCache;
  readonly learning: Learning;
  readonly tree: Tree | undefined;
  readonly stored: StoredFiles;
  /** Everything that rendering takes but the base, which changes. */
  readonly source: Omit<ConfigurationSource, 'base'>;
  readonly now: () => number;
}

/** A request with its two ends and what it asks for. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target | undefined;
}

export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Answers a phone inside its enrolment window. */
  async enrol({ request, response, target }: Exchange, device: ServedDevice, claim: Claim): Promise<Outcome> {
    const { access, source, fleet, learning, now } = this.#options;
    if (target === undefined || namesAnother(fleet.drivers, `/${target.name}`, device) || !reads(request)) {
      end(request, response, 404);
      return 'enrolment';
    }
    const files = await enrolmentFor({ ...source, base: fleet.base }, device);
    const driver = fleet.driver(device.vendor);
    const wanted = fileFor(driver, device, target.name, (name) =>
      files.find((file) => file.name.toLowerCase() === name),
    );
    if (wanted === undefined) {
      end(request, response, 404);
      return 'enrolment';
    }
    const { body, contentType, name } = wanted;
    // Neither tag nor date mean anything here: the file is fetched once or twice and never again.
    sendBytes(request, response, { size: body.length, contentType, etag: '"enrolment"', modified: now() }, body);
    if (request.method === 'GET') {
      learning.did(device, claim, 'enrolment', name);
      access.issued(device, claim.at);
    }
    return 'enrolment';
  }

  /** The device's files as they are now; from the cache where nothing that they depend on has changed. */
  async rendering(stored: ServedDevice, { identification }: Claim): Promise<Rendering> {
    const { cache, source, fleet } = this.#options;
    // What this very request says of the phone counts before what was said last time has reached the store.
    const { model, firmware } = ofVendor(identification, stored);
    const device = { ...stored, model: stored.model ?? model ?? null, firmware: firmware ?? stored.firmware };
    const { base } = fleet;
    const key = this.#keyOf(device);
    const render = async (): ReturnType<typeof configurationFor> => {
      try {
        return await configurationFor({ ...source, base }, device);
      } catch (error) {
        if (isPhonectlError(error) && error.code !== 'locked')
          this.#options.learning.unrenderable(stored, error.message);
        throw error;
      }
    };
    return cache.get(device.id, key, render, () => this.#keyOf(device) === key);
  }

  /** What the device's files depend on, as it is now. */
  #keyOf(device: ServedDevice): string {
    const { source, fleet } = this.#options;
    const { version, siteVersion, provisioning, vendor, model, firmware } = device;
    let key = `${version}|${siteVersion}|${provisioning}|${vendor}|${model}|${firmware}|${fleet.base.revision}`;
    for (const layer of source.layers) key += `|${layer.revision?.(device) ?? ''}`;
    return key;
  }

  /** Answers a phone that proved to be this device. `rendering` is asked for only when a file is. */
  async serve(
    { request, response, target }: Exchange,
    device: ServedDevice,
    claim: Claim,
    rendering: () => Promise<Rendering>,
  ): Promise<Outcome> {
    const { fleet } = this.#options;
    if (target === undefined || target.name === '') {
      end(request, response, 404);
      return 'own';
    }
    if (!reads(request)) return this.#take({ request, response, target }, device, claim);
    const { digest, files } = await rendering();
    const file = fileFor(fleet.driver(device.vendor), device, target.name, (name) => files.get(name));
    // A name that leads to one of its own files is no other device's, unless it says so in front of it.
    if (file !== undefined && (files.has(target.name) || !namesAnother(fleet.drivers, `/${target.name}`, device))) {
      const { status } = sendBytes(request, response, file, file.body);
      if (request.method === 'GET' && (status === 200 || status === 304)) {
        this.#options.learning.served(device, claim, file.name, digest, status);
      }
      return 'own';
    }
    if (!namesAnother(fleet.drivers, `/${target.name}`, device)) {
      const sent = await this.#options.stored.send(request, response, device, target.name);
      if (sent !== undefined) {
        const { learning, now } = this.#options;
        if (sent.until > 0) learning.downloaded(device, { ...claim, at: now() }, sent.file, sent.until);
        return 'static';
      }
      if (request.method === 'HEAD' && (await this.#sendSize({ request, response, target }, device))) return 'upload';
      if (await this.#sendStatic({ request, response, target })) return 'static';
    }
    end(request, response, 404);
    return 'own';
  }

  /** The device's own upload name that this is, as its driver spells it in lower case. */
  #uploadName(device: ServedDevice, name: string): string | undefined {
    const driver = this.#options.fleet.driver(device.vendor);
    if (driver === undefined) return undefined;
    const wanted = name.toLowerCase();
    if (driver.isCrashFile?.(wanted) === true) return wanted;
    const files = driver.files({
      ...(device.mac !== null && { mac: device.mac }),
      ...(device.serial !== null && { serial: device.serial }),
      ...(device.model !== null && { model: device.model }),
      ...(device.firmware !== null && { firmware: device.firmware }),
      vendor: driver.vendor,
      name: device.name,
      lines: [],
    });
    return files.find((file) => file.kind === 'upload' && file.name.toLowerCase() === wanted)?.name.toLowerCase();
  }

  async #take({ request, response, target }: Exchange, device: ServedDevice, claim: Claim): Promise<Outcome> {
    const { uploads, learning } = this.#options;
    const name = target && this.#uploadName(device, target.name);
    if (name === undefined) {
      end(request, response, 404);
      return 'upload';
    }
    const { status, headers } = await uploads.receive(request, device, name);
    end(request, response, status, headers);
    if (status < 300) learning.did(device, claim, 'upload', name);
    return 'upload';
  }

  /** Phones ask for the size of their log before they append to it. */
  async #sendSize({ request, response, target }: Exchange, device: ServedDevice): Promise<boolean> {
    const name = target && this.#uploadName(device, target.name);
    const size = name === undefined ? undefined : await this.#options.uploads.sizeOf(device, name);
    if (size === undefined) return false;
    end(request, response, 200, { 'content-length': size });
    return true;
  }

  async #sendStatic({ request, response, target }: Exchange): Promise<boolean> {
    const found = target && (await this.#options.tree?.find(target.name));
    if (found === undefined) return false;
    const { handle, facts } = found;
    const answer = answerFor(request, facts);
    response.writeHead(answer.status, answer.headers);
    if (request.method === 'HEAD' || !('start' in answer) || answer.end === answer.start) {
      await handle.close();
      response.end();
      return true;
    }
    const stream = handle.createReadStream({ start: answer.start, end: answer.end - 1 });
    // A phone that hangs up in the middle is no error of ours; the stream closes its file either way.
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
    return true;
  }
}

function reads({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}
