import { pointerTo } from './faults.js';
import type { RequestFault } from '../problems/refused.js';

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

/** Parameters that are not UTF-8 in percent-encoding (RFC 3986 §2.1): the parser would take them as they stand. */
export const undecodable = (url: string): readonly RequestFault[] => {
  const start = url.indexOf('?');
  if (start < 0 || !url.includes('%', start)) return [];
  const detail = 'is not percent-encoded UTF-8';
  return url
    .slice(start + 1)
    .split('&')
    .filter((parameter) => !isDecodable(parameter))
    .map((parameter) => {
      const [name = ''] = parameter.split('=', 1);
      return { pointer: isDecodable(name) ? pointerTo('/query', [decodeURIComponent(name)]) : '/query', detail };
    });
};
