/** Telling names of models on the hub, `org/name` or `org/name@revision`, from folders. */
import { existsSync } from 'node:fs';
import { RefractError } from '../../errors.ts';

/** A model on the hub. */
export interface HubName {
  /** `org/name`. */
  readonly name: string;
  /** A branch, a tag, a commit, or such as `refs/pr/1`. */
  readonly revision: string;
}

/** The revision of a name that says none. */
export const DEFAULT_REVISION = 'main';

/** As the hub has them: letters, digits, `_`, `-` and `.`, neither first nor last one of the last two. */
const PART = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?';
const HUB_NAME = new RegExp(`^(${PART}/${PART})(?:@(.+))?$`);

/**
 * The model that `text` names on the hub, or undefined where it is a folder: something exists under it, it begins with
 * `.` or `/`, or it is no `org/name`.
 *
 * @throws RefractError `SETTING_INVALID` a revision that cannot be one
 * @example hubNameOf('org/name@v1.0') // { name: 'org/name', revision: 'v1.0' }
 * @example hubNameOf('./teacher') // undefined
 */
export function hubNameOf(text: string): HubName | undefined {
  return /^[./]/.test(text) || existsSync(text) ? undefined : parseHubName(text);
}

/**
 * The same without a look at the disk. `revision` is one that was given beside the name.
 *
 * @throws RefractError `SETTING_INVALID` a revision that cannot be one, or two of them
 */
export function parseHubName(text: string, revision?: string): HubName | undefined {
  const match = HUB_NAME.exec(text);
  if (match === null || /--|\.\.|\.git$/.test(match[1])) return undefined;
  const [, name, said] = match;
  if (said !== undefined && revision !== undefined && said !== revision)
    throw new RefractError(
      'SETTING_INVALID',
      `"${text}" names another revision than --revision ${revision}`,
      {
        hint: 'Give one of the two.',
      },
    );
  const wanted = revision ?? said ?? DEFAULT_REVISION;
  checkRevision(wanted);
  return { name, revision: wanted };
}

/** Whether a revision is a commit and so stands for the same files for ever. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Revisions become names of files in the cache. */
function checkRevision(revision: string): void {
  // What git allows in the name of a branch, less the characters that file systems reserve.
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.\-+/]*$/u.test(revision) && !/\.\.|\/\/|\/\.|\/$|\.lock$/.test(revision))
    return;
  throw new RefractError('SETTING_INVALID', `"${revision}" cannot be a revision`, {
    hint: 'Give a branch, a tag or a commit of the model, such as main.',
  });
}
