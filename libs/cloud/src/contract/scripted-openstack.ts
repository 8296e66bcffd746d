import type { DiskCloud, OpenstackAccess } from '../disk-cloud.js';
import { OpenstackDiskCloud, type OpenstackOptions } from '../openstack/index.js';
import { startScriptedCloud, type Script } from './scripted-cloud.js';

/** Keystone and Cinder on one port, each saying what the script says; Cinder is named by the binding unless told otherwise. */
export const startScriptedOpenstack = async (
  script: Script,
  options: Partial<OpenstackOptions> & {
    readonly endpoints?: (url: string) => OpenstackAccess['endpoints'];
    readonly rollback?: OpenstackAccess['rollback'];
  } = {},
) => {
  const scripted = await startScriptedCloud(script);
  const { endpoints = (url: string) => ({ keystone: url, cinder: url }), rollback, ...rest } = options;
  const { cloudProjectId, credentials } = scripted.access;
  const access: OpenstackAccess = {
    ...{ kind: 'openstack', cloudProjectId, credentials, rollback },
    region: 'RegionOne',
    endpoints: endpoints(scripted.url),
  };
  const cloud: DiskCloud = new OpenstackDiskCloud(access, { retryPauseMs: 1, ...rest });
  /** What Cinder was asked, with its bodies read. */
  const asked = () =>
    scripted
      .calls()
      .map(({ method, path, body }) => ({ method, path, body: body === '' ? null : (JSON.parse(body) as unknown) }));
  const close = async () => {
    await cloud.close();
    await scripted.close();
  };
  return { cloud, scripted, asked, close };
};
