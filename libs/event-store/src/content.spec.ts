import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalText, chainHash, chargesText, contentHash, InvalidAppend } from './content.js';

describe('content of an event', () => {
  it('is hashed over the RFC 8785 bytes of an object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'grapheme' }), fc.nat(), (value, text, version) => {
        const charges = [{ dimension: 'disks', held: version, used: -version, releasing: 0 }];
        const [data, meta] = [{ value }, { actorId: text }];
        const content = { type: text, schemaVersion: 1, stream: `disk-${text}`, version, projectId: 'p' };
        const whole = canonicalize({ ...content, data, charges, meta }) ?? '';
        const parts = { data: canonicalText(data, ''), charges: chargesText(charges), meta: canonicalText(meta, '') };
        expect(contentHash({ ...content, ...parts })).toEqual(createHash('sha256').update(whole).digest());
      }),
    );
  });

  it('is refused with U+0000 in it, and only then', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\u0000', '\\', '\\u0000', 'u0000', '"', 'x')), (parts) => {
        const text = parts.join('');
        const encode = () => canonicalText({ [text]: [text] }, 'data');
        if (text.includes('\u0000')) expect(encode).toThrow(InvalidAppend);
        else expect(JSON.parse(encode())).toEqual({ [text]: [text] });
      }),
    );
  });

  it('is chained with 64-bit numbers, big-endian', () => {
    const previous = Buffer.alloc(32, 1);
    const content = Buffer.alloc(32, 2);
    const numbers = Buffer.from('00000000000000050006221d9e0a1b2c', 'hex');
    const expected = createHash('sha256')
      .update(Buffer.concat([previous, numbers, content]))
      .digest();
    expect(chainHash(previous, 5, 0x0006221d9e0a1b2cn, content)).toEqual(expected);
  });
});
