/** Notices new certificates: as soon as they lie there, and on SIGHUP. */
import { watch } from 'node:fs';

/** Several files change together; a moment later (milliseconds) all are there. */
const SETTLED = 200;

/** Calls `reload` when the folder has changed; returns what stops it. */
export function watchCertificates(folder: string, reload: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(reload, SETTLED);
  });
  // A folder that can no longer be watched still has SIGHUP.
  watcher.on('error', () => watcher.close());
  process.on('SIGHUP', reload);
  return () => {
    clearTimeout(timer);
    watcher.close();
    process.off('SIGHUP', reload);
  };
}
