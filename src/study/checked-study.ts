/** The schema of a study file, with what parts of it ask of each other. */
import { contradictions } from './study-faults.ts';
import { studyPartsSchema } from './study-schema.ts';

/** Checks a study file. */
export const studySchema = studyPartsSchema.superRefine((study, context) => {
  for (const [path, message] of contradictions(study))
    context.addIssue({ code: 'custom', path: [...path], message });
});
