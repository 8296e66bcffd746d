import type { Access } from '@strata/projects';
import { describe, expect, it } from 'vitest';
import { wayBetween } from './way-between.js';

const access = (cloudProjectId: string, change: Partial<Access> = {}): Access => ({
  ...{ name: 'b', kind: 'evs', region: 'eu-de', cloudProjectId, credentials: { ref: 'r' } },
  endpoints: { iam: 'https://iam.example', evs: 'https://evs.example' },
  ...change,
});
const openstack = (cloudProjectId: string, endpoints: Access['endpoints']) =>
  access(cloudProjectId, { kind: 'openstack', endpoints });

describe('the way of a disk between two bindings', () => {
  it('is by a transfer where they are projects of one cloud, however that is spelled', () => {
    expect(wayBetween(access('p1'), access('p2'))).toBe('by-transfer');
    const spelled = { iam: 'https://other.example', evs: 'https://EVS.example:443/' };
    expect(wayBetween(access('p1'), access('p2', { endpoints: spelled }))).toBe('by-transfer');
  });

  it('is none at all where they are not', () => {
    expect(wayBetween(access('p1'), access('p2', { region: 'eu-nl' }))).toBe('none');
    expect(wayBetween(access('p1'), access('p2', { endpoints: { evs: 'https://evs.elsewhere' } }))).toBe('none');
    expect(wayBetween(access('p1'), openstack('p2', { keystone: 'https://evs.example' }))).toBe('none');
  });

  it('is at once where both lead to the same project', () => {
    expect(wayBetween(access('p1'), access('p1', { credentials: { ref: 'other' } }))).toBe('at-once');
  });

  it('is told on OpenStack by Cinder, or by Keystone where that tells where Cinder is', () => {
    const [keystone, elsewhere] = ['https://k.example/v3', 'https://k2.example/v3'];
    const cinder = (project: string) => `https://c.example/v3/${project}`;
    expect(wayBetween(openstack('p1', { keystone }), openstack('p2', { keystone }))).toBe('by-transfer');
    expect(wayBetween(openstack('p1', { keystone }), openstack('p2', { keystone: elsewhere }))).toBe('none');
    const named = (project: string, at = keystone) => openstack(project, { keystone: at, cinder: cinder(project) });
    expect(wayBetween(named('p1'), named('p2', elsewhere))).toBe('by-transfer');
    expect(wayBetween(named('p1'), openstack('p2', { keystone }))).toBe('by-transfer');
    expect(wayBetween(named('p1'), openstack('p2', { keystone, cinder: 'https://c2.example/v3' }))).toBe('none');
  });
});
