import { describe, expect, it } from 'vitest';
import { continueTrace, createLogger, parseTraceparent, runInContext } from './index.js';

const logged = (write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  write(createLogger({ name: 'spec', level: 'info', destination: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('a line of the log', () => {
  it('carries the ids of the request and the operation that it was written for', async () => {
    const lines = await new Promise<Record<string, unknown>[]>((resolve) => {
      const found = logged((logger) => {
        runInContext({ requestId: 'r-1' }, () =>
          runInContext({ operationId: 'o-1' }, () => logger.info({ sizeGiB: 10 }, 'inside')),
        );
        logger.info('outside');
      });
      resolve(found);
    });
    expect(lines[0]).toMatchObject({ level: 'info', requestId: 'r-1', operationId: 'o-1', sizeGiB: 10, msg: 'inside' });
    expect(lines[1]).not.toHaveProperty('requestId');
  });

  it('keeps the context over what is awaited', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'spec',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    await runInContext({ requestId: 'r-2' }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      logger.info('later');
    });
    expect(lines[0]).toContain('"requestId":"r-2"');
  });

  it('has no secret in it, however deep it stands', () => {
    const token = `strata_0195f3a0-0000-7000-8000-000000000001_${'s'.repeat(43)}`;
    const text = JSON.stringify(
      logged((logger) => {
        logger.info({ headers: { authorization: 'Bearer hunter2-hunter2', 'X-Auth-Token': 'hunter2' } }, 'headers');
        logger.info({ body: { user: { password: 'hun"ter2' }, credentials: 'hunter2' } }, 'body');
        logger.error({ err: new Error('connect postgresql://strata:hunter2@127.0.0.1/db failed') }, 'fault');
        logger.warn(`with ${token}`);
        logger.warn('Authorization: Bearer hunter2-hunter2');
      }),
    );
    expect(text).not.toMatch(/hunter2|hun\\?"ter2|sssss/);
    expect(text.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(7);
  });

  it('stays well-formed when a secret is taken out', () => {
    const [line] = logged((logger) => logger.info({ password: 'a"b\\', after: 1 }, 'quoted'));
    expect(line).toMatchObject({ password: '[secret]', after: 1, msg: 'quoted' });
  });
});

describe('a trace', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const parentId = '00f067aa0ba902b7';

  it('is continued with a span of its own', () => {
    const next = parseTraceparent(continueTrace(`00-${traceId}-${parentId}-01`));
    expect(next).toMatchObject({ traceId, sampled: true });
    expect(next?.parentId).not.toBe(parentId);
  });

  it.each([
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `ff-${traceId}-${parentId}-01`,
    `00-${traceId}-${parentId}-01-more`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    '',
  ])('begins anew where the header is malformed: %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
    expect(parseTraceparent(continueTrace(header))?.traceId).not.toBe(traceId);
  });

  it('of a later version is read by its first four parts', () => {
    expect(parseTraceparent(`01-${traceId}-${parentId}-00-more`)).toEqual({ traceId, parentId, sampled: false });
  });
});
