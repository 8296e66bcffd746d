import type { CloudKind } from '@strata/projects';

/** The types of EVS, and what a disk of each can become (EVS reference §1.5). What is solid state never goes back. */
const ways: ReadonlyMap<string, readonly string[]> = new Map([
  ['SATA', ['SAS', 'GPSSD', 'SSD', 'ESSD']],
  ['SAS', ['GPSSD', 'SSD', 'ESSD']],
  ['GPSSD', ['SSD', 'ESSD']],
  ['SSD', ['GPSSD', 'ESSD']],
  ['ESSD', ['GPSSD', 'SSD']],
]);

export interface NoWay {
  readonly type: 'retype-not-possible';
  readonly fromType: string;
  readonly toType: string;
  readonly possible: readonly string[];
}

/** EVS has no way from the one type to the other. Between types of other names, and on other clouds, the cloud decides. */
export const wayRefusal = (cloud: CloudKind | undefined, fromType: string, toType: string): NoWay | undefined => {
  const possible = ways.get(fromType);
  if (cloud !== 'evs' || possible === undefined || !ways.has(toType) || possible.includes(toType)) return undefined;
  return { type: 'retype-not-possible', fromType, toType, possible };
};
