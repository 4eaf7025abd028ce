/** The web page's own addresses, behind the same login as REST (poly.md A.8). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import type { ParameterMap } from '../parameters.ts';
import { fields, text, xml } from '../replies.ts';
import { parseParameters, renderOverrides } from './config.ts';
import { POLY_LAYERS } from './defaults.ts';
import { bootLog } from './log.ts';
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
      return readLog(phone, fields(request.query));
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

function readLog(phone: PolyPhone, query: ReadonlyMap<string, string>): ControlReply {
  const body = query.get('value') === 'boot' ? bootLog(phone) : phone.log.text();
  if (query.get('clear') === '1') phone.log.clear();
  return text(200, body);
}
