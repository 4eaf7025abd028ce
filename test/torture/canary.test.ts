import { commandsKeepSecrets } from '../cli/canary.ts';

describe('secrets in what commands say, in every form (F-14)', function () {
  this.timeout(180_000);
  commandsKeepSecrets('whole');
});

describe('secrets in what commands say through the API (F-14)', function () {
  this.timeout(180_000);
  commandsKeepSecrets('remote');
});
