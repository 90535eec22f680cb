import { describe, expect, it, vi } from 'vitest';
import { refusal } from '../test/temporary.ts';
import type { ProgressFactory } from './progress.ts';
import { interruption, mapInTurns, Stage } from './stage.ts';

/** A clock that stands still unless it is moved. */
function stoppedClock() {
  let now = 0;
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now);
  return { pass: (milliseconds: number) => (now += milliseconds), restore: () => spy.mockRestore() };
}

describe('a stage', () => {
  it('is due at once, and then after 50 ms of work', async () => {
    const clock = stoppedClock();
    const stage = new Stage('counting', 9, 'words');
    expect(stage.due()).toBe(true);
    await stage.turn(1);
    clock.pass(49);
    expect(stage.due()).toBe(false);
    clock.pass(1);
    expect(stage.due()).toBe(true);
    clock.restore();
  });

  it('lets others run in its turns', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other'));
    const stage = new Stage('counting', 9, 'words');
    await stage.turn(1);
    order.push('stage');
    expect(order).toEqual(['other', 'stage']);
  });

  it('names itself, its units and its end', async () => {
    const told: unknown[] = [];
    const progress: ProgressFactory = (...given) => {
      told.push(given);
      return { update: (...update) => told.push(update), end: (note) => told.push(note) };
    };
    const doubled = await mapInTurns([1, 2], (x) => 2 * x, 'doubling', 'numbers', { progress });
    expect(doubled).toEqual([2, 4]);
    expect(told).toEqual([['doubling', 2, 'numbers'], [1, undefined], undefined]);
  });

  it('stops in a turn, in a report, and before it begins', async () => {
    const stop = new AbortController();
    const control = { signal: stop.signal, directory: 'teacher.unfinished' };
    const stage = new Stage('counting words', 9, 'words', control);
    setImmediate(() => stop.abort()); // as a signal does, between two turns
    const error = await refusal(() => stage.turn(1));
    expect(error).toMatchObject(interruption('stopped while counting words after 0:00', control.directory));
    expect(error.hint).toContain('--resume');
    expect((await refusal(() => stage.report(2))).code).toBe('INTERRUPTED');
    expect((await refusal(() => new Stage('more', 0, '', control))).code).toBe('INTERRUPTED');
  });
});
