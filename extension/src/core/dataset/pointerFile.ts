/** A tool that leaves a small text in the place of a file until its content is fetched. */
export type PointerKind = 'Git LFS' | 'git-annex' | 'DVC';

/** The command that fetches the content. */
export const fetchCommand: Readonly<Record<PointerKind, string>> = {
  'Git LFS': 'git lfs pull',
  'git-annex': 'git annex get',
  DVC: 'dvc pull',
};

/** More than any pointer file is long, in bytes. */
export const longestPointer = 2048;

/** Which tool a file with this text stands in for; `null` when it is no pointer. A few hundred characters are enough. */
export function pointerKind(text: string): PointerKind | null {
  if (/^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//u.test(text)) return 'Git LFS';
  if (/^\/annex\/objects\/\S/u.test(text)) return 'git-annex';
  return null;
}

/** Which tool keeps a file that a link leads to; `null` when the path says nothing. */
export function storeOf(path: string): PointerKind | null {
  const parts = path.split(/[\\/]/u);
  const at = (name: string, below: string): boolean => parts.some((part, i) => part === name && parts[i + 1] === below);
  if (at('.git', 'annex')) return 'git-annex';
  if (at('.dvc', 'cache')) return 'DVC';
  return at('.git', 'lfs') ? 'Git LFS' : null;
}
