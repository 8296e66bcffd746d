/** Which members carry which key. Keys without members are not kept. Most have one member: then there is no set of it. */
export class SetIndex<T extends object> {
  private readonly members = new Map<string, T | Set<T>>();

  get size(): number {
    return this.members.size;
  }

  keys(): Iterable<string> {
    return this.members.keys();
  }

  get(key: string): ReadonlySet<T> | undefined {
    const members = this.members.get(key);
    return members === undefined || members instanceof Set ? members : new Set([members]);
  }

  add(key: string, member: T): void {
    const members = this.members.get(key);
    if (members === undefined) this.members.set(key, member);
    else if (members instanceof Set) members.add(member);
    else if (members !== member) this.members.set(key, new Set([members, member]));
  }

  remove(key: string, member: T): void {
    const members = this.members.get(key);
    const isLast = members instanceof Set ? members.delete(member) && members.size === 0 : members === member;
    if (isLast) this.members.delete(key);
  }
}
