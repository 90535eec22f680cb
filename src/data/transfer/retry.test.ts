/** How often and when work is tried again. */
import { expect, it } from 'vitest';
import { Lasting, Passing, withRetries } from './retry.ts';

const given = {
  failed: (error: Error) => new Error(`gave up: ${error.message}`),
  interrupted: () => new Error('interrupted'),
};

it('tries passing failures again, and no others', async () => {
  let tries = 0;
  const third = async () => {
    if (++tries < 3) throw new Passing('busy');
    return tries;
  };
  expect(await withRetries(third, { retries: 2, retryDelay: 1 }, given)).toBe(3);
  tries = 0;
  await expect(withRetries(third, { retries: 1, retryDelay: 1 }, given)).rejects.toThrow('gave up: busy');
  tries = 0;
  const circle = async () => {
    tries++;
    throw new Lasting('a circle');
  };
  await expect(withRetries(circle, { retryDelay: 1 }, given)).rejects.toThrow('gave up: a circle');
  expect(tries).toBe(1);
  const broken = async () => {
    tries++;
    throw new TypeError('a fault');
  };
  tries = 0;
  await expect(withRetries(broken, { retryDelay: 1 }, given)).rejects.toThrow(TypeError);
  expect(tries).toBe(1);
});

it('counts anew after each megabyte, but not for bytes that come a second time', async () => {
  let bytes = 0;
  let tries = 0;
  const arrived = () => bytes;
  const steady = async () => {
    tries++;
    bytes += 2 ** 20;
    if (tries < 9) throw new Passing('cut');
  };
  await withRetries(steady, { retries: 1, retryDelay: 1 }, { ...given, arrived });
  expect(tries).toBe(9);
  tries = 0;
  bytes = 0;
  const restarting = async () => {
    tries++;
    bytes = 2 ** 20;
    throw new Passing('cut');
  };
  await expect(withRetries(restarting, { retries: 1, retryDelay: 1 }, { ...given, arrived })).rejects.toThrow(
    'gave up',
  );
  expect(tries).toBe(2);
});

it('waits as long as it is asked to, within reason, and not once it is stopped', async () => {
  const start = performance.now();
  let tries = 0;
  const busy = (wait: number) => async () => {
    if (tries++ === 0) throw new Passing('busy', { wait });
  };
  await withRetries(busy(200), { retryDelay: 1 }, given);
  expect(performance.now() - start).toBeGreaterThan(190);
  tries = 0;
  await expect(withRetries(busy(3_600_000), { retryDelay: 1 }, given)).rejects.toThrow('gave up');
  tries = 0;
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  await expect(withRetries(busy(60_000), { signal: stop.signal }, given)).rejects.toThrow('interrupted');
});
