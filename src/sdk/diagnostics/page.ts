/** The page of a support bundle: one file, no scripts, nothing from elsewhere. */

export interface Section {
  readonly name: string;
  readonly title: string;
  readonly body: Uint8Array;
}

export interface BundleFacts {
  readonly device: string;
  readonly name: string;
  readonly model: string;
  readonly firmware: string;
  /** ISO 8601. */
  readonly at: string;
  readonly findings: readonly { readonly level: string; readonly text: string; readonly hint: string | null }[];
  readonly sections: readonly Section[];
  readonly missing: readonly string[];
}

/** Of long texts the end is shown: that is where the trouble is. The file has all of it. */
const SHOWN = 20_000;

const PICTURE = /\.(?:png|bmp|jpg)$/;

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; }
  h1 { font-size: 1.5rem; margin-bottom: 0; }
  .facts { color: GrayText; margin-top: 0.25rem; }
  details { border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: 0.4rem; margin: 0.5rem 0; }
  summary { cursor: pointer; font-weight: 600; padding: 0.5rem 0.8rem; }
  pre { margin: 0; max-height: 30rem; overflow: auto; padding: 0.8rem; font-size: 0.85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  img { display: block; margin: 0.8rem; max-width: calc(100% - 1.6rem); border: 1px solid GrayText; }
  .missing li, .problem { color: color-mix(in srgb, firebrick 70%, CanvasText); }
`;

export function bundlePage(bundle: BundleFacts): string {
  const { device, name, model, firmware, at, findings, sections, missing } = bundle;
  const title = `${name === '' ? device : name}: support bundle`;
  const facts = [device, model, firmware, `collected ${at}`]
    .filter((fact) => fact !== '')
    .map(html)
    .join(' · ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    `<title>${html(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${html(title)}</h1>`,
    `<p class="facts">${facts}</p>`,
    '<p>Passwords and other secrets that phonectl knows are replaced by asterisks.</p>',
    ...(findings.length === 0 ? [] : ['<h2>Findings</h2>', '<ul>', ...findings.map(findingHtml), '</ul>']),
    ...(missing.length === 0
      ? []
      : [
          '<h2>Not collected</h2>',
          '<ul class="missing">',
          ...missing.map((text) => `<li>${html(text)}</li>`),
          '</ul>',
        ]),
    '<h2>Collected</h2>',
    ...sections.map(sectionHtml),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function findingHtml({ level, text, hint }: BundleFacts['findings'][number]): string {
  const advice = hint === null ? '' : ` <code>${html(hint)}</code>`;
  return `<li class="${html(level)}">${html(text)}${advice}</li>`;
}

function sectionHtml({ name, title, body }: Section, index: number): string {
  const link = `<p style="padding: 0 0.8rem"><a href="${html(encodeURI(name))}">${html(name)}</a>, ${body.length} bytes</p>`;
  const open = index === 0 || PICTURE.test(name) ? ' open' : '';
  return `<details${open}><summary>${html(title)}</summary>${link}${contentHtml(name, body)}</details>`;
}

function contentHtml(name: string, body: Uint8Array): string {
  if (PICTURE.test(name)) return `<img src="${html(encodeURI(name))}" alt="Screen of the phone">`;
  if (/\.(?:tar|gz|bin|pcap)$/.test(name)) return '';
  const text = new TextDecoder().decode(body.subarray(Math.max(0, body.length - SHOWN)));
  // Controls other than line breaks and tabs would be escape sequences in a terminal and boxes here.
  return `<pre>${html(text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd'))}</pre>`;
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
