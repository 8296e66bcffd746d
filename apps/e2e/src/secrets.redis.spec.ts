import { TestRedis } from '@strata/testing';
import { Redis } from 'ioredis';
import type { Place } from './harness/secret-scan.js';
import { Services } from './harness/services.js';
import { noSecretIsWrittenDown } from './scenarios/secrets.scenario.js';

const contentOf = async (redis: Redis, key: string): Promise<string> => {
  switch (await redis.type(key)) {
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      return (await redis.get(key)) ?? '';
  }
};

const everythingIn = async (url: string): Promise<readonly Place[]> => {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    return await Promise.all(
      keys.map(async (key) => ({ name: `Redis key ${key}`, text: `${key} ${await contentOf(redis, key)}` })),
    );
  } finally {
    redis.disconnect();
  }
};

noSecretIsWrittenDown('Redis', async () => {
  const redis = await TestRedis.start();
  const services = await Services.start({ redisUrl: redis.url, env: { STRATA_LOG_LEVEL: 'trace' } });
  return {
    services,
    queued: () => everythingIn(redis.url),
    end: async () => {
      await services.stop();
      await redis.end();
    },
  };
});
