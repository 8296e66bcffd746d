import { fileURLToPath } from 'node:url';

export type App = 'api' | 'cli' | 'projector' | 'simulator' | 'standalone' | 'worker';

/** The built entry of an app, as it runs in production. */
export const entryOf = (app: App): string => fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));

/** A built program of these tests. */
export const ownEntry = (name: string): string => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
