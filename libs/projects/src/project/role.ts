import { z } from 'zod';

/** Held at a project and inherited down the tree, each with all that the one before it may. */
export const ProjectRole = z.enum(['viewer', 'operator', 'admin']);
export type ProjectRole = z.infer<typeof ProjectRole>;

/** Held everywhere: `platform-admin` may everything, `auditor` may look at everything. */
export const GlobalRole = z.enum(['platform-admin', 'auditor']);
export type GlobalRole = z.infer<typeof GlobalRole>;

export const Role = z.enum([...ProjectRole.options, ...GlobalRole.options]);
export type Role = z.infer<typeof Role>;
