import { describe, expect, it } from 'vitest';
import { rateAt, type Schedule } from './schedule.ts';

const schedule: Schedule = { rate: 0.8, warmupSteps: 4, decay: 'linear', floor: 0 };
const rates = (change: Partial<Schedule>, steps: number[], total = 12) =>
  steps.map((step) => rateAt({ ...schedule, ...change }, step, total));

describe('rateAt', () => {
  it('rises in equal parts to the peak', () => {
    [0.2, 0.4, 0.6, 0.8].forEach((rate, i) => {
      expect(rates({}, [i + 1])[0]).toBeCloseTo(rate, 12);
    });
  });

  it('falls linearly to the floor at the last step', () => {
    expect(rates({}, [5, 8, 12])).toEqual([0.8 * (7 / 8), 0.4, 0]);
    expect(rates({ floor: 0.1 }, [8, 12])).toEqual([0.8 * (0.1 + 0.9 * 0.5), 0.8 * 0.1]);
  });

  it('falls along half a cosine', () => {
    const [early, half, late, last] = rates({ decay: 'cosine' }, [6, 8, 10, 12]);
    expect(early).toBeCloseTo(0.8 * 0.5 * (1 + Math.SQRT1_2), 12);
    expect(half).toBeCloseTo(0.4, 12);
    expect(late).toBeCloseTo(0.8 * 0.5 * (1 - Math.SQRT1_2), 12);
    expect(last).toBeCloseTo(0, 12);
  });

  it('stays at the peak when constant, and starts there without warm-up', () => {
    expect(rates({ decay: 'constant' }, [5, 12])).toEqual([0.8, 0.8]);
    expect(rates({ decay: 'constant', warmupSteps: 0 }, [1])).toEqual([0.8]);
  });

  it('never leaves [0, rate], also where warm-up takes the whole run', () => {
    for (const decay of ['linear', 'cosine'] as const) {
      for (let step = 1; step <= 12; step++) {
        const [rate] = rates({ decay, warmupSteps: 12 }, [step]);
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(0.8 + 1e-12);
      }
    }
  });
});
