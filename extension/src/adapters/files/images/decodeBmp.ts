import { ImageError, maxPixels, tooLarge } from './imageError.ts';

const convertHint = 'Save it again as PNG, or as an uncompressed BMP with 8, 24 or 32 bits.';

interface BmpHeader {
  readonly pixelOffset: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: 1 | 4 | 8 | 24 | 32;
  /** Offset of the palette and the bytes of each of its entries. */
  readonly palette: { readonly offset: number; readonly entryBytes: 3 | 4; readonly entries: number };
}

function readHeader(view: DataView, where: string): BmpHeader {
  if (view.byteLength < 26) throw truncated(where);
  const headerSize = view.getUint32(14, true);
  const core = headerSize === 12;
  if (!core && (headerSize < 40 || view.byteLength < 54)) {
    throw new ImageError('broken', `The BMP header of ${where} is damaged.`, convertHint, { where });
  }
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? 0 : view.getUint32(30, true);
  if (width <= 0 || signedHeight === 0 || width * Math.abs(signedHeight) > 0x3fff * 0x3fff) {
    throw new ImageError('broken', `The BMP ${where} says it is ${width}x${signedHeight} pixels large.`, convertHint, {
      where,
    });
  }
  if (width * Math.abs(signedHeight) > maxPixels) throw tooLarge(where);
  // 3 is BI_BITFIELDS: with the usual masks, its layout equals that of an uncompressed file.
  const usualMasks =
    compression === 3 &&
    view.byteLength >= 66 &&
    view.getUint32(54, true) === 0xff0000 &&
    view.getUint32(58, true) === 0xff00 &&
    view.getUint32(62, true) === 0xff;
  if ((compression !== 0 && !usualMasks) || (bits !== 1 && bits !== 4 && bits !== 8 && bits !== 24 && bits !== 32)) {
    throw new ImageError(
      'unsupported-format',
      `The BMP ${where} has ${bits} bits a pixel and compression ${compression}, which is not read.`,
      convertHint,
      { where },
    );
  }
  const used = core ? 0 : view.getUint32(46, true);
  return {
    pixelOffset: view.getUint32(10, true),
    width,
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    bits,
    palette: { offset: 14 + headerSize, entryBytes: core ? 3 : 4, entries: used > 0 && used <= 256 ? used : 1 << bits },
  };
}

function truncated(where: string): ImageError {
  return new ImageError(
    'truncated',
    `The image ${where} is truncated: the file ends before the picture does.`,
    'Copy the file again from its source, or remove it.',
    { where },
  );
}

/**
 * Decodes an uncompressed BMP (Windows BITMAPINFOHEADER and later, or OS/2 core header) with 1, 4, 8, 24 or 32 bits.
 * @returns RGB, 8 bits, rows from the top, without alpha.
 * @throws ImageError `truncated`, `broken`, `unsupported-format`.
 */
export function decodeBmp(bytes: Uint8Array, where: string): { data: Uint8Array; width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view, where);
  const { width, height, bits, palette } = header;
  const stride = Math.floor((width * bits + 31) / 32) * 4;
  // The padding of the last row may be missing, but not its pixels.
  const lastRow = Math.ceil((width * bits) / 8);
  if (header.pixelOffset + stride * (height - 1) + lastRow > bytes.length) throw truncated(where);
  const data = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row++) {
    const line = header.pixelOffset + stride * (header.topDown ? row : height - 1 - row);
    for (let column = 0; column < width; column++) {
      const at =
        bits >= 24
          ? line + column * (bits >> 3)
          : palette.offset +
            Math.min(paletteIndex(bytes, line, column, bits), palette.entries - 1) * palette.entryBytes;
      data[to++] = bytes[at + 2] ?? 0;
      data[to++] = bytes[at + 1] ?? 0;
      data[to++] = bytes[at] ?? 0;
    }
  }
  return { data, width, height };
}

function paletteIndex(bytes: Uint8Array, line: number, column: number, bits: number): number {
  const perByte = 8 / bits;
  const byte = bytes[line + Math.floor(column / perByte)] ?? 0;
  return (byte >> (8 - bits * ((column % perByte) + 1))) & ((1 << bits) - 1);
}
