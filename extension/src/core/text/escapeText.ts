// Text of files (names of classes, sessions and files, messages of libraries) may come from anybody. Before it reaches a
// terminal, a notification, a list, Markdown or HTML, it passes through one of these functions.

/**
 * Characters that a reader cannot see but a terminal or a text layout obeys: C0 and C1 controls but for tab and line feed,
 * DEL, the marks that turn the direction of text around (Unicode TR 36, 3.5.1: bidirectional text spoofing), line and
 * paragraph separators, and lone surrogates.
 */
const unseen =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;

/**
 * The text with every unseen character as `\uXXXX`. Tabs and line feeds stay. Inside a JSON string the result is the
 * same value in another spelling, so that printed JSON stays JSON.
 */
export function visibleText(text: string): string {
  return text.replaceAll(unseen, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`);
}

/** The text on one line: line feeds and tabs are shown too. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/**
 * Text for a notification, a progress message or the prompt of an input box. There, VS Code makes `[text](command:…)` a
 * link that runs a command at a click; a blank between the brackets keeps it text.
 */
export function notificationText(text: string): string {
  return visibleText(text).replaceAll('](', '] (');
}

/** Text for a label in a list or the status bar, where VS Code draws `$(name)` as an icon unless a backslash precedes it. */
export function labelText(text: string): string {
  return visibleLine(text).replaceAll('$(', '\\$(');
}

/**
 * Text for Markdown: on one line, and no part of it is markup, HTML or a link (CommonMark 0.31, 2.4; GitHub's autolinks
 * and formulas). Characters that mean nothing where they stand, such as the underscore of `missing_hole`, stay as they are.
 */
export function markdownText(text: string): string {
  return visibleLine(text)
    .replaceAll(/[\\`*[\]<>#|~&$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=\bwww)\./giu, '\\$&')
    .replace(/^\s*(?:[-+=]|\d+(?=[.)]))/u, (mark) => (/\d$/u.test(mark) ? `${mark}\\` : `\\${mark.trim()}`));
}

/** Text for HTML, inside an element or a quoted attribute. */
export function htmlText(text: string): string {
  return visibleText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
