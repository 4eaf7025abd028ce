/** The driver of Yealink phones: desk, conference, video and DECT bases. */
import type { BaseContext, Driver, RenderDevice, RenderedFile } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { asMap, CA_FILE, utf8 } from '../support.ts';
import { createActions } from './actions.ts';
import { ADMIN_USER, base, bootstrapParameters, enrolmentParameters } from './base.ts';
import { diagnosis, kept, logSettings } from './diagnosis.ts';
import { bootEvidence, events } from './events.ts';
import { files } from './files.ts';
import { identify, macInPath } from './identify.ts';
import { lines } from './lines.ts';
import { parse } from './parse.ts';
import { configFile, render, renderFiles } from './render.ts';

/** See {@link Driver.isProtected}. */
const PROTECTED =
  /^(?:static\.)?(?:auto_?provision\.|security\.|(?:trusted|server)_certificates\.|zero_touch\.|managementserver\.|custom_(?:factory_configuration|mac_cfg)\.|configuration\.url$|firmware\.url$|features\.action_uri|push_xml\.|action_url\.)/i;

const DOCUMENT = { extension: 'cfg', contentType: 'text/plain; charset=utf-8' } as const;

export function createYealinkDriver(knowledge: Knowledge): Driver {
  return {
    vendor: 'yealink',
    label: 'Yealink',
    noNetworkTools: "only the vendor's own cloud makes it send a ping or trace a way (YMCS)",
    adminUser: ADMIN_USER,
    catalogue: knowledge.catalogue,
    isProtected: (name) => PROTECTED.test(name),
    identify: (request) => identify(knowledge.models, request),
    macInPath,
    files: (device) => files(knowledge, device),
    base: (device, context) => base(knowledge, device, context),
    lines: (device) => lines(knowledge, device),
    render: (device, effective) => render(knowledge, device, effective),
    enrolment: (device, context) => enrolment(knowledge, device, context),
    bootstrap(context) {
      const body = utf8(configFile(asMap(bootstrapParameters(context))));
      // A factory phone asks for its own two names first, gets 404 and comes to the common boot or configuration file;
      // which one of the many y0…NN.cfg it asks for does not matter, they all may be answered with this.
      const names = ['y000000000000.boot', 'y000000000000.cfg'];
      return [
        ...names.map((name) => ({ name, contentType: 'text/plain; charset=utf-8', body })),
        ...authority(context),
      ];
    },
    overrides: [{ layer: 'local', upload: '-local.cfg' }],
    document: (parameters) => ({ ...DOCUMENT, body: utf8(configFile(asMap(parameters))) }),
    parse: (name, body) => parse(knowledge, name, body),
    bootEvidence,
    diagnosis: (device, change, places) => diagnosis(knowledge, device, change, places),
    kept: (device) => kept(knowledge, device),
    logSettings: (device, effective) => logSettings(knowledge, device, effective),
    events: (request) => events(knowledge.models, request),
    actions: createActions(knowledge),
  };
}

/** No `overwrite_mode`: the phone's other settings are not ours yet. */
function enrolment(knowledge: Knowledge, device: RenderDevice, context: BaseContext): readonly RenderedFile[] {
  const values = asMap(enrolmentParameters(knowledge, device, context));
  return [...renderFiles(knowledge, device, values, undefined), ...authority(context)];
}

function authority({ caCertificate }: Pick<BaseContext, 'caCertificate'>): RenderedFile[] {
  return caCertificate === undefined
    ? []
    : [{ name: CA_FILE, contentType: 'application/x-x509-ca-cert', body: utf8(caCertificate) }];
}
