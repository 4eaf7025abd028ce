/** Where a fleet lives on disk. Folders are 0700, files 0600. */
export interface Home {
  /** Absolute path of the home (`PHONECTL_HOME`, else XDG data). */
  readonly path: string;
  /** Path of a file or folder inside the home. */
  file(...segments: string[]): string;
}
