export { isAdoptable, liveIn, type AdoptionRefusal, type BeginAdoption } from './finding.adoption.js';
export * from './finding.events.js';
export * from './finding.js';
export * from './finding.removal.js';
export * from './finding.stream.js';
export * from './finding.times.js';
