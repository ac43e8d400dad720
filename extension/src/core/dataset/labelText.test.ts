import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLabelText, encodeLabelText, sameBytes } from './labelText.ts';

describe('the text of label bytes', () => {
  it('gives back any bytes, whatever they are', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ unit: 'binary' }).map(encodeLabelText));
    expect(
      fc.check(fc.property(bytes, (given) => sameBytes(encodeLabelText(decodeLabelText(given)), given))),
    ).toMatchObject({ failed: false, counterexample: null });
  });

  it('is what UTF-8 says, and a byte each where it is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = new Uint8Array(Buffer.from(text, 'utf8'));
        expect(encodeLabelText(text)).toEqual(bytes);
        expect(decodeLabelText(bytes)).toBe(text);
      }),
    );
    expect(decodeLabelText(Buffer.from('# Stra\u00dfe\n', 'latin1'))).toBe('# Stra\udcdfe\n');
    const long = '0 0.5 0.5 0.1 0.1\n'.repeat(5000);
    expect(decodeLabelText(Buffer.from(long))).toBe(long);
    // A rare case by itself: U+FEFF at the start is content, not a mark to be dropped.
    expect(decodeLabelText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x30))).toBe('\uFEFF0');
    // Overlong forms and surrogates are no UTF-8.
    expect(decodeLabelText(Uint8Array.of(0xc0, 0x80))).toBe('\udcc0\udc80');
    expect(decodeLabelText(Uint8Array.of(0xed, 0xa0, 0x80))).toBe('\udced\udca0\udc80');
  });
});
