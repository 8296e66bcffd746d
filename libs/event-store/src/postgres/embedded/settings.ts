/**
 * Settings of an embedded server: durable (fsync and synchronous_commit stay on), small, and with checkpoints far enough apart that
 * full pages do not fill the write-ahead log.
 */
export const embeddedSettings: Readonly<Record<string, string | number>> = {
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  max_connections: 120,
  random_page_cost: 1.1,
};
