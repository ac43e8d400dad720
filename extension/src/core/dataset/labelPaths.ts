/**
 * The label file of an image by Ultralytics' rule (`img2label_paths`): the last `/images/` of the path becomes
 * `/labels/`, the extension becomes `.txt`; without `/images/` the label file is next to the image.
 * Accepts and keeps POSIX and Windows separators. The comparison is case-sensitive, as in Ultralytics.
 */
export function labelPathOf(imagePath: string): string {
  const moved = imagePath.replace(/^(.*[\\/])images([\\/])/su, '$1labels$2');
  const name = Math.max(moved.lastIndexOf('/'), moved.lastIndexOf('\\')) + 1;
  const dot = moved.lastIndexOf('.');
  return `${dot > name ? moved.slice(0, dot) : moved}.txt`;
}

/**
 * The file name of an image or label without the parts that programs disagree on: extensions (also `a.jpg.txt`), upper and lower
 * case, Unicode normalisation, URL encoding. Equal names probably belong together.
 */
export function looseName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const bare = name.replace(/\.txt$/iu, '').replace(/\.(?:jpe?g|png|webp|avif|tiff?|bmp)$/iu, '');
  return decoded(bare).normalize('NFC').toLowerCase();
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
