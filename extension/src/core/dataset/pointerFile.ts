/** A tool that puts a small text file in place of a file until its content is fetched. */
export type PointerKind = 'Git LFS' | 'git-annex' | 'DVC';

/** The command that fetches the content. */
export const fetchCommand: Readonly<Record<PointerKind, string>> = {
  'Git LFS': 'git lfs pull',
  'git-annex': 'git annex get',
  DVC: 'dvc pull',
};

/** An upper limit for the size of a pointer file, in bytes. */
export const longestPointer = 2048;

/** The tool whose pointer file this text is, or `null` if it is not a pointer. The first few hundred characters suffice. */
export function pointerKind(text: string): PointerKind | null {
  if (/^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//u.test(text)) return 'Git LFS';
  if (/^\/annex\/objects\/\S/u.test(text)) return 'git-annex';
  return null;
}

/** The tool that stores the file a link points to, or `null` if the path does not show it. */
export function storeOf(path: string): PointerKind | null {
  const parts = path.split(/[\\/]/u);
  const at = (name: string, below: string): boolean => parts.some((part, i) => part === name && parts[i + 1] === below);
  if (at('.git', 'annex')) return 'git-annex';
  if (at('.dvc', 'cache')) return 'DVC';
  return at('.git', 'lfs') ? 'Git LFS' : null;
}
