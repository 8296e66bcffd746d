import { FindingId, ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { sorted, type Candidate } from './import-candidates.js';

const projectId = ProjectId.parse(newId());
const disk = (name: string, wasOurs: boolean): Candidate => ({
  ...{ findingId: FindingId.parse(newId()), cloudId: name, name, sizeGiB: 10, type: 'SSD', tags: {} },
  ...{ adoptable: true, wasOurs },
});

describe('a disk that a project deleted and the cloud has still', () => {
  it('is imported by a rule that fits it, and not with all the rest', () => {
    const candidates = [disk('db-1', true), disk('web-1', true), disk('web-2', false)];
    const rules = [{ by: 'name', pattern: 'db-*', projectId }] as const;
    const { matched, unmatched } = sorted(candidates, { rules, default: projectId });
    expect(matched.map(({ name, by }) => [name, by])).toEqual([
      ['db-1', 'name'],
      ['web-2', 'default'],
    ]);
    expect(unmatched.map(({ name }) => name)).toEqual(['web-1']);
  });
});
