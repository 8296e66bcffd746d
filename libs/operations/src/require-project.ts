export { requireProject } from '@strata/projects';
