import { afterAll, beforeAll, beforeEach } from 'vitest';
import { DiskProject } from './disk-project.js';
import { DiskServer } from './disk-server.js';

/** A server for the file; for each of its tests a project of its own, both given to `begin`. */
export const forEachDiskProject = (begin: (my: DiskProject, server: DiskServer) => void): void => {
  let server: DiskServer;
  beforeAll(async () => {
    server = await DiskServer.start();
  });
  afterAll(() => server.close());
  beforeEach(async () => begin(await DiskProject.make(server), server));
};
