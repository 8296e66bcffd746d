import { SetIndex } from './set-index.js';

type Entries = Readonly<Record<string, string>>;

/** Which members carry which entries of a map of strings. Keys and values without members are not kept. */
export class EntryIndex<T extends object> {
  private readonly byKey = new Map<string, SetIndex<T>>();

  get(key: string, value: string): ReadonlySet<T> | undefined {
    return this.byKey.get(key)?.get(value);
  }

  /** Each value that the key has somewhere. */
  valuesOf(key: string): readonly string[] {
    return [...(this.byKey.get(key)?.keys() ?? [])];
  }

  keys(): readonly string[] {
    return [...this.byKey.keys()];
  }

  add(entries: Entries, member: T): void {
    for (const [key, value] of Object.entries(entries)) {
      const byValue = this.byKey.get(key) ?? new SetIndex<T>();
      byValue.add(value, member);
      this.byKey.set(key, byValue);
    }
  }

  remove(entries: Entries, member: T): void {
    for (const [key, value] of Object.entries(entries)) {
      const byValue = this.byKey.get(key);
      byValue?.remove(value, member);
      if (byValue?.size === 0) this.byKey.delete(key);
    }
  }
}
