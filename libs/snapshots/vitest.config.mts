import { strataVitest } from '../../vitest.shared.mjs';

export default strataVitest();
