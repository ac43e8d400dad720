/** File name stems that cameras and export tools give to unrelated images. A number after one of them does not mean a video. */
const genericPrefixes = new Set([
  '',
  'dji',
  'dsc',
  'dscf',
  'dscn',
  'file',
  'image',
  'images',
  'img',
  'imgp',
  'mvimg',
  'p',
  'photo',
  'pic',
  'pict',
  'picture',
  'pxl',
  'sample',
  'scan',
  'screenshot',
  'wp',
]);

/** Prefixes of numbered files that are video frames. */
const frameWords = /(?:^|[^a-z])(?:frames?|video|vid|clip|cam|camera|seq|sequence)(?:[^a-z]|$)/iu;

/**
 * Guesses which images are frames of one video: files of one folder whose names differ only in a trailing number of
 * 4 or more digits. Conservative, because a wrong group skews the validation split: a name that any camera or export
 * tool gives is not a group unless it contains "frame", "video" or similar, and neither is a group of more than half
 * of all images.
 * @param paths POSIX paths relative to one root.
 * @returns the group of each path that has one.
 */
export function guessCaptureGroups(paths: readonly string[]): Map<string, string> {
  const candidates = new Map<string, string[]>();
  for (const path of paths) {
    const stem = path.replace(/\.[^./]*$/u, '');
    const match = /^(.*?)(\d{4,})$/su.exec(stem);
    if (!match) continue;
    const prefix = match[1] ?? '';
    const members = candidates.get(prefix);
    if (members) members.push(path);
    else candidates.set(prefix, [path]);
  }
  const groups = new Map<string, string>();
  for (const [prefix, members] of candidates) {
    const name = prefix.slice(prefix.lastIndexOf('/') + 1).replace(/[\s._-]+$/u, '');
    const generic = genericPrefixes.has(name.toLowerCase()) && !frameWords.test(name);
    if (generic || members.length < 2 || members.length * 2 > paths.length) continue;
    for (const path of members) groups.set(path, prefix);
  }
  return groups;
}
