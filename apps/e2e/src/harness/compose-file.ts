import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export interface ComposeService {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** As compose reads `${NAME:-default}` where NAME is not set. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

export const composeServices = (): Readonly<Record<string, ComposeService>> => {
  const text = withDefaults(readFileSync(`${repository}/docker-compose.yml`, 'utf8'));
  return (parse(text, { merge: true }) as { services: Record<string, ComposeService> }).services;
};

/** What a container is named, and where it listens in its own network, beside where that is on this machine. */
export interface Address {
  readonly service: string;
  readonly port: number;
  readonly here: number;
}

/** The same text for processes beside each other on this machine: names and ports of containers become loopback ports. */
export const onLoopback = (text: string, addresses: readonly Address[]): string =>
  addresses.reduce(
    (so, { service, port, here }) =>
      so.replaceAll(`${service}:${port}`, `127.0.0.1:${here}`).replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${here}`),
    text,
  );

/** Services in an order that `depends_on` allows. */
export const inOrder = (services: Readonly<Record<string, ComposeService>>): readonly string[] => {
  const done: string[] = [];
  while (done.length < Object.keys(services).length) {
    const next = Object.keys(services).filter(
      (name) =>
        !done.includes(name) && Object.keys(services[name]?.depends_on ?? {}).every((other) => done.includes(other)),
    );
    if (next.length === 0) throw new Error(`these wait for each other: ${Object.keys(services).join(', ')}`);
    done.push(...next);
  }
  return done;
};
