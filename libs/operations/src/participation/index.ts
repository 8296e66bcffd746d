export * from './participation.events.js';
