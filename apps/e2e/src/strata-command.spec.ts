import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strata } from './harness/strata-command.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

describe('a command that cannot log in', () => {
  it('ends at once, though the server still waits for a password', async () => {
    const url = new URL((await postgres.createDatabase()).worker);
    url.password = '';
    const { code, output } = await strata(['log', 'verify'], { DATABASE_URL: url.href });
    expect(code).toBe(3);
    expect(output).toMatch(/^strata log verify: .*password.*\n$/);
  });
});
