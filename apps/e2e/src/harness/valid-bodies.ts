/** For each write route with a body one that its schema takes, with every member that it knows. */
export const validBodies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /v1/projects': { name: 'x' },
  'PATCH /v1/projects/{projectId}': { name: 'x' },
  'PUT /v1/projects/{projectId}/quota/limits': { limits: [{ dimension: 'disks', limit: 3 }] },
  'POST /v1/projects/{projectId}/tokens': { name: 'x', role: 'viewer', expiresAt: '2099-01-01T00:00:00Z' },
  'POST /v1/projects/{projectId}/disks': {
    name: 'x',
    description: 'what it is for',
    sizeGiB: 10,
    type: 'SSD',
    availabilityZone: 'eu-de-01',
    count: 2,
    tags: { team: 'a' },
    metadata: { ledger: 'b' },
  },
  'PATCH /v1/projects/{projectId}/disks/{diskId}': {
    name: 'x',
    description: 'y',
    tags: { team: 'a' },
    metadata: { ledger: 'b' },
  },
  'POST /v1/projects/{projectId}/disks/{diskId}/extend': { sizeGiB: 40 },
  'POST /v1/projects/{projectId}/disks/{diskId}/attach': {
    serverId: '8f5f6b51-7a0c-4b0e-9d6a-3e1f2c4d5e6f',
    device: '/dev/vdc',
  },
  'POST /v1/projects/{projectId}/disks/{diskId}/detach': { serverId: '8f5f6b51-7a0c-4b0e-9d6a-3e1f2c4d5e6f' },
  'POST /v1/bindings': {
    name: 'x',
    kind: 'evs',
    region: 'eu-de',
    endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1', ecs: 'http://127.0.0.1:1' },
    cloudProjectId: '0123456789abcdef0123456789abcdef',
    credentials: { ref: 'x' },
  },
  'PATCH /v1/bindings/{bindingId}': { name: 'x', endpoints: { iam: 'http://127.0.0.1:1' } },
};
