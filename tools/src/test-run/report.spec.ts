import { describe, expect, it } from 'vitest';
import { couldNotRun, countPart, inSuites, summary, type VitestReport } from './report.ts';

const report = (numbers: Partial<VitestReport>): VitestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...numbers,
});
const run = (numbers: Partial<VitestReport>, exit = 'code 0') =>
  countPart({ suite: 'libs/x', title: 'libs/x', seconds: 1.25, report: report(numbers), exit });

describe('the count of a suite', () => {
  it('is that of its tests', () => {
    expect(run({ numPassedTests: 3, numFailedTests: 2 }, 'code 1')).toMatchObject({ passed: 3, failed: 2 });
  });

  it.each([
    [
      'no report was written',
      countPart({ suite: 'libs/x', title: 'libs/x', seconds: 1, report: undefined, exit: 'signal SIGKILL' }),
    ],
    ['no test ran', run({})],
    ['the run ended badly after its tests had passed', run({ numPassedTests: 3 }, 'code 1')],
    [
      'a file could not be loaded',
      run({ testResults: [{ name: 'a.spec.ts', status: 'failed', assertionResults: [] }] }, 'code 1'),
    ],
  ])('has one failure with a reason when %s', (_case, result) => {
    expect(result.failed).toBe(1);
    expect(result.remarks).toHaveLength(1);
  });

  it('names each test that failed, with the beginning of its message', () => {
    const failed = { fullName: 'the log keeps order', status: 'failed', failureMessages: ['Error: 2 before 1\nat x'] };
    const passed = { fullName: 'the log appends', status: 'passed', failureMessages: [] };
    const testResults = [{ name: 'a.spec.ts', status: 'failed', assertionResults: [failed, passed] }];
    expect(run({ numPassedTests: 1, numFailedTests: 1, testResults }, 'code 1').remarks).toEqual([
      'libs/x: failed: the log keeps order\n    Error: 2 before 1\n    at x',
    ]);
  });

  it('tells of tests that were left out', () => {
    expect(run({ numPassedTests: 1, numPendingTests: 2 }).remarks).toEqual([
      'libs/x: 2 tests were left out by their own file',
    ]);
  });
});

describe('a part that could not be run', () => {
  it('is a failure of its suite, with the reason', () => {
    const part = { suite: 'apps/e2e', title: 'apps/e2e/crash' };
    expect(couldNotRun(part, new Error('no space left'))).toMatchObject({
      ...{ suite: 'apps/e2e', passed: 0, failed: 1 },
      remarks: ['apps/e2e/crash: could not be run: Error: no space left'],
    });
  });
});

describe('the parts of a suite', () => {
  it('are counted together, each named where it failed', () => {
    const part = (title: string, exit: string) =>
      countPart({ suite: 'apps/e2e', title, seconds: 2, report: report({ numPassedTests: 3 }), exit });
    const other = run({ numPassedTests: 1 });
    expect(inSuites([part('apps/e2e/crash', 'code 0'), other, part('apps/e2e/fuzz', 'code 1')])).toEqual([
      {
        ...{ suite: 'apps/e2e', seconds: 4, passed: 6, failed: 1, failures: [] },
        remarks: ['apps/e2e/fuzz: ended with code 1 although no test failed'],
      },
      other,
    ]);
  });
});

describe('the summary', () => {
  it('names what failed right before the line that counts, after all messages', () => {
    const test = { fullName: 'the log keeps order', status: 'failed', failureMessages: ['Error: 2 before 1'] };
    const testResults = [{ name: 'a.spec.ts', status: 'failed', assertionResults: [test] }];
    const lines = summary(
      [run({ numPassedTests: 3, numFailedTests: 1, testResults }, 'code 1')],
      { seconds: 9, lanes: 1 },
      ['Not run: x'],
    );
    expect(lines.slice(-3)).toEqual(['Not run: x', 'libs/x: failed: the log keeps order', '3 passed, 1 failed']);
  });

  it('ends with the line that counts, after seconds and remarks', () => {
    const lines = summary(
      [run({ numPassedTests: 3 }), run({ numPassedTests: 4, numFailedTests: 1 }, 'code 1')],
      { seconds: 9, lanes: 3 },
      ['Not run: x'],
    );
    expect(lines.at(-1)).toBe('7 passed, 1 failed');
    expect(lines.at(-2)).toBe('Not run: x');
    expect(lines[0]).toMatch(/libs\/x\s+1\.3 s\s+3 passed\s+0 failed/);
    expect(lines[2]).toMatch(/all\s+9\.0 s, 3 at a time$/);
  });
});
