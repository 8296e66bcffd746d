import { describe, expect, it } from 'vitest';
import { isBlank, isPlainLine, isPlainProse } from './index.js';

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

describe('a text that is blank', () => {
  it.each(['', ' ', '\t\r\n', '\u00a0\u3000\u200b', '\u2028\u0085', '\u200d\u2060\ufeff', '\u00ad\u200e'])(
    'shows nothing: %j',
    (text) => expect(isBlank(text)).toBe(true),
  );

  it.each(['.', '\u200ba', '数据', '👩‍👩‍👧', '\u3000ä'])('does not: %j', (text) => expect(isBlank(text)).toBe(false));
});
