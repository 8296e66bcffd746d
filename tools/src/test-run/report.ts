/** The part of Vitest's JSON report that is read here. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly TestReport[];
  }[];
}

interface TestReport {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[] | null;
}

export interface SuiteResult {
  readonly suite: string;
  /** Of its parts together, of which several may have run at the same time. */
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  /** What was not run, or why a failure is counted that no test reported. */
  readonly remarks: readonly string[];
  /** A line for each failure that a test reported. */
  readonly failures: readonly string[];
}

export type PartResult = SuiteResult;

export interface PartRun {
  readonly suite: string;
  readonly title: string;
  readonly seconds: number;
  /** Undefined when Vitest wrote no report. */
  readonly report: VitestReport | undefined;
  readonly exit: string;
}

const messageLines = 12;

const failureOf = (suite: string, { fullName }: TestReport): string => `${suite}: failed: ${fullName}`;

const asRemark = (suite: string, test: TestReport): string => {
  const message = (test.failureMessages ?? []).join('\n').split('\n').slice(0, messageLines);
  return [failureOf(suite, test), ...message.map((line) => `    ${line}`)].join('\n');
};

/**
 * Counts what a part of a suite did, and names each test that failed with the beginning of its message: of a long run often only
 * the end is kept. A file that could not be loaded, a run that ended badly although all its tests passed, and a
 * run without any test count as one failure each: green must mean that tests ran.
 */
export const countPart = ({ suite, title, seconds, report, exit }: PartRun): PartResult => {
  if (!report) {
    return { suite, seconds, passed: 0, failed: 1, remarks: [`${title}: no report (${exit})`], failures: [] };
  }
  const unloaded = report.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.length === 0;
  });
  const remarks = unloaded.map(({ name }) => `${title}: could not be loaded: ${name}`);
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failing = tests.filter(({ status }) => status === 'failed');
  remarks.push(...failing.map((test) => asRemark(title, test)));
  const leftOut = report.numPendingTests + report.numTodoTests;
  if (leftOut > 0) remarks.push(`${title}: ${leftOut} tests were left out by their own file`);
  let failed = report.numFailedTests + unloaded.length;
  if (failed === 0 && exit !== 'code 0') {
    failed = 1;
    remarks.push(`${title}: ended with ${exit} although no test failed`);
  }
  if (failed === 0 && report.numPassedTests === 0) {
    failed = 1;
    remarks.push(`${title}: ran no tests`);
  }
  const failures = failing.map((test) => failureOf(title, test));
  return { suite, seconds, passed: report.numPassedTests, failed, remarks, failures };
};

const together = (one: PartResult, other: PartResult): SuiteResult => ({
  suite: one.suite,
  seconds: one.seconds + other.seconds,
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  remarks: [...one.remarks, ...other.remarks],
  failures: [...one.failures, ...other.failures],
});

/** Without a test having been asked: the machine has no room, or no process to give. */
export const couldNotRun = ({ suite, title }: Pick<PartRun, 'suite' | 'title'>, error: unknown): PartResult => ({
  ...{ suite, seconds: 0, passed: 0, failed: 1, failures: [] },
  remarks: [`${title}: could not be run: ${String(error)}`],
});

/** The parts of each suite together, by its name. */
export const inSuites = (parts: readonly PartResult[]): SuiteResult[] => {
  const suites = new Map<string, SuiteResult>();
  for (const part of parts) {
    const before = suites.get(part.suite);
    suites.set(part.suite, before === undefined ? part : together(before, part));
  }
  return [...suites.values()].sort((a, b) => a.suite.localeCompare(b.suite));
};

/**
 * The end of the output: seconds of each suite and of the whole, remarks, what failed once more by name alone (of a cut output the messages
 * leave no room for it), and exactly one line that counts.
 */
export const summary = (
  results: readonly SuiteResult[],
  { seconds: tookSeconds, lanes }: { readonly seconds: number; readonly lanes: number },
  remarks: readonly string[] = [],
): string[] => {
  const sum = (pick: (result: SuiteResult) => number) => results.reduce((total, result) => total + pick(result), 0);
  const width = Math.max(0, ...results.map(({ suite }) => suite.length));
  return [
    ...results.map(({ suite, seconds, passed, failed }) => {
      return `${suite.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`;
    }),
    `${'all'.padEnd(width)} ${tookSeconds.toFixed(1).padStart(7)} s${lanes === 1 ? '' : `, ${lanes} at a time`}`,
    ...results.flatMap((result) => result.remarks),
    ...remarks,
    ...results.flatMap((result) => result.failures),
    `${sum((result) => result.passed)} passed, ${sum((result) => result.failed)} failed`,
  ];
};
