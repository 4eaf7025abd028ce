import { PhonectlCommand } from '../cli/base.ts';
import { textView } from '../cli/view.ts';

interface VersionFacts {
  version: string;
  node: string;
  platform: string;
  sqlite: string;
}

export default class Version extends PhonectlCommand<VersionFacts> {
  static override summary = 'Shows the version of phonectl and of what it runs on.';
  static override examples = ['phonectl version', 'phonectl version --json'];
  static override usesSdk = false;
  static override view = textView<VersionFacts>(
    (facts) => `phonectl ${facts.version} (Node ${facts.node}, SQLite ${facts.sqlite}, ${facts.platform})`,
  );

  override async run(): Promise<VersionFacts> {
    await this.parse(Version);
    return {
      version: this.config.version,
      node: process.versions.node,
      sqlite: process.versions['sqlite'] ?? 'unknown',
      platform: `${process.platform}-${process.arch}`,
    };
  }
}
