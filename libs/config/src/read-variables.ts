import type { z } from 'zod';
import { catalogue, credentialsPrefix, type VariableName } from './catalogue.js';
import { nearestName } from './nearest-name.js';
import type { Variable } from './variable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigurationFault {
  readonly variable: string;
  /** The rule that is broken; never the value. */
  readonly rule: string;
}

/** Stops the boot. Its message has one line for each fault, all at once. */
export class ConfigurationFaults extends Error {
  override readonly name = 'ConfigurationFaults';
  constructor(readonly faults: readonly ConfigurationFault[]) {
    super(
      ['The configuration is not usable:', ...faults.map(({ variable, rule }) => `  ${variable} ${rule}`)].join('\n'),
    );
  }
}

type ValueOf<Name extends VariableName> = z.output<(typeof catalogue)[Name]['rule']>;
type Certain<Name extends VariableName> = Name extends unknown
  ? (typeof catalogue)[Name] extends { readonly default: string }
    ? Name
    : never
  : never;

/** Of variables that are neither required nor have a default, the value may be undefined. */
export type Values<Required extends VariableName, Optional extends VariableName> = {
  readonly [Name in Required | Certain<Optional>]: ValueOf<Name>;
} & { readonly [Name in Exclude<Optional, Certain<Optional> | Required>]: ValueOf<Name> | undefined };

const isVariable = (name: string): name is VariableName => name in catalogue;

/** Compose files set a variable to nothing rather than leave it out: that counts as absent. */
const given = (env: Environment, name: string): string | undefined => env[name] || undefined;

const read = (env: Environment, name: VariableName, required: boolean, faults: ConfigurationFault[]): unknown => {
  const variable: Variable = catalogue[name];
  const text = given(env, name) ?? variable.default;
  if (text === undefined) {
    if (required) faults.push({ variable: name, rule: 'is required' });
    return undefined;
  }
  const value = variable.rule.safeParse(text);
  if (value.success) return value.data;
  faults.push(...value.error.issues.map(({ message }) => ({ variable: name, rule: message })));
  return undefined;
};

/** A variable of ours that nothing reads is a misspelt one. */
const unknownNames = (env: Environment): ConfigurationFault[] =>
  Object.keys(env)
    .filter((name) => name.startsWith('STRATA_') && !isVariable(name) && !name.startsWith(credentialsPrefix))
    .map((variable) => {
      const nearest = nearestName(variable, Object.keys(catalogue));
      return { variable, rule: `is not known${nearest ? `; is ${nearest} meant?` : ''}` };
    });

/** Throws `ConfigurationFaults`. */
export const readVariables = <Required extends VariableName, Optional extends VariableName>(
  env: Environment,
  names: { readonly required: readonly Required[]; readonly optional: readonly Optional[] },
): Values<Required, Optional> => {
  const faults = unknownNames(env);
  const values = Object.fromEntries([
    ...names.required.map((name) => [name, read(env, name, true, faults)]),
    ...names.optional.map((name) => [name, read(env, name, false, faults)]),
  ]);
  if (faults.length > 0) throw new ConfigurationFaults(faults);
  // Each value is what the rule of its name gave just now.
  return values as Values<Required, Optional>;
};
