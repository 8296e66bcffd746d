import { describe, expect, it } from 'vitest';
import { isPlainLine, isPlainProse, isUnseen } from './index.js';

describe('a plain line', () => {
  it.each(['db-01', 'Größe', '数据', '👩‍👩‍👧', 'שלום', 'a\u00a0b', 'a\u200bb', 'a\u200fb'])('may be %j', (text) => {
    expect({ line: isPlainLine(text), prose: isPlainProse(text) }).toEqual({ line: true, prose: true });
  });

  it.each(['a\nb', 'a\tb', 'a\r'])('is one line: not %j, which prose may be', (text) => {
    expect({ line: isPlainLine(text), prose: isPlainProse(text) }).toEqual({ line: false, prose: true });
  });

  it.each(['\u001b[31m', 'a\u0007', '\u007f', '\u0085', '\u202etxt.exe', 'a\u2066b', '\u2069'])(
    'has nothing in it that is not seen but acts, as prose has not: %j',
    (text) => {
      expect({ line: isPlainLine(text), prose: isPlainProse(text) }).toEqual({ line: false, prose: false });
    },
  );
});

describe('a text that is not seen', () => {
  it.each(['\u00a0\u3000\u200b', ' \u200d\u2060', '\u00ad\u200e', '\u200b'])(
    'has characters of format alone, or with white space: %j',
    (text) => expect(isUnseen(text)).toBe(true),
  );

  it.each(['.', '\u200ba', '数据', '👩‍👩‍👧', '\u3000ä', ' '])(
    'is neither one of others nor white space alone: %j',
    (text) => expect(isUnseen(text)).toBe(false),
  );
});
