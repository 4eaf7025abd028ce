/** Reading TypeScript as text: without its comments, and with template texts blanked, so that patterns match code only. */
export function stripComments(source: string): string {
  return source.replace(
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (token) => (token.startsWith('/') ? '' : token.startsWith('`') ? blank(token) : token),
  );
}

/** Keeps the code in `${…}` of a template and the number of its lines. */
function blank(template: string): string {
  const code = [...template.matchAll(/\$\{([^{}]*)\}/g)].map((match) => match[1]).join(' ');
  return `\`${code}\`${'\n'.repeat(template.split('\n').length - 1)}`;
}
