import { ProjectId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { quotaOf, type Level, type QuotaFacts } from './quota.js';

const [project, parent, root] = ['1', '2', '3'].map((end) =>
  ProjectId.parse(`0195f3a0-0000-7000-8000-00000000000${end}`),
) as [ProjectId, ProjectId, ProjectId];
const binding = '0195f3a0-0000-7000-8000-000000000004';

const level = (node: string, distance: number, figures: Partial<Level>): Level => ({
  node,
  nodeKind: node === binding ? 'binding' : 'project',
  distance,
  visible: true,
  dimension: 'disks',
  limit: 'unlimited',
  held: 0,
  used: 0,
  releasing: 0,
  ...figures,
});
const facts = (levels: readonly Level[], others: Partial<QuotaFacts> = {}): QuotaFacts => ({
  levels,
  cloudQuota: [],
  ...others,
});

describe('the quota of a project', () => {
  it('tells limit, figures and what is left of the limit', () => {
    expect(quotaOf(facts([level(project, 0, { limit: 10, held: 1, used: 2, releasing: 3 })]))).toEqual([
      {
        dimension: 'disks',
        limit: 10,
        held: 1,
        used: 2,
        releasing: 3,
        available: 4,
        effectiveAvailable: 4,
        boundBy: { projectId: project },
        cloud: null,
      },
    ]);
  });

  it('is bound by the level with the least available, the nearest of equals', () => {
    const levels = [
      level(root, 2, { limit: 100, used: 98 }),
      level(parent, 1, { limit: 20, used: 18 }),
      level(project, 0, { limit: 10, used: 1 }),
    ];
    expect(quotaOf(facts(levels))).toMatchObject([
      { available: 9, effectiveAvailable: 2, boundBy: { projectId: parent } },
    ]);
  });

  it('names a level only to those who may view it', () => {
    const levels = [level(project, 0, { limit: 10 }), level(parent, 1, { limit: 5, visible: false })];
    expect(quotaOf(facts(levels))).toMatchObject([{ boundBy: { relation: 'ancestor', distance: 1 } }]);
  });

  it('is bound by the cloud, and shows what is in use there', () => {
    const levels = [
      level(project, 0, { limit: 10, used: 1 }),
      level(binding, 1, { limit: 7, held: 2, used: 3, releasing: 1 }),
    ];
    const cloudQuota = [{ dimension: 'disks', limit: 12, usedByOthers: 5 }];
    expect(quotaOf(facts(levels, { cloudQuota }))).toMatchObject([
      { effectiveAvailable: 1, boundBy: { relation: 'cloud', distance: 1 }, cloud: { limit: 12, used: 9 } },
    ]);
  });

  it('is unlimited where no level has a limit', () => {
    expect(quotaOf(facts([level(project, 0, { used: 4 }), level(parent, 1, { used: 9 })]))).toMatchObject([
      { limit: 'unlimited', used: 4, available: 'unlimited', effectiveAvailable: 'unlimited', boundBy: null },
    ]);
  });

  it('goes below nothing where a limit was lowered below what is charged', () => {
    expect(quotaOf(facts([level(project, 0, { limit: 2, used: 5 })]))).toMatchObject([
      { available: -3, effectiveAvailable: -3 },
    ]);
  });

  it('lists the dimensions of all levels', () => {
    const levels = [
      level(root, 1, { dimension: 'snapshots', limit: 3 }),
      level(project, 0, { dimension: 'gigabytes', used: 4 }),
    ];
    expect(quotaOf(facts(levels))).toMatchObject([
      { dimension: 'gigabytes', used: 4, limit: 'unlimited' },
      { dimension: 'snapshots', used: 0, limit: 'unlimited', available: 'unlimited', effectiveAvailable: 3 },
    ]);
  });
});
