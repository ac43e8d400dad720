import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { root } from '../paths.mjs';

const types = { '.png': 'image/png', '.jpg': 'image/jpeg', '.webp': 'image/webp' };
const isWeb = (target) => /^(https:|data:|#)/.test(target);

function inlined(target) {
  const type = types[extname(target)];
  if (!type) throw new Error(`README.md shows ${target}, which is no PNG, JPEG or WebP.`);
  return `data:${type};base64,${readFileSync(join(root, target)).toString('base64')}`;
}

/**
 * The README as VS Code shows it for an installed extension, where no file beside it can be reached: pictures are part
 * of the text, and links to other files of the project are their text alone.
 */
export function shippedReadme(text) {
  return text
    .replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, alt, target) =>
      isWeb(target) ? whole : `![${alt}](${inlined(target)})`,
    )
    .replace(/(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g, (whole, label, target) => (isWeb(target) ? whole : label));
}
