/**
 * The cells with the scores that arms give to the choices of test questions, against the judged passages.
 *
 * Only arms that encode have them. BM25 would have to translate every choice to meet a passage in another language,
 * and where no word of it is met all choices are level; fusions fuse ranks of passages; translations are of questions
 * without their choices. These have no value, rather than one that is chance by construction.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDirectoryAtomic, writeFileAtomic } from '../data/atomic.ts';
import { relevantPassages } from '../data/relevant.ts';
import type { LateInteractionIndex } from '../index/late-interaction.ts';
import { openIndex } from '../index/open-index.ts';
import { Encoder } from '../model/encoder.ts';
import { isCut, scoreChoices } from '../search/choices.ts';
import type { StageControl } from '../stage.ts';
import { TeacherVectors } from '../train/teacher-vectors.ts';
import type { Cell } from './cell.ts';
import { byModel, type DenseRuns, encodeOwn, type TextEncoding } from './dense-runs.ts';
import { passagesOf, queriesOf, searchedFiles } from './file-names.ts';
import { type MeanShift, shiftVectors } from './mean-shift.ts';
import { indexCell, readModel, readShift, type StudyContext } from './models.ts';

/**
 * The cell with the choices of an arm; none where the study does not measure them, or no question there has any.
 * Passages are encoded as for a search: by the model of their language, or, where they are English, by the teacher.
 *
 * @param encodings what encodes texts of each language, as for `denseRuns`
 */
export function choiceCell(
  context: StudyContext,
  { name, group, seed, test }: DenseRuns,
  encodings: ReadonlyMap<string, TextEncoding>,
): Cell | undefined {
  const { study, files, table } = context;
  const asked = [...encodings].filter(([language]) => files.haveChoices(test, language));
  if (asked.length === 0) return undefined;
  const { passages, judgments } = study.tests[test];
  const index = typeof passages === 'string' ? indexCell(context, seed, test, passages) : undefined;
  const languages = asked.map(([language]) => language);
  const own = languages.flatMap((language) => [
    ...(index ? [] : [passagesOf(study, test, language).file]),
    queriesOf(study, test, language).file,
  ]);
  const models = asked.flatMap(([, { model, shift }]) => (shift ? [model, shift] : [model]));
  return table.add({
    name: `choices-${name}-${test}`,
    kind: 'choices',
    group: `choices ${group} ${test}`,
    settings: {
      test,
      files: searchedFiles(study, test, languages),
      encodings: Object.fromEntries(
        asked.map(([language, { model, shift }]) => [language, [model.identity, shift?.identity ?? '']]),
      ),
    },
    data: files.hash([...new Set([...own, judgments])]),
    needs: [...(index ? [index] : []), ...new Set(models)],
    async make({ folder, folderOf, control: { resume: _, ...control } }) {
      const shared = index && openIndex(folderOf(index));
      const warnings = new Set<string>();
      try {
        await writeDirectoryAtomic(folder, async (inside) => {
          for (const [model, read] of byModel(new Map(asked))) {
            const encoder = await Encoder.fromCheckpoint(readModel(context, seed, folderOf, model), control);
            // English questions are the same beside passages of every language.
            const questions = new TeacherVectors(encoder);
            try {
              for (const { language, shift } of read) {
                const means = shift && readShift(folderOf(shift));
                const reader = { encoder, questions, means, index: shared };
                const { scores, cut, chosen } = await choose(context, test, language, reader, control);
                if (cut > 0)
                  warnings.add(
                    `${queriesOf(study, test, language).file}: ${cut} of ${chosen} questions are longer with a choice than the model reads, and are cut`,
                  );
                writeFileAtomic(choiceFile(inside, language), `${JSON.stringify(scores)}\n`);
              }
            } finally {
              await encoder.close();
            }
          }
        });
      } finally {
        await shared?.close();
      }
      return warnings.size > 0 ? { warnings: [...warnings] } : {};
    },
  });
}

/** What reads texts of a language, and the index of English passages where these are searched. */
interface ChoosingModel {
  readonly encoder: Encoder;
  /** Its vectors of questions with their choices. */
  readonly questions: TeacherVectors;
  readonly means?: MeanShift;
  readonly index?: LateInteractionIndex;
}

/**
 * Question -> scores of its choices, for the questions of a language that have choices and a judged passage; how many
 * these are, and how many of them the model does not read to their end.
 */
async function choose(
  { study, files }: StudyContext,
  test: string,
  language: string,
  { encoder, questions: known, means, index }: ChoosingModel,
  control: StageControl,
): Promise<{
  readonly scores: Record<string, number[]>;
  readonly cut: number;
  readonly chosen: number;
}> {
  const { file, field } = queriesOf(study, test, language);
  const relevant = relevantPassages(await files.judgments(study.tests[test].judgments));
  const questions = (await files.queries(file, field)).filter(
    ({ id, choices }) => choices && relevant.has(id),
  );
  const gold = new Set(questions.flatMap(({ id }) => [...(relevant.get(id) ?? [])]));
  const collection = await files.passages(passagesOf(study, test, language).file);
  const passages = collection.filter(({ id }) => gold.has(id));
  const vectors = new Map<string, Float32Array>();
  const moved = <Text extends { readonly vectors: Float32Array }>(text: Text) =>
    means ? shiftVectors(text, means) : text;
  if (index)
    for (const { id } of passages) {
      const ordinal = index.ordinal(id);
      if (ordinal !== undefined) vectors.set(id, index.vectors(ordinal));
    }
  else
    for await (const { passage, vectors: own } of encodeOwn(encoder, passages, means, control))
      vectors.set(passage.id, own);
  const answerable = questions
    .map(({ id, text, choices = [] }) => ({
      ...{ id, text, choices },
      passages: [...(relevant.get(id) ?? [])].flatMap((passage) => vectors.get(passage) ?? []),
    }))
    .filter((question) => question.passages.length > 0);
  // Mean shift moves the texts of the language: the questions, or the passages that English ones are about.
  const encode = async (texts: readonly string[]) => {
    const encoded = await known.of(texts);
    return index ? encoded.map(moved) : encoded;
  };
  const scores = await scoreChoices(answerable, encoder.dim, encode, control);
  return {
    scores: Object.fromEntries(answerable.map(({ id }, q) => [id, scores[q]])),
    cut: answerable.filter((question) => isCut(encoder.maker, question)).length,
    chosen: answerable.length,
  };
}

const choicesSchema = z.record(z.string(), z.array(z.number()));

/** The scores in the folder of a `choices` cell for a language, question -> scores; none where it was not asked. */
export function readChoices(folder: string, language: string): Map<string, readonly number[]> {
  const file = choiceFile(folder, language);
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(choicesSchema.parse(JSON.parse(readFileSync(file, 'utf8')))));
}

function choiceFile(folder: string, language: string): string {
  return join(folder, `${language}.json`);
}
