import type { ProjectId } from '@strata/kernel';
import type { Evidence } from '../finding/index.js';

/** To which project a disk goes. `pattern`: a name in which `*` stands for any characters, also for none. */
export type ImportRule =
  | { readonly by: 'tag'; readonly key: string; readonly value: string; readonly projectId: ProjectId }
  | { readonly by: 'name'; readonly pattern: string; readonly projectId: ProjectId };

export interface ImportRules {
  readonly rules: readonly ImportRule[];
  /** For what fits no rule. */
  readonly default: ProjectId | 'leave';
}

export interface Assignment {
  readonly projectId: ProjectId;
  readonly by: ImportRule['by'] | 'default';
  /** Counted from 0; null for the default. */
  readonly rule: number | null;
}

/** The first rule that fits decides. Undefined: it is left where it is. */
export const assignmentOf = (
  { rules, default: rest }: ImportRules,
  disk: Pick<NonNullable<Evidence['cloud']>, 'name' | 'tags'>,
): Assignment | undefined => {
  const rule = rules.findIndex((each) => fitsRule(each, disk));
  const chosen = rules[rule];
  if (chosen !== undefined) return { projectId: chosen.projectId, by: chosen.by, rule };
  return rest === 'leave' ? undefined : { projectId: rest, by: 'default', rule: null };
};

const fitsRule = (
  rule: ImportRule,
  { name, tags = {} }: Pick<NonNullable<Evidence['cloud']>, 'name' | 'tags'>,
): boolean => (rule.by === 'tag' ? tags[rule.key] === rule.value : fitsPattern(rule.pattern, name));

/** Each part is looked for once, behind the one before: however many stars there are, nothing is tried again. */
export const fitsPattern = (pattern: string, text: string): boolean => {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
};
