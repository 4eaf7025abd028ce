/** A secret as it is, and as the encodings that a text passes through would have it. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    ...[0, 1, 2].map((before) => insideBase64(bytes, before)),
    bytes.toString('hex'),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** What is certain of it in the base64 of something longer, such as `user:secret`, after so many bytes (modulo 3). */
function insideBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}
