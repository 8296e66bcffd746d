/** One of several processes on one lane: node lane-process.mjs <url> <callers> <ms>; projects come in as a message. */
import { PostgresEventStore } from '@strata/event-store/postgres';
import { commanding } from './lane-load.mjs';
import { measure } from './measure.mjs';

const [url, callers, ms] = process.argv.slice(2);
process.once('message', async ({ projects }) => {
  const store = new PostgresEventStore({ url });
  const act = commanding(store, projects);
  await measure(Number(callers), 300, act);
  const measured = await measure(Number(callers), Number(ms), act);
  await store.close();
  process.send(measured, () => process.disconnect());
});
