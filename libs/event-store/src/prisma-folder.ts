import { fileURLToPath } from 'node:url';

/**
 * `prisma/` of this repository: schema.prisma and the migrations, in Prisma's own layout. A built app has this line in its own
 * `dist`, which is as deep below the root as this folder is.
 */
export const prismaFolder = fileURLToPath(new URL('../../../prisma/', import.meta.url));
