import app from '../../rolldown.config.mjs';

export default { ...app, input: 'dist/crashing-worker.js' };
