import { type Client, hasEnded, type Operation } from './client.js';
import { eventually } from './eventually.js';
import { insist } from './insistent.js';

/** An end that never comes is what these tests look for. In ms. */
const endWithinMs = 300_000;

type Method = 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Somebody who works in one project and does not give up: each command under a key of its own, each operation to its end. */
export class PatientCaller {
  private asked = 0;

  /** `name`: of the work, different from that of all others. */
  constructor(
    private readonly client: Client,
    readonly projectId: string,
    private readonly name: string,
    private readonly ended: Operation[],
  ) {}

  /** Below `/v1`. */
  get project(): string {
    return `/v1/projects/${this.projectId}`;
  }

  /** The answer to a command; a race that the server lost is run again. */
  async told<Body>(method: Method, path: string, body?: unknown): Promise<Body> {
    const key = `${this.name}-${(this.asked += 1)}`;
    return eventually(
      `${method} ${path} is accepted`,
      async () => {
        const answer = await insist<Body & { retryable?: boolean }>(this.client, method, path, key, body);
        if (answer.status < 300) return answer.body;
        if (answer.body.retryable === true) return undefined;
        throw new Refused(answer.status, JSON.stringify(answer.body));
      },
      { withinMs: endWithinMs, givesUpOn: Refused },
    );
  }

  /** The operation of a command, once it has ended. */
  async carriedOut(method: Method, path: string, body?: unknown): Promise<Operation> {
    const { id } = await this.told<Operation>(method, path, body);
    return this.endOf(id);
  }

  /** … in success. */
  async succeeded(method: Method, path: string, body?: unknown): Promise<Operation> {
    const operation = await this.carriedOut(method, path, body);
    if (operation.status !== 'succeeded') throw new Error(`${method} ${path}: ${JSON.stringify(operation)}`);
    return operation;
  }

  async endOf(operationId: string): Promise<Operation> {
    const path = `/v1/operations/${operationId}`;
    const operation = await this.until<Operation>(path, hasEnded).catch(async (cause: unknown) => {
      const [now, events] = [await this.client.get(path), await this.client.get(`${path}/events`)];
      throw new Error(JSON.stringify({ now: now.body, events: events.body }), { cause });
    });
    this.ended.push(operation);
    return operation;
  }

  /** What stands there as soon as it is so. */
  until<Body>(path: string, isSo: (body: Body) => boolean): Promise<Body> {
    return eventually(
      `${path} is so`,
      async () => {
        const body = await this.client.read<Body>(path);
        return isSo(body) ? body : undefined;
      },
      { withinMs: endWithinMs, everyMs: 200 },
    );
  }
}

/** An answer that trying again does not change. */
class Refused extends Error {
  constructor(status: number, body: string) {
    super(`${status} ${body}`);
  }
}
