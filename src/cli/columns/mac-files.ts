/** How MAC files look. */
import type { MacFileWritten } from '../../sdk/macfiles/mac-files.ts';
import type { Style } from '../style.ts';
import { cleanText, count } from '../text.ts';

/** What was taken over, and what was left out. */
export function macFileLines({ device, version, parameters, protected: left }: MacFileWritten, style: Style): string[] {
  const what = version === null ? '' : `Version ${version}, `;
  return [
    `${style.paint('green', style.symbol('ok'))} ${device}: ${what}${count(parameters, 'parameter')}`,
    ...(left.length > 0
      ? [`Left out, since they decide who holds the phone: ${left.map((name) => cleanText(name)).join(', ')}`]
      : []),
  ];
}
