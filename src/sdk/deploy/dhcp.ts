/**
 * Snippets for DHCP servers that lead phones here (NET-12, NET-13; neutral.md section 5). Pure: text out. They never
 * hold a login: everybody on the network can read what DHCP says. Every value passes through one quoting function per
 * format, which refuses what the format cannot carry.
 */
import { PhonectlError } from '../errors.ts';

export const DHCP_FORMATS = ['isc', 'kea', 'dnsmasq', 'windows'] as const;
export type DhcpFormat = (typeof DHCP_FORMATS)[number];

export const DHCP_VENDORS = ['poly', 'yealink', 'cisco'] as const;
export type DhcpVendor = (typeof DHCP_VENDORS)[number];

/** How a vendor's phones are known, and where they look. */
interface VendorRule {
  readonly vendor: DhcpVendor;
  /** Blocks, six lower-case hex digits each. */
  readonly ouis: readonly string[];
  /** Text in option 60, the vendor class; `contains` where it stands anywhere in it. `begins` is its beginning. */
  readonly vendorClass?: { readonly text: string; readonly match: 'is' | 'contains'; readonly begins: string };
  /** Options that carry the URL: 66 is the common one, 160 and 161 the vendors' own. */
  readonly options: readonly number[];
  readonly url: string;
}

export interface DhcpInput {
  /** `https://prov.example.net/`. */
  readonly url: string;
  readonly vendors: readonly DhcpVendor[];
  readonly ouis: Readonly<Record<DhcpVendor, readonly string[]>>;
  /** IPv4 addresses of time servers, option 42: phones without the time accept no certificate. */
  readonly timeServers: readonly string[];
}

/**
 * Poly: 160 on openSIP phones, 161 on Microsoft ones, 66 on all (poly.md C.1). Yealink: 66 and, where the phone lists
 * them, 160 and 161 (yealink.md A9). Cisco: 66 first, 160 next (cisco.md section 2); with `$MA.xml` it asks for its own file.
 */
function ruleOf(vendor: DhcpVendor, { url, ouis }: DhcpInput): VendorRule {
  switch (vendor) {
    case 'poly':
      return { vendor, ouis: ouis.poly, options: [66, 160, 161], url };
    case 'yealink':
      return {
        vendor,
        ouis: ouis.yealink,
        vendorClass: { text: 'yealink', match: 'is', begins: 'yealink' },
        options: [66, 160],
        url,
      };
    case 'cisco':
      // Cisco phones are known by option 60 alone: their blocks are those of all of Cisco's gear.
      return {
        vendor,
        ouis: [],
        vendorClass: { text: '-3PCC', match: 'contains', begins: 'CP-' },
        options: [66, 160],
        url: `${url}$MA.xml`,
      };
  }
}

/** The snippet. Throws `invalid_input` for a URL or an address that a DHCP option cannot carry. */
export function dhcpSnippet(format: DhcpFormat, input: DhcpInput): string {
  const url = checkedUrl(input.url);
  const timeServers = input.timeServers.map(checkedAddress);
  const checked = { ...input, url, timeServers };
  const rules = input.vendors.map((vendor) => ruleOf(vendor, checked));
  return { isc, kea, dnsmasq, windows }[format](rules, timeServers);
}

/** RFC 2132: an option carries 255 bytes. What a URL never holds unescaped is refused rather than trusted to quoting. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new PhonectlError('invalid_input', `"${text.slice(0, 80)}" is not an https:// or http:// URL.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new PhonectlError('invalid_input', 'A URL in DHCP cannot hold a login: the whole network reads it.', {
      hints: ['Phones enrol with the provisioning account, or with their certificate.'],
    });
  }
  const value = `${url.origin}${url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`}`;
  if (value.length > 240 || !/^[\x21-\x7e]+$/.test(value) || /["'`\\,;]/.test(value)) {
    throw new PhonectlError(
      'invalid_input',
      'The URL is too long for a DHCP option, or holds quotes, commas or blanks.',
    );
  }
  return value;
}

function checkedAddress(text: string): string {
  if (process.getBuiltinModule('node:net').isIPv4(text)) return text;
  throw new PhonectlError('invalid_input', `Option 42 carries IPv4 addresses, not "${text.slice(0, 80)}".`, {
    hints: ['Give the address of a time server: --ntp 10.20.0.1.'],
  });
}

const ABOUT = [
  'Leads phones to the provisioning server. No login here: the whole network reads DHCP.',
  'Made by phonectl deploy dhcp; run it again after the URL has changed.',
] as const;
const NO_TIME = 'No time server given (--ntp): a phone that does not know the time accepts no certificate.';

function comments(timeServers: readonly string[], mark: string): string[] {
  return [...ABOUT, ...(timeServers.length === 0 ? [NO_TIME] : [])].map((text) => `${mark} ${text}`);
}

/** ISC dhcpd: dhcp-eval(5), dhcp-options(5). */
function isc(rules: readonly VendorRule[], timeServers: readonly string[]): string {
  const own = new Set(rules.flatMap(({ options }) => options.filter((option) => option !== 66)));
  const lines = [
    ...comments(timeServers, '#'),
    ...[...own].sort().map((code) => `option phone-url-${code} code ${code} = text;`),
  ];
  for (const { vendor, ouis, vendorClass, options, url } of rules) {
    const tests = [
      ...(vendorClass === undefined
        ? []
        : vendorClass.match === 'is'
          ? [`(option vendor-class-identifier = ${quoted(vendorClass.text)})`]
          : [`(option vendor-class-identifier ~= ${quoted(vendorClass.text)})`]),
      ...ouis.map((oui) => `(substring(hardware, 1, 3) = ${colons(oui)})`),
    ];
    lines.push('', `class ${quoted(`phonectl-${vendor}`)} {`, `  match if ${tests.join('\n    or ')};`);
    for (const option of options) {
      lines.push(`  option ${option === 66 ? 'tftp-server-name' : `phone-url-${option}`} ${quoted(url)};`);
    }
    if (timeServers.length > 0) lines.push(`  option ntp-servers ${timeServers.join(', ')};`);
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}

/** Kea 2.x: "Using Expressions in Classification", a whole file that -t accepts; merge it into the server's own. */
function kea(rules: readonly VendorRule[], timeServers: readonly string[]): string {
  const own = [...new Set(rules.flatMap(({ options }) => options.filter((option) => option !== 66)))].sort();
  const configuration = {
    Dhcp4: {
      'option-def': own.map((code) => ({ name: `phone-url-${code}`, code, space: 'dhcp4', type: 'string' })),
      'client-classes': rules.map(({ vendor, ouis, vendorClass, options, url }) => ({
        name: `phonectl-${vendor}`,
        test: [...keaClassTests(vendorClass), ...ouis.map((oui) => `substring(pkt4.mac,0,3) == 0x${oui}`)].join(' or '),
        'option-data': [
          ...options.map((code) => ({
            name: code === 66 ? 'tftp-server-name' : `phone-url-${code}`,
            data: url,
            'always-send': true,
          })),
          ...(timeServers.length === 0 ? [] : [{ name: 'ntp-servers', data: timeServers.join(', ') }]),
        ],
      })),
    },
  };
  return `${comments(timeServers, '//').join('\n')}\n${JSON.stringify(configuration, null, 2)}\n`;
}

/** Kea has no "contains": Cisco's text is `CP-8841-3PCC`, with a NUL at the end on some (neutral.md section 5). */
function keaClassTests(vendorClass: VendorRule['vendorClass']): string[] {
  if (vendorClass === undefined) return [];
  const { text, match } = vendorClass;
  if (match === 'is') return [`option[60].text == '${text}'`];
  const { length } = text;
  return [
    `substring(option[60].text,7,${length}) == '${text}'`,
    `substring(option[60].text,-${length},${length}) == '${text}'`,
    `substring(option[60].text,-${length + 1},${length}) == '${text}'`,
  ];
}

/** dnsmasq(8): --dhcp-mac, --dhcp-vendorclass (a part of the text is enough), --dhcp-option-force. */
function dnsmasq(rules: readonly VendorRule[], timeServers: readonly string[]): string {
  const lines = comments(timeServers, '#');
  for (const { vendor, ouis, vendorClass, options, url } of rules) {
    const tag = `phonectl-${vendor}`;
    lines.push('');
    if (vendorClass !== undefined) lines.push(`dhcp-vendorclass=set:${tag},${vendorClass.text}`);
    for (const oui of ouis) lines.push(`dhcp-mac=set:${tag},${colons(oui)}:*:*:*`);
    for (const option of options) lines.push(`dhcp-option-force=tag:${tag},${option},${quoted(url)}`);
    if (timeServers.length > 0) lines.push(`dhcp-option=tag:${tag},42,${timeServers.join(',')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Windows Server: DhcpServer module of PowerShell; policies need Windows Server 2012 or later. */
function windows(rules: readonly VendorRule[], timeServers: readonly string[]): string {
  const own = [...new Set(rules.flatMap(({ options }) => options.filter((option) => option !== 66)))].sort();
  const lines = [
    ...comments(timeServers, '#'),
    '# Run in PowerShell on the DHCP server, for each scope of phones:',
    'param([Parameter(Mandatory)][string]$ScopeId)  # such as 10.20.0.0',
    "$ErrorActionPreference = 'Stop'",
  ];
  for (const code of own) {
    lines.push(
      `if (-not (Get-DhcpServerv4OptionDefinition -OptionId ${code} -ErrorAction SilentlyContinue)) {`,
      `  Add-DhcpServerv4OptionDefinition -Name ${single(`Phone URL ${code}`)} -OptionId ${code} -Type String`,
      '}',
    );
  }
  for (const { vendor, ouis, vendorClass, options, url } of rules) {
    const name = single(`phonectl-${vendor}`);
    const conditions: string[] = [];
    if (vendorClass !== undefined) {
      lines.push(
        '',
        `if (-not (Get-DhcpServerv4Class -Type Vendor | Where-Object Name -eq ${name})) {`,
        `  Add-DhcpServerv4Class -Name ${name} -Type Vendor -Data ${single(vendorClass.begins)}`,
        '}',
      );
      conditions.push(`-VendorClass EQ, ${single(`phonectl-${vendor}*`)}`);
    } else lines.push('');
    if (ouis.length > 0)
      conditions.push(`-MacAddress EQ, ${ouis.map((oui) => single(`${oui.toUpperCase()}*`)).join(', ')}`);
    lines.push(`Add-DhcpServerv4Policy -Name ${name} -ScopeId $ScopeId -Condition OR ${conditions.join(' ')}`);
    for (const option of options) lines.push(windowsOption(name, option, single(url)));
    if (timeServers.length > 0) lines.push(windowsOption(name, 42, timeServers.map(single).join(', ')));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function windowsOption(policy: string, option: number, value: string): string {
  return `Set-DhcpServerv4OptionValue -ScopeId $ScopeId -PolicyName ${policy} -OptionId ${option} -Value ${value}`;
}

function colons(oui: string): string {
  return (oui.match(/../g) ?? []).join(':');
}

/** ISC and dnsmasq; `checkedUrl` lets no quote or backslash through. */
function quoted(text: string): string {
  return `"${text}"`;
}

/** PowerShell's literal string: nothing in it is expanded, `$MA` least of all. */
function single(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
