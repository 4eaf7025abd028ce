/** Which paths and methods there are. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PhonectlError } from '../../sdk/errors.ts';
import { sendProblem } from './output.ts';
import { toProblem } from './problems.ts';

/** The path and query of a request. Throws `not_found` for what is not a path in its plain spelling. */
export function parseTarget(target: string): URL {
  // Only paths: what a proxy is asked (`GET https://…`) is not ours to answer.
  const url =
    target.startsWith('/') && URL.canParse(target, 'https://api') ? new URL(target, 'https://api') : undefined;
  // Nor what has another spelling (dots, backslashes): a proxy in front may have judged it by that.
  if (url === undefined || url.host !== 'api' || url.pathname !== target.split('?', 1)[0]) throw noPath();
  return url;
}

export function noPath(): PhonectlError {
  return new PhonectlError('not_found', 'There is nothing at this path.', { hints: ['See /v1/openapi.json.'] });
}

/** Whether the method is one of these; otherwise the answer has been given. */
export function allows(request: IncomingMessage, response: ServerResponse, ...allowed: readonly string[]): boolean {
  if (allowed.includes(request.method ?? '')) return true;
  response.setHeader('allow', allowed.join(', '));
  const error = new PhonectlError(
    'invalid_input',
    `${request.method} is not possible here, only ${allowed.join(', ')}.`,
  );
  request.resume();
  sendProblem(response, { ...toProblem(error), status: 405 });
  return false;
}
