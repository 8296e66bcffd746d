import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callCli } from './captured-call.js';
import { commands } from './commands.js';

const unreachable = 'postgresql://strata_worker:geheim%20wort@127.0.0.1:1/strata';

describe('strata', () => {
  it.each(['--help', '-h', 'help'])('lists every command and the exit codes on %s', async (flag) => {
    const { code, out, err } = await callCli(flag);
    expect([code, err]).toEqual([0, []]);
    for (const { name } of commands) expect(out.some((line) => line.trim().startsWith(name))).toBe(true);
    expect(out.some((line) => line.includes('130: Ctrl-C'))).toBe(true);
  });

  it.each(commands.map(({ name, options }) => [name, Object.keys(options)] as const))(
    'tells every option of %s on --help',
    async (name, options) => {
      const { code, out } = await callCli(`${name} --help`);
      expect(code).toBe(0);
      for (const option of options) expect(out.join('\n')).toContain(`--${option}`);
    },
  );

  it.each(commands.map(({ name }) => [name]))('has %s in docs/cli.md', (name) => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
    expect(page).toContain(`| \`strata ${name}`);
  });

  it.each([
    ['', 'which command?'],
    ['rm -rf', '"rm" is no command'],
    ['log', 'what of it?'],
    ['log burn', '"log burn" is no command. There is: log verify, '],
    ['log export --out', "'--out <value>' argument missing"],
    ['log export --after x', '--after must be a position'],
    ['log export --after -3', "Option '--after' argument is ambiguous"],
    ['log sign-head', 'which key?'],
    ['quota verify --fast', "Unknown option '--fast'"],
    ['quota verify now', '"now" is too much'],
    ['view rebuild', '<view> is missing'],
    ['view rebuild clouds', 'there is no view "clouds"'],
  ])('refuses "%s" with one line and exit code 2', async (commandLine, reason) => {
    const { code, out, err } = await callCli(commandLine, { DATABASE_URL: unreachable });
    expect([code, out]).toEqual([2, []]);
    expect(err).toHaveLength(1);
    expect(err[0]).toContain(reason);
  });

  it('names every fault of the configuration, without values', async () => {
    const { code, err } = await callCli('quota verify', { DATABASE_URL: 'mysql://geheim', STRATA_PROT: '1' });
    expect(code).toBe(2);
    expect(err.join('\n')).toMatch(
      /DATABASE_URL must be[^]*STRATA_PROT is not known|STRATA_PROT[^]*DATABASE_URL must be/,
    );
    expect(err.join('\n')).not.toContain('geheim');
  });

  it('says in one line that the database does not answer, without its password', async () => {
    const { code, out, err } = await callCli('quota verify', { DATABASE_URL: unreachable });
    expect([code, out]).toEqual([3, []]);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(/^strata quota verify: nothing answers at the address of the database/);
    expect(err[0]).not.toMatch(/geheim/);
  });
});
