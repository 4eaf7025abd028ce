/** The driver of Cisco MPP phones (multiplatform firmware, `-3PCC`). */
import type { BaseContext, Driver, RenderedFile } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { asMap, CA_FILE, utf8 } from '../support.ts';
import { createActions } from './actions.ts';
import { ADMIN_USER, base, bootstrapParameters, enrolmentParameters, upgradeRule } from './base.ts';
import { textPage } from './commands.ts';
import { diagnosis, KEPT, logSettings } from './diagnosis.ts';
import { bootEvidence, events, upgradeFailure } from './events.ts';
import { files } from './files.ts';
import { identify, macInPath } from './identify.ts';
import { lines } from './lines.ts';
import { parse } from './parse.ts';
import { profile, render, renderFiles } from './render.ts';

/** See {@link Driver.isProtected}. */
const PROTECTED =
  /^(?:(?:Admin|User)_Passw(?:or)?d|Profile_Rule(?:_[B-D])?|Profile_Authentication_Type|Provision_Enable|GPP_S?[A-P]|Custom_CA_Rule|DHCP(?:v6)?_Option_To_Use|Enable_(?:Web_Server|Web_Admin_Access|Direct_Action_Url|Protocol)|Report_Rule|PRT_Upload_Rule|Upgrade_Rule|ACS_\w+|CISCO_XML_EXE_\w+)(?:@ua)?$/i;

const DOCUMENT = { extension: 'xml', contentType: 'text/xml; charset=utf-8' } as const;

export function createCiscoDriver(knowledge: Knowledge): Driver {
  return {
    vendor: 'cisco',
    label: 'Cisco',
    adminUser: ADMIN_USER,
    noNetworkTools: 'no documented request makes it send a ping or trace a way',
    catalogue: knowledge.catalogue,
    isProtected: (name) => PROTECTED.test(name),
    identify: (request) => identify(knowledge.models, request),
    macInPath,
    files: (device) => files(knowledge, device),
    base,
    lines: (device) => lines(knowledge, device),
    firmwareRule: upgradeRule,
    render: (device, effective) => render(knowledge, device, effective),
    enrolment: (device, context) => [
      ...renderFiles(knowledge, device, asMap(enrolmentParameters(context))),
      ...authority(context),
    ],
    bootstrap(context) {
      const body = utf8(profile(asMap(bootstrapParameters(context))));
      // A phone that knows only our host asks for `$PSN.xml` (cisco.md 2).
      const products = knowledge.models.list({ vendor: 'cisco' }).flatMap(({ userAgents }) => userAgents.slice(0, 1));
      const contentType = 'text/xml; charset=utf-8';
      return [...products.map((product) => ({ name: `${product}.xml`, contentType, body })), ...authority(context)];
    },
    overrides: [],
    document: (parameters) => ({ ...DOCUMENT, body: utf8(profile(asMap(parameters))) }),
    parse: (name, body) => parse(knowledge, name, body),
    textPage: (text) => ({ contentType: 'text/xml; charset=utf-8', body: textPage(text) }),
    bootEvidence,
    upgradeFailure,
    diagnosis: (_device, change) => diagnosis(change),
    kept: () => KEPT,
    logSettings: (_device, effective) => logSettings(effective),
    events,
    actions: createActions(knowledge),
  };
}

function authority({ caCertificate }: Pick<BaseContext, 'caCertificate'>): RenderedFile[] {
  return caCertificate === undefined
    ? []
    : [{ name: CA_FILE, contentType: 'application/x-x509-ca-cert', body: utf8(caCertificate) }];
}
