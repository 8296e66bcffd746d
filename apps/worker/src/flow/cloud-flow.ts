import { CloudSilent, type CloudAccess, type EndpointWatch } from '@strata/cloud';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { Breakers, circuitOpen } from './breakers.js';
import { PostgresBreakers } from './postgres-breakers.js';
import { PostgresBudgets } from './postgres-budgets.js';
import { later, pauseFor, SharedBudget, type BudgetPorts } from './shared-budget.js';
import { currentUrgency } from './urgency.js';

/** What an adapter is opened with. */
export interface FlowOptions {
  readonly turn: (endpoint?: string, waits?: 'everybody') => Promise<void>;
  readonly watch: EndpointWatch;
}

interface Way {
  /** Origin of the endpoint that disks are made at. */
  readonly main: string;
  readonly credential: string;
}

const tooMany = 429;

/** How requests leave this worker: each in its turn, and none to an endpoint that is away. */
export class CloudFlow {
  readonly breakers: Breakers;
  private readonly ways = new Map<string, Way>();
  private readonly budgets = new Map<string, SharedBudget>();
  private readonly budgetPorts: BudgetPorts;

  constructor(
    pool: Pool,
    private readonly perSecond: number,
    logger: Logger,
  ) {
    const nowMs = () => performance.now();
    const onFault = (error: unknown) => logger.warn({ err: error }, 'what workers share of the clouds is not at hand');
    this.budgetPorts = { shared: new PostgresBudgets(pool, perSecond), nowMs, pause: pauseFor, later, onFault };
    this.breakers = new Breakers({
      shared: new PostgresBreakers(pool),
      nowMs,
      onFault,
      onChange: (endpoint, state, cause) =>
        logger[state === 'open' ? 'warn' : 'info']({ endpoint, cause }, `the circuit to an endpoint is ${state}`),
    });
  }

  optionsFor(access: CloudAccess, bindingId: string, credential: string): FlowOptions {
    const way = { main: mainOf(access), credential };
    this.ways.set(bindingId, way);
    const { enter, heard } = this.breakers.watchOf(bindingId);
    return {
      turn: (endpoint, waits) =>
        this.budget(endpoint === undefined ? way.main : originOf(endpoint), credential).turn(
          undefined,
          waits === 'everybody' ? 'interactive' : currentUrgency(),
        ),
      watch: {
        enter,
        heard: (origin, exchange) => {
          if (exchange.kind === 'answered' && exchange.status === tooMany) this.budget(origin, credential).throttled();
          heard(origin, exchange);
        },
      },
    };
  }

  /**
   * For a write, before its intent: an intent that is not acted upon costs an attempt.
   * @throws CloudSilent while nothing may be sent there.
   */
  async turnAt(bindingId: string): Promise<void> {
    const way = this.ways.get(bindingId);
    if (way === undefined) return;
    await this.budget(way.main, way.credential).turn();
    if (!this.breakers.isClosedTo(way.main)) return;
    const fault = { code: circuitOpen, message: 'the endpoint has not answered of late', requestId: null };
    throw new CloudSilent(fault, 'unavailable', null);
  }

  private budget(endpoint: string, credential: string): SharedBudget {
    const key = `${endpoint} ${credential}`;
    const known = this.budgets.get(key) ?? new SharedBudget({ endpoint, credential }, this.perSecond, this.budgetPorts);
    this.budgets.set(key, known);
    return known;
  }
}

const originOf = (url: string): string => new URL(url).origin;

const mainOf = ({ endpoints }: CloudAccess): string => {
  const main = endpoints['evs'] ?? endpoints['cinder'] ?? endpoints['keystone'];
  if (main === undefined) throw new TypeError('the access names no endpoint for disks');
  return originOf(main);
};
