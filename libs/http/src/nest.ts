export * from './http-app.js';
export { Input, Route } from './route/route-decorator.js';
