import { posix } from 'node:path';

const isWeb = (target) => /^(https:|#)/.test(target);

/** The web address of the sources, from the field `repository` of package.json; null while there is none. */
function addressOf(repository) {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url ? url.replace(/^git\+/, '').replace(/\.git$/, '') : null;
}

/**
 * The page of the extension as VS Code shows it, which reaches no file beside it and draws no picture that is part of the text:
 * pictures and links to other files lead to the repository, and are words while there is none.
 * @param text Markdown of a file in `docs/`.
 * @param repository the field of package.json.
 */
export function extensionPage(text, repository) {
  const address = addressOf(repository);
  const picture = (alt, target) =>
    address ? `![${alt}](${address}/raw/HEAD/${posix.join('docs', target)})` : `_${alt}._`;
  const link = (label, target) => (address ? `[${label}](${address}/blob/HEAD/${posix.join('docs', target)})` : label);
  return text
    .replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, alt, target) => (isWeb(target) ? whole : picture(alt, target)))
    .replace(/(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g, (whole, label, target) =>
      isWeb(target) ? whole : link(label, target),
    );
}
