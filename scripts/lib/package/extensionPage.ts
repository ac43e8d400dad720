import { posix } from 'node:path';

/** The field `repository` of package.json. */
type Repository = string | { readonly url?: string };

const isWeb = (target: string): boolean => /^(https:|#)/.test(target);

/** The web address of the sources, from the field `repository` of package.json; null while there is none. */
function addressOf(repository: Repository | undefined): string | null {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url ? url.replace(/^git\+/, '').replace(/\.git$/, '') : null;
}

/**
 * The page of the extension as VS Code shows it, which reaches no file beside it and draws no picture that is part of the text:
 * pictures and links to other files lead to the repository, and are words while there is none.
 * @param text Markdown of a file in `docs/`.
 * @param repository the field of package.json.
 */
export function extensionPage(text: string, repository?: Repository): string {
  const address = addressOf(repository);
  const picture = (alt: string, target: string): string =>
    address ? `![${alt}](${address}/raw/HEAD/${posix.join('docs', target)})` : `_${alt}._`;
  const link = (label: string, target: string): string =>
    address ? `[${label}](${address}/blob/HEAD/${posix.join('docs', target)})` : label;
  return text
    .replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, (whole: string, alt: string, target: string) =>
      isWeb(target) ? whole : picture(alt, target),
    )
    .replace(/(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g, (whole: string, label: string, target: string) =>
      isWeb(target) ? whole : link(label, target),
    );
}
