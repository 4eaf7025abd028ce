import { commandsKeepSecrets } from './canary.ts';

describe('secrets in what commands say (F-14)', function () {
  this.timeout(60_000);
  commandsKeepSecrets('once');
});
