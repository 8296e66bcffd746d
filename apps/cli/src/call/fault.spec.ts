import { describe, expect, it } from 'vitest';
import { CliFault, isUnread, lineOf } from './fault.js';

const failed = (message: string, code: string): Error => Object.assign(new Error(message), { code });
const around = (cause: unknown, message: string): Error => new Error(message, { cause });

describe('the line of a fault', () => {
  it('says what the code of the database means, and what the error itself says', () => {
    expect(lineOf(failed('relation "events" does not exist', '42P01'))).toBe(
      'the database has not the tables of this version: run `strata migrate` (relation "events" does not exist)',
    );
    expect(lineOf(new Error('odd'))).toBe('odd');
  });

  it('says so as well where another error was thrown because of it', () => {
    const full = failed('could not extend file', 'ENOSPC');
    expect(lineOf(around(full, 'the view was not filled'))).toBe(
      'the disk is full (the view was not filled: could not extend file)',
    );
    expect(lineOf(around(around(full, 'inner'), 'outer'))).toBe('the disk is full (outer: could not extend file)');
    expect(lineOf(around(new Error('Connection terminated unexpectedly'), 'the query failed'))).toBe(
      'the connection to the database was lost (the query failed: Connection terminated unexpectedly)',
    );
  });

  it('says that the connection was lost, in the middle of a query or before the next one', () => {
    const before = 'Client has encountered a connection error and is not queryable';
    expect(lineOf(new Error(before))).toBe(`the connection to the database was lost (${before})`);
  });

  it('takes the code that means something here, wherever it stands', () => {
    const wrapped = Object.assign(around(failed('no', '28P01'), 'the driver gave up'), { code: 'ERR_DRIVER' });
    expect(lineOf(wrapped)).toBe('the database refuses this user and password (the driver gave up: no)');
  });

  it('says the same thing once', () => {
    expect(lineOf(around(failed('connect ECONNREFUSED', 'ECONNREFUSED'), 'Error: connect ECONNREFUSED'))).toBe(
      'nothing answers at the address of the database (Error: connect ECONNREFUSED)',
    );
  });

  it('ends where causes go round in a circle', () => {
    const one = new Error('one');
    one.cause = around(one, 'two');
    expect(lineOf(one)).toBe('one');
  });

  it('of a fault that was written for whoever calls is its message alone', () => {
    expect(lineOf(new CliFault('say which key', undefined, { cause: failed('no', 'ENOENT') }))).toBe('say which key');
  });

  it('is none where nobody reads on, unless that is why something else was not written', () => {
    const gone = failed('write EPIPE', 'EPIPE');
    expect([isUnread(gone), isUnread(around(gone, 'the file was not written'))]).toEqual([true, false]);
  });
});
