import { expect, it } from 'vitest';
import { runtimeFault } from './runtime.js';

it('Node.js of an age that Strata does not run on is told how to start it', () => {
  expect(runtimeFault('20.20.2')).toContain('npm start');
  expect(runtimeFault('9.11.2')).toContain('npm start');
  expect(runtimeFault('22.0.0')).toBeUndefined();
  expect(runtimeFault(process.versions.node)).toBeUndefined();
});
