/** The parameters of single measures: what stands after the dot of `utility.1,-1,0,0` or `ndcg.1=3,2=9`. */
import type { Worth } from '../measures/counts.ts';
import { type GainOf, gradeAsGain } from '../measures/ndcg.ts';
import { numberList, parameterError } from './measure.ts';

/** A reader of one number, e.g. of `set_F.0.5`. */
export function oneNumber(name: string, standard: number): (parameters: string | undefined) => number {
  return (parameters) => {
    const [value, ...more] = numberList(name, parameters, [standard]);
    if (more.length > 0 || value < 0)
      throw parameterError(
        name,
        parameters ?? '',
        `Give one number of at least 0, as in ${name}.${standard}.`,
      );
    return value;
  };
}

/** A reader of a list of levels of recall, ascending. */
export function shares(
  name: string,
  defaults: readonly number[],
): (parameters: string | undefined) => readonly number[] {
  return (parameters) => numberList(name, parameters, defaults).sort((a, b) => a - b);
}

/** What relevant and other passages are worth, returned and missed: `1,-1,0,0`. */
export function readWorth(parameters: string | undefined): Worth {
  const values = numberList('utility', parameters, [1, -1, 0, 0]);
  if (values.length !== 4)
    throw parameterError('utility', parameters ?? '', 'Give four numbers, as in utility.1,-1,0,0.');
  const [relevantReturned, otherReturned, relevantMissed, otherMissed] = values;
  return { relevantReturned, otherReturned, relevantMissed, otherMissed };
}

const GAIN = /^(\d+)=([+-]?(?:\d+\.?\d*|\.\d+))$/;

/** A reader of gains by grade, `1=3,2=9`; a grade that is not named keeps itself as its gain. */
export function readGains(name: string): (parameters: string | undefined) => GainOf {
  return (parameters) => {
    if (parameters === undefined) return gradeAsGain;
    const gains = new Map<number, number>();
    for (const part of parameters.split(',')) {
      const match = GAIN.exec(part);
      if (match === null)
        throw parameterError(name, parameters, `Write gains by grade, as in ${name}.1=3,2=9.`);
      gains.set(Number(match[1]), Number(match[2]));
    }
    return (grade) => gains.get(grade) ?? grade;
  };
}
