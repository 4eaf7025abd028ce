/** Rules for the first label of the provisioning address (VAL-04..07, DEPLOY-21). Pure. */

/** Which rule a name breaks, as a sentence; `undefined` for a good one. */
export function hostNameProblem(name: string): string | undefined {
  if (name.length < 2 || name.length > 31) return 'A host name has 2 to 31 characters (VAL-06).';
  if (!/^[a-z0-9_-]+$/.test(name)) return 'A host name holds only lower-case letters, digits, _ and - (VAL-04).';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return 'A host name begins and ends with a letter or a digit (VAL-05).';
  if (/^t\d/.test(name)) return 'Host names of t and digits are reserved (VAL-07).';
  if (name === 'www') return 'The host name www is reserved (VAL-07).';
  const reserved = ['ops', 'service', 'console'].find((prefix) => name.startsWith(prefix));
  return reserved === undefined ? undefined : `Host names that begin with ${reserved} are reserved (VAL-07).`;
}
