/** The driver of Poly (Polycom) phones: VVX, Trio, SoundPoint, SoundStation, CCX, Edge. */
import type { Driver } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { asMap } from '../support.ts';
import { createActions } from './actions.ts';
import { ADMIN_USER, base, bootstrapParameters, enrolmentParameters } from './base.ts';
import { diagnosis, KEPT, logSettings } from './diagnosis.ts';
import { bootEvidence, events } from './events.ts';
import { files, isCrashFile } from './files.ts';
import { identify, macInPath } from './identify.ts';
import { lines } from './lines.ts';
import { parse } from './parse.ts';
import { document, render, renderFiles } from './render.ts';

/** See {@link Driver.isProtected}. */
const PROTECTED =
  /^(?:device\.(?:set$|auth\.|prov\.|dhcp\.bootSrv|sec\.TLS\.)|sec\.(?:TLS\.(?:customCaCert|profile)|pwd\.)|httpd\.|apps\.(?:restapi|push|statePolling|telNotification)\.)/i;

export function createPolyDriver(knowledge: Knowledge): Driver {
  return {
    vendor: 'poly',
    label: 'Poly',
    adminUser: ADMIN_USER,
    noNetworkTools: 'no documented request makes it send a ping or trace a way',
    catalogue: knowledge.catalogue,
    isProtected: (name) => PROTECTED.test(name),
    identify: (request) => identify(knowledge.models, request),
    macInPath,
    files,
    isCrashFile,
    base: (device, context) => base(knowledge, device, context),
    lines: (device) => lines(knowledge, device),
    render,
    enrolment: (device, context) => renderFiles(device, new Map(), asMap(enrolmentParameters(context))),
    // What a phone asks for when the server knows nothing of it (C.2): the file that is for everybody.
    bootstrap: (context) =>
      renderFiles(
        { mac: '000000000000', vendor: 'poly', name: '', lines: [] },
        new Map(),
        asMap(bootstrapParameters(context)),
      ),
    overrides: [
      { layer: 'local', upload: '-phone.cfg' },
      { layer: 'web', upload: '-web.cfg' },
    ],
    document,
    parse: (name, body) => parse(knowledge, name, body),
    bootEvidence,
    diagnosis: (_device, change) => diagnosis(change),
    kept: () => KEPT,
    logSettings: (_device, effective) => logSettings(effective),
    events,
    actions: createActions(knowledge),
  };
}
