import { AsyncLocalStorage } from 'node:async_hooks';

/** What every line of the log carries while it holds. */
export interface LogContext {
  readonly requestId?: string | undefined;
  readonly operationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

const storage = new AsyncLocalStorage<LogContext>();

export const currentContext = (): LogContext => storage.getStore() ?? {};

/** Runs something, with all that follows from it, within the context that holds already and this. */
export const runInContext = <Result>(context: LogContext, run: () => Result): Result =>
  storage.run({ ...storage.getStore(), ...context }, run);
