import type { EndpointWatch, Exchange } from '@strata/cloud';
import { closedBreaker, hear, type BreakerState } from './breaker.js';

/** What is known of an endpoint that is taken for away, by all workers. */
export interface OpenEndpoint {
  /** From now; 0 or less: it may be tried. In ms. */
  readonly retryInMs: number;
}

/** The state of endpoints that all workers share. */
export interface SharedBreakers {
  /** Somebody's silences were enough. */
  open(endpoint: string, cause: string): Promise<OpenEndpoint>;
  /** True for one asker over all workers, when it is time to try. */
  claimProbe(endpoint: string): Promise<boolean>;
  /** What was tried got no answer. */
  stillSilent(endpoint: string, cause: string): Promise<OpenEndpoint>;
  close(endpoint: string): Promise<void>;
  /** Of those that are open; what is missing is closed. */
  stillOpen(endpoints: readonly string[]): Promise<ReadonlyMap<string, OpenEndpoint>>;
  /** Makes due what waits for these bindings' cloud; `most` of it. */
  wake(bindingIds: readonly string[], most: number): Promise<void>;
}

export interface BreakersPorts {
  readonly shared: SharedBreakers;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly onChange: (endpoint: string, state: 'open' | 'closed', cause: string | null) => void;
  readonly onFault: (error: unknown) => void;
}

/** Told to whoever would send to an endpoint that is away. */
export const circuitOpen = 'circuit-open';

const everythingWaiting = 100_000;
const lookEveryMs = 500;

interface Endpoint {
  state: BreakerState;
  /** Whose requests go there. */
  readonly bindings: Set<string>;
  /** One of its own requests is under way to try it. */
  probing: boolean;
}

/**
 * One circuit breaker for each endpoint. Closed, it costs a request nothing; open, nothing is sent there but one request at a
 * time to try it, of whichever worker claims it first. What waits for the cloud is woken when the endpoint answers again.
 */
export class Breakers {
  private readonly endpoints = new Map<string, Endpoint>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly ports: BreakersPorts) {}

  start(): void {
    this.timer = setInterval(() => (this.looking = this.looking.then(() => this.look())), lookEveryMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** For the requests of one binding. */
  watchOf(bindingId: string): EndpointWatch {
    return {
      enter: (origin) => this.enter(origin, bindingId),
      heard: (origin, exchange) => void this.heard(origin, exchange).catch(this.ports.onFault),
    };
  }

  /** Whether something sent there now would be turned back. */
  isClosedTo(origin: string): boolean {
    const state = this.endpoints.get(origin)?.state;
    return state?.is === 'open' && this.ports.nowMs() < state.retryAtMs;
  }

  /** Looks after what is open: closed by another worker meanwhile, or due to be tried. */
  async look(): Promise<void> {
    const open = [...this.endpoints].filter(([, { state }]) => state.is === 'open');
    if (open.length === 0) return;
    try {
      const still = await this.ports.shared.stillOpen(open.map(([origin]) => origin));
      for (const [origin, endpoint] of open) {
        const told = still.get(origin);
        if (told === undefined) await this.closed(origin, endpoint);
        else {
          endpoint.state = this.openFor(told);
          // Whatever waits is as good to try with as anything: it has to look or send anyhow.
          if (told.retryInMs <= 0) await this.ports.shared.wake([...endpoint.bindings], 1);
        }
      }
    } catch (error) {
      this.ports.onFault(error);
    }
  }

  private async enter(origin: string, bindingId: string): Promise<string | null> {
    const endpoint = this.endpoint(origin);
    endpoint.bindings.add(bindingId);
    if (endpoint.state.is === 'closed') return null;
    if (this.ports.nowMs() < endpoint.state.retryAtMs) return circuitOpen;
    try {
      if (!(await this.ports.shared.claimProbe(origin))) {
        // Somebody else tries, or it is closed already: the next look tells.
        endpoint.state = this.openFor({ retryInMs: lookEveryMs });
        return circuitOpen;
      }
    } catch (error) {
      this.ports.onFault(error);
      return circuitOpen;
    }
    endpoint.probing = true;
    return null;
  }

  private async heard(origin: string, exchange: Exchange): Promise<void> {
    const silence = silenceOf(exchange);
    if (silence === undefined) return;
    const endpoint = this.endpoint(origin);
    const { state, news } = hear(endpoint.state, silence !== null);
    endpoint.state = state;
    switch (news) {
      case 'open':
        // Before anybody is asked: what comes meanwhile is not to be sent.
        endpoint.state = this.openFor({ retryInMs: 1_000 });
        this.ports.onChange(origin, 'open', silence);
        endpoint.state = this.openFor(await this.ports.shared.open(origin, silence ?? ''));
        return;
      case 'still-silent':
        if (!endpoint.probing) return;
        endpoint.probing = false;
        endpoint.state = this.openFor(await this.ports.shared.stillSilent(origin, silence ?? ''));
        return;
      case 'close':
        await this.ports.shared.close(origin);
        await this.closed(origin, endpoint);
        return;
      case null:
        return;
    }
  }

  private async closed(origin: string, endpoint: Endpoint): Promise<void> {
    endpoint.state = closedBreaker;
    endpoint.probing = false;
    this.ports.onChange(origin, 'closed', null);
    await this.ports.shared.wake([...endpoint.bindings], everythingWaiting);
  }

  private openFor({ retryInMs }: OpenEndpoint): BreakerState {
    return { is: 'open', retryAtMs: this.ports.nowMs() + retryInMs };
  }

  private endpoint(origin: string): Endpoint {
    const known = this.endpoints.get(origin) ?? { state: closedBreaker, bindings: new Set(), probing: false };
    this.endpoints.set(origin, known);
    return known;
  }
}

/** What says nothing of the other side: it was ours to end. */
const oursToEnd = new Set([circuitOpen, 'too-late-to-send', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

/** The cause of a silence; null for an answer, whatever it says; undefined when nothing was learnt. */
const silenceOf = (exchange: Exchange): string | null | undefined => {
  if (exchange.kind === 'answered') return exchange.status >= 500 ? `HTTP ${exchange.status}` : null;
  return oursToEnd.has(exchange.cause) ? undefined : exchange.cause;
};
