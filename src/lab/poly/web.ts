/** The web page's own addresses, behind the same login as REST (poly.md A.8). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import type { ParameterMap } from '../parameters.ts';
import { fields, text, xml } from '../replies.ts';
import { parseParameters, renderOverrides } from './config.ts';
import { POLY_LAYERS } from './defaults.ts';
import type { PolyPhone } from './phone.ts';

export async function webPage(phone: PolyPhone, request: ControlRequest): Promise<ControlReply> {
  switch (`${request.method} ${request.path}`) {
    case 'POST /form-submit/Reboot':
      return done(phone, () => phone.reboot('web page'));
    case 'POST /form-submit/Restart':
      return done(phone, () => phone.restart('web page'));
    case 'POST /form-submit/resetToDefault':
      return done(phone, () => phone.resetLayers(['web', 'local', 'device']));
    case 'POST /form-submit/Utilities/restorePhoneToFactory':
      return done(phone, () => phone.factoryReset('web page', POLY_LAYERS));
    case 'PUT /form-submit/Utilities/configuration/importFile':
      return importFile(phone, request.body);
    case 'GET /Utilities/configuration/exportFile':
      return xml(renderOverrides(exported(phone, fields(request.query).get('source') ?? '-1')));
    case 'GET /Diagnostics/log':
      return text(200, log(phone, fields(request.query).get('value') ?? 'app'));
    default:
      return text(404, 'Not Found');
  }
}

function done(phone: PolyPhone, run: () => unknown): ControlReply {
  phone.afterAnswer(run);
  return text(200, 'CONF_CHANGE', 'text/html');
}

async function importFile(phone: PolyPhone, body: Buffer): Promise<ControlReply> {
  try {
    await phone.setByWeb([...parseParameters(body)]);
    return text(200, 'success');
  } catch (error) {
    if (error instanceof LabError && error.code === 'unparsable') return text(400, error.message);
    throw error;
  }
}

/** Which number is which layer was never verified (poly.md I); here: all, or one layer in the order of precedence. */
function exported(phone: PolyPhone, source: string): ParameterMap {
  const layer = { '1': 'config', '2': 'local', '5': 'web', '6': 'device' }[source];
  return layer === undefined ? new Map(phone.parameters.entries()) : phone.parameters.layer(layer);
}

function log(phone: PolyPhone, kind: string): string {
  const seconds = (phone.uptime / 1000).toFixed(3).padStart(10, '0');
  const events = [`Initial log entry. ${phone.model}, ${kind === 'boot' ? phone.details.updater : phone.firmware}`];
  for (const { user, registered } of phone.lines)
    events.push(registered ? `Registration succeeded ${user}` : `Registration failed ${user}`);
  return events.map((event) => `${seconds}|${kind === 'boot' ? 'so   ' : 'sip  '}|*|00|${event}\n`).join('');
}
