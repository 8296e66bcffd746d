import type { BindingId } from '@strata/kernel';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import type { DiskServer, Headers, Item } from './disk-server.js';

/** What a disk is asked for as, unless a test says otherwise. */
export const wanted = { name: 'db', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01' };

export const idOf = ({ body }: Reply): string => String(body['id']);
export const targetOf = ({ body }: Reply): string => (body['target'] as { id: string }).id;
export const codeOf = ({ body }: Reply): string => String(body['type']).replace('/problems/', '');

/** A project of its own for a test, called as its operator. */
export class DiskProject {
  private constructor(
    readonly disks: DiskServer,
    readonly projectId: string,
    readonly token: string,
  ) {}

  /** Under the root and with the cloud of its parent, unless told others. */
  static async make(
    disks: DiskServer,
    bindingId?: BindingId,
    parentId: string = disks.server.seeded.projects.root,
  ): Promise<DiskProject> {
    const body = { name: newId(), parentId, ...(bindingId && { bindingId }) };
    const made = await disks.call('POST', '/v1/projects', { body, token: disks.server.tokens.platformAdmin });
    const { token } = await issueToken(disks, idOf(made), 'operator');
    return new DiskProject(disks, idOf(made), token);
  }

  get path(): string {
    return `/v1/projects/${this.projectId}`;
  }

  get admin(): string {
    return this.disks.server.tokens.platformAdmin;
  }

  /** May view nothing of the project. */
  get stranger(): string {
    return this.disks.server.tokens.beta;
  }

  call(method: string, path: string, body?: unknown, headers: Headers = {}, by = this.token): Promise<Reply> {
    return this.disks.as(by, method, path, body, headers);
  }

  newToken(role: string): Promise<{ readonly token: string; readonly path: string }> {
    return issueToken(this.disks, this.projectId, role);
  }

  request(change: object = {}, headers: Headers = {}): Promise<Reply> {
    return this.call('POST', `${this.path}/disks`, { ...wanted, ...change }, headers);
  }

  /** The disk that a reply's operation works on. */
  pathOf(reply: Reply): string {
    return `${this.path}/disks/${targetOf(reply)}`;
  }

  /** A disk that the cloud has made; the path to it. */
  async provisioned(change: object = {}): Promise<string> {
    const reply = await this.request(change);
    await this.disks.provision(idOf(reply), `cloud-${targetOf(reply)}`);
    return this.pathOf(reply);
  }

  async show(path: string): Promise<Item> {
    return (await this.call('GET', path)).body;
  }

  /** The items of a list that has seen all that was written until now. */
  listed(path: string, by = this.token): Promise<readonly Item[]> {
    return this.disks.listed(by, path);
  }

  setLimits(limits: readonly { dimension: string; limit: number }[]): Promise<void> {
    return this.disks.limit(this.projectId, limits);
  }
}

const issueToken = async (disks: DiskServer, projectId: string, role: string) => {
  const tokens = `/v1/projects/${projectId}/tokens`;
  const issued = await disks.call('POST', tokens, {
    body: { name: role, role },
    token: disks.server.tokens.platformAdmin,
  });
  return { token: String(issued.body['token']), path: `${tokens}/${idOf(issued)}` };
};
