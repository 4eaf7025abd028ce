/** Poly's control interface: REST, push, polling, web page (poly.md A, B). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import type { LabServices } from '../services.ts';
import type { PolyPhone } from './phone.ts';

export async function answerPoly(
  _phone: PolyPhone,
  _services: LabServices,
  _request: ControlRequest,
): Promise<ControlReply> {
  return { status: 404 };
}
