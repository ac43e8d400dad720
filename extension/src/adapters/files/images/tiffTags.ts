/** The first values of some tags of a TIFF's first directory (TIFF 6.0, section 2; BigTIFF); `undefined` if a tag is absent. */
export interface TiffTags {
  readonly bits: number | undefined;
  readonly compression: number | undefined;
  readonly photometric: number | undefined;
  readonly samples: number | undefined;
  /** The meaning of the first sample after the colours: 1 = associated alpha, 2 = unassociated alpha. */
  readonly extraSample: number | undefined;
}

/** Reads the tags; null if the directory is outside the file. */
export function readTiffTags(bytes: Uint8Array): TiffTags | null {
  try {
    return tagsOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function tagsOf(view: DataView): TiffTags {
  const little = view.getUint8(0) === 0x49;
  const big = view.getUint16(2, little) === 43;
  const offset = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const directory = offset(big ? 8 : 4);
  const count = big ? offset(directory) : view.getUint16(directory, little);
  const [first, length] = big ? [directory + 8, 20] : [directory + 2, 12];
  const values = new Map<number, number>();
  for (let at = first; at < first + count * length; at += length) {
    const [tag, type] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    // These tags are SHORTs; some writers use LONGs.
    if (type !== 3 && type !== 4) continue;
    const size = offset(at + 4) * (type === 3 ? 2 : 4);
    const bytesInPlace = big ? 8 : 4;
    const place = at + 4 + bytesInPlace;
    const from = size <= bytesInPlace ? place : offset(place);
    values.set(tag, type === 3 ? view.getUint16(from, little) : view.getUint32(from, little));
  }
  return {
    bits: values.get(258),
    compression: values.get(259),
    photometric: values.get(262),
    samples: values.get(277),
    extraSample: values.get(338),
  };
}
