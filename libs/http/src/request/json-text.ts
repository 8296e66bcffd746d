import { pointerTo } from './faults.js';
import type { RequestFault } from '../problems/refused.js';

/** Deeper nesting is refused before anything walks through it. */
export const maximumDepth = 32;

const isSafe = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

const unsafe = 'must not contain U+0000 or a lone surrogate';

/**
 * What no schema should have to think of: texts that PostgreSQL cannot store or RFC 8785 cannot canonicalise, members
 * that would change a prototype, nesting without end. The first fault ends the search.
 */
export const unsafeJson = (value: unknown, base = '', level = 0): RequestFault | undefined => {
  if (typeof value === 'string') return isSafe(value) ? undefined : { pointer: base, detail: unsafe };
  if (typeof value !== 'object' || value === null) return undefined;
  if (level >= maximumDepth) return { pointer: base, detail: `must not be nested deeper than ${maximumDepth} levels` };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const fault = unsafeJson(value[index], `${base}/${index}`, level + 1);
      if (fault) return fault;
    }
    return undefined;
  }
  for (const [member, inner] of Object.entries(value)) {
    const pointer = pointerTo(base, [member]);
    if (member === '__proto__') return { pointer, detail: 'is a name that no member may have' };
    // A pointer with it could not be written either.
    if (!isSafe(member)) return { pointer: base, detail: 'has a member with a forbidden name' };
    const fault = unsafeJson(inner, pointer, level + 1);
    if (fault) return fault;
  }
  return undefined;
};
