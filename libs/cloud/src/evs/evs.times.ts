const pattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * RFC 3339 in UTC with milliseconds, from any of the forms that the cloud's services use: microseconds without a zone
 * (UTC is meant), milliseconds with `Z`, offsets, a lower-case `t` (EVS reference §1.3, §10.19). null when it is none.
 */
export const parseTime = (text: string | null | undefined): string | null => {
  const [, date, time, fraction = '', zone = 'Z'] = pattern.exec(text?.trim() ?? '') ?? [];
  if (date === undefined || time === undefined) return null;
  const offset = zone.toUpperCase().replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2');
  const instant = new Date(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
};
