/** How to reach one cloud project. Credentials are resolved from their reference at the last moment, never logged. */
export type CloudAccess = EvsAccess | OpenstackAccess;

interface ProjectAccess {
  readonly region: string;
  readonly cloudProjectId: string;
}

/** A user, who gets a token for a password. */
export interface PasswordCredentials {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

/** A pair of keys, which sign every request. */
export interface AccessKeyCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Comes with temporary keys. */
  readonly securityToken?: string | undefined;
  /** `simple` unless told otherwise; `scoped` for gateways that know the older generation only. */
  readonly signature?: 'simple' | 'scoped' | undefined;
}

export interface EvsAccess extends ProjectAccess {
  readonly kind: 'evs';
  readonly credentials: PasswordCredentials | AccessKeyCredentials;
  /** By which of the two calls that the manual names it rolls back, if by any; absent: by the first. */
  readonly rollback?: 'cloudsnapshots' | 'os-vendor-snapshots' | 'off' | undefined;
  /** Base URLs by service: `iam`, `evs`, `ecs` where disks are to be attached, and `ims` for images. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface OpenstackAccess extends ProjectAccess {
  readonly kind: 'openstack';
  readonly credentials: PasswordCredentials;
  /** Whether disks are rolled back there; absent: they are. */
  readonly rollback?: 'revert' | 'off' | undefined;
  /** Base URLs by service: `keystone`; `cinder` and `glance` where the service catalogue is not to be asked. */
  readonly endpoints: Readonly<Record<string, string>>;
}
