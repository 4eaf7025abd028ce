/** The ways to bring a phone to this server, in the order in which to try them (DEPLOY-01..08, NET-12..15). Pure. */

export interface PlanInput {
  readonly mac: string;
  readonly url: string;
  readonly vendor: 'poly' | 'yealink' | 'cisco' | 'other' | undefined;
  readonly model: string | null;
  /** The device is in the inventory. */
  readonly announced: boolean;
  /** ISO 8601 end of the enrolment window, null when none is open. */
  readonly windowUntil: string | null;
  /** ISO 8601; null when it never came. */
  readonly seenAt: string | null;
  /** It came with its own credential. */
  readonly enrolled: boolean;
  /** The server's certificate is signed by our own authority, which no factory phone knows. */
  readonly ownAuthority: boolean;
  /** Why the phone's firmware is not supported, as far as it is known (DEPLOY-04, DEPLOY-14). */
  readonly firmwareProblem: string | null;
  /** Name of the provisioning account. */
  readonly account: string | null;
}

/**
 * `done`: nothing left to do · `first`: before any other · `try`: a way, in order · `last`: when no other works.
 */
export type StepState = 'done' | 'first' | 'try' | 'last';

export interface PlanStep {
  readonly order: number;
  readonly id: 'announce' | 'window' | 'trust' | 'firmware' | 'redirect' | 'existing-server' | 'dhcp' | 'by-hand';
  readonly title: string;
  readonly state: StepState;
  readonly why: string;
  /** What to do, one line each; commands begin with `phonectl`. */
  readonly steps: readonly string[];
}

type Step = Omit<PlanStep, 'order'>;

/** What must be so, then the ways in their order. */
export function deployPlan(input: PlanInput): readonly PlanStep[] {
  const steps = [announce(input), window(input), firmware(input), trust(input), ...ways(input)];
  return steps.filter((step) => step !== undefined).map((step, index) => ({ order: index + 1, ...step }));
}

function announce({ announced, mac, model }: PlanInput): Step {
  return {
    id: 'announce',
    title: 'Announce the phone',
    state: announced ? 'done' : 'first',
    why: announced
      ? 'It is in the inventory.'
      : 'A MAC that nobody announced gets nothing: it is listed as quarantined.',
    steps: announced ? [] : [`phonectl device add --mac ${mac} --model "${model ?? 'MODEL'}" --account ACCOUNT`],
  };
}

function window({ enrolled, windowUntil, mac }: PlanInput): Step {
  const open = windowUntil !== null;
  return {
    id: 'window',
    title: 'Open its enrolment window',
    state: enrolled || open ? 'done' : 'first',
    why: enrolled
      ? 'It has its own credential.'
      : open
        ? `Open until ${windowUntil}.`
        : 'Only inside a window may it fetch its own credential.',
    steps: enrolled || open ? [] : [`phonectl device enrol ${mac} --window 72h`],
  };
}

function firmware({ firmwareProblem }: PlanInput): Step | undefined {
  if (firmwareProblem === null) return undefined;
  return {
    id: 'firmware',
    title: 'Bring its firmware up first',
    state: 'first',
    why: firmwareProblem,
    steps: ['Put the newer firmware on the server that it uses now, or load it in its own web page.'],
  };
}

function trust({ ownAuthority, enrolled, url }: PlanInput): Step | undefined {
  if (!ownAuthority) return undefined;
  return {
    id: 'trust',
    title: 'Let it trust the server',
    state: enrolled ? 'done' : 'first',
    why: enrolled
      ? 'It knows our authority.'
      : 'A factory phone knows public authorities only, not the one of this home.',
    steps: enrolled
      ? []
      : [
          'Either give the server a certificate of a public authority: phonectl cert import FILE --key FILE',
          `Or let phones of the LAN fetch our authority first: phonectl serve --bootstrap-http ADDRESS:80 --from CIDR, and lead them to http://ADDRESS/ instead of ${url}`,
        ],
  };
}

/** DEPLOY-01: the vendor's redirection first, then a server that is there already, then DHCP, and by hand last. */
function ways(input: PlanInput): Step[] {
  return [redirect(input), existingServer(input), dhcp(input), byHand(input)].map((way) =>
    input.enrolled ? { ...way, state: 'done', why: 'It is here already.', steps: [] } : way,
  );
}

const REDIRECTION = {
  poly: {
    name: "Poly's zero-touch service (ZTP)",
    where: "In the vendor's ZTP portal, add a profile with this server's URL and the phone's MAC to it.",
  },
  yealink: {
    name: "Yealink's redirection service (RPS)",
    where: "In RPS (or YMCS), add this server's URL first, then the phone's MAC to it.",
  },
  cisco: {
    name: "Cisco's EDOS",
    where: 'Cisco sets this up for partners: ask for a customisation with this profile rule.',
  },
} as const;

function redirect({ vendor, url, account }: PlanInput): Step {
  const known = vendor === 'poly' || vendor === 'yealink' || vendor === 'cisco' ? REDIRECTION[vendor] : undefined;
  const login =
    account === null || vendor === 'cisco' ? [] : [`Name the account ${account} there: phonectl home account --reveal`];
  return {
    id: 'redirect',
    title: known?.name ?? "The vendor's redirection service",
    state: 'try',
    why: 'A factory phone asks there when neither DHCP nor its own settings name a server: nobody has to touch it.',
    steps: [
      known?.where ?? 'Add the phone there.',
      `URL: ${provisioningUrl(vendor, url)}`,
      ...login,
      'Reset the phone to factory, or let it boot for the first time.',
    ],
  };
}

function existingServer({ vendor, url, account }: PlanInput): Step {
  const lines = {
    poly: [
      `device.set="1" device.prov.serverName="${url}" device.prov.serverName.set="1" device.prov.serverType="HTTPS" device.prov.serverType.set="1"`,
    ],
    yealink: [
      `static.auto_provision.server.url = ${url}`,
      `static.auto_provision.server.username = ${account ?? 'ACCOUNT'}`,
      'static.auto_provision.server.password = (phonectl home account --reveal)',
    ],
    cisco: [`<Profile_Rule ua="na">${url}$MA.xml</Profile_Rule>`],
    other: [],
  }[vendor ?? 'other'];
  return {
    id: 'existing-server',
    title: 'From the provisioning server that it uses now',
    state: 'try',
    why: 'A phone that is provisioned elsewhere takes its new server from there (DEPLOY-02, DEPLOY-03).',
    steps: ['Put this into the file that all its phones fetch:', ...lines],
  };
}

function dhcp({ vendor }: PlanInput): Step {
  const only = vendor === undefined || vendor === 'other' ? '' : ` --vendor ${vendor}`;
  return {
    id: 'dhcp',
    title: 'By DHCP in its network',
    state: 'try',
    why: vendor === 'poly' ? 'It reads options 66, and 160 or 161 (NET-13).' : 'It reads option 66 and 160 (NET-12).',
    steps: [
      `phonectl deploy dhcp --format isc${only}   (or kea, dnsmasq, windows)`,
      'Install the snippet, then restart the phone.',
    ],
  };
}

/** At the phone's own menu or web page. */
export function byHand({ vendor, url, account }: Pick<PlanInput, 'vendor' | 'url' | 'account'>): Step {
  const where = {
    poly: 'Settings › Advanced › Administration Settings › Network Configuration › Provisioning Server, or Settings › Provisioning Server in its web page.',
    yealink: 'Settings › Auto Provision in its web page, then "Autoprovision Now".',
    cisco: 'Voice › Provisioning › Profile Rule in its web page, then "Submit".',
    other: 'In its web page.',
  }[vendor ?? 'other'];
  return {
    id: 'by-hand',
    title: 'At the phone itself',
    state: 'last',
    why: 'For a single phone, or when nothing else can be changed (DEPLOY-06, DEPLOY-07).',
    steps: [
      where,
      `URL: ${provisioningUrl(vendor, url)}`,
      ...(vendor === 'cisco' || account === null
        ? []
        : [`User ${account}; its password: phonectl home account --reveal`]),
    ],
  };
}

function provisioningUrl(vendor: PlanInput['vendor'], url: string): string {
  return vendor === 'cisco' ? `${url}$MA.xml` : url;
}
