/** Replaces text by spaces, so that places in what remains stay those in the file. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

const blankAll = (text: string, pattern: RegExp): string => text.replaceAll(pattern, blank);

/** Code and addresses are not prose; a sign in their place keeps the words around them apart. */
function withoutCode(text: string): string {
  return text.replaceAll(/`[^`\n]*`|https?:\/\/\S+/g, (code) => '¤'.repeat(code.length));
}

/** The prose of Markdown: without code blocks, code, targets of links and comments. */
function markdownProse(text: string): string {
  const visible = blankAll(blankAll(text, /^```[\s\S]*?^```/gm), /<!--[\s\S]*?-->/g);
  return withoutCode(blankAll(visible, /\]\([^)\n]*\)/g));
}

/** The values of a JSON file of texts. */
function jsonProse(text: string): string {
  return withoutCode(blankAll(text, /^\s*"(?:[^"\\]|\\.)*"\s*:/gm));
}

/** Keeps what a pattern with one group finds in a line, or null. */
function keep(line: string, pattern: RegExp): string | null {
  const match = pattern.exec(line);
  if (match?.[1] === undefined) return null;
  const start = match.index + match[0].lastIndexOf(match[1]);
  return blank(line.slice(0, start)) + match[1] + blank(line.slice(start + match[1].length));
}

const commentLine = /^\s*(?:\/\/|\/\*\*?|\*(?!\/)|#(?!!))(.*?)(?:\*\/)?\s*$/;
const title = /\b(?:it|test|describe)(?:\.\w+(?:\([^()]*\))?)*\(\s*(['"`].*['"`])/;

/** Comments that fill their lines, and titles of tests, of TypeScript. */
function typeScriptProse(text: string): string {
  const lines = text.split('\n').map((line) => keep(line, commentLine) ?? keep(line, title) ?? blank(line));
  return withoutCode(lines.join('\n'));
}

/** Comments that fill their lines, and docstrings, of Python. */
function pythonProse(text: string): string {
  let inString = false;
  const lines = text.split('\n').map((line) => {
    const quotes = line.split('"""').length - 1;
    const prose = inString || (quotes > 0 && /^\s*[rR]?"""/.test(line));
    if (quotes % 2 === 1) inString = !inString;
    return prose ? line : (keep(line, commentLine) ?? blank(line));
  });
  return withoutCode(lines.join('\n'));
}

/** The prose of a file by its name; null where there is none to check. */
export function proseOf(name: string, text: string): string | null {
  if (name.endsWith('.md')) return markdownProse(text);
  if (name.endsWith('.json')) return jsonProse(text);
  if (/\.(?:m|c)?(?:ts|js)x?$/.test(name)) return typeScriptProse(text);
  if (name.endsWith('.py')) return pythonProse(text);
  return null;
}
