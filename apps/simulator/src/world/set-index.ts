/** Which members carry which key. Keys without members are not kept. */
export class SetIndex<T> {
  private readonly sets = new Map<string, Set<T>>();

  get(key: string): ReadonlySet<T> | undefined {
    return this.sets.get(key);
  }

  add(key: string, member: T): void {
    const set = this.sets.get(key);
    if (set) set.add(member);
    else this.sets.set(key, new Set([member]));
  }

  remove(key: string, member: T): void {
    const set = this.sets.get(key);
    if (set?.delete(member) && set.size === 0) this.sets.delete(key);
  }
}
