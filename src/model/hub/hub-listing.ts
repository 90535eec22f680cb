/** What the hub says of a model: the commit of a revision, and the files of a commit with sizes and hashes. */
import { z } from 'zod';
import { request, statusOf } from '../../data/transfer/request.ts';
import { type TransferControl, withRetries } from '../../data/transfer/retry.ts';
import { RefractError } from '../../errors.ts';
import { refusalOf } from './hub-errors.ts';
import type { HubSettings } from './hub-settings.ts';
import type { HubName } from './model-name.ts';

/** A file of a model, at one commit. */
export interface HubFile {
  /** With slashes, below the model's folder. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content, of files in large-file storage. */
  readonly sha256?: string;
  /** Of these, Git's SHA-1 of the pointer that the repository has in their place. */
  readonly pointer?: string;
  /** Git's SHA-1 of the content, of all others. */
  readonly gitSha1?: string;
}

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const size = z.int().nonnegative();
const revisionSchema = z.object({ sha: sha1 });
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: size.optional(),
    oid: z.string().optional(),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size }).optional(),
  }),
);

/**
 * The commit that a revision stands for now.
 *
 * @throws RefractError `MODEL_NOT_FOUND`, `MODEL_GATED`, `DOWNLOAD_FAILED`, `INTERRUPTED`
 * @example await commitOf({ name: 'org/name', revision: 'main' }, hubSettings())
 */
export async function commitOf(
  model: HubName,
  hub: HubSettings,
  control: TransferControl = {},
): Promise<string> {
  const url = `${hub.endpoint}/api/models/${model.name}/revision/${encodeURIComponent(model.revision)}`;
  const { value } = await ask(url, revisionSchema, model, hub, control);
  return value.sha;
}

/**
 * All files of a commit whose names every system can have, sorted by path.
 *
 * @throws RefractError as `commitOf`
 * @example (await listFiles({ name: 'org/name', revision: 'main' }, commit, hubSettings()))[0].path // '.gitattributes'
 */
export async function listFiles(
  model: HubName,
  commit: string,
  hub: HubSettings,
  control: TransferControl = {},
): Promise<HubFile[]> {
  const files: HubFile[] = [];
  const asked = new Set<string>();
  let next: string | undefined = `${hub.endpoint}/api/models/${model.name}/tree/${commit}?recursive=true`;
  while (next !== undefined && !asked.has(next)) {
    asked.add(next);
    const { value, link }: Answer<typeof treeSchema> = await ask(next, treeSchema, model, hub, control);
    for (const { type, path, size: bytes = 0, oid, lfs } of value) {
      if (type !== 'file') continue;
      if (!isInside(path)) throw malformed(next, `a file called ${JSON.stringify(path)}`);
      if (!isPortable(path)) continue;
      if (lfs !== undefined) files.push({ path, bytes: lfs.size, sha256: lfs.oid, pointer: oid });
      else if (sha1.safeParse(oid).success) files.push({ path, bytes, gitSha1: oid });
      else throw malformed(next, `no hash of ${path}`);
    }
    next = link;
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The headers of requests to `url`: the token goes to the endpoint's host alone. */
export function authorization({ endpoint, token }: HubSettings, url: string): Record<string, string> {
  if (token === undefined || new URL(url).origin !== new URL(endpoint).origin) return {};
  return { authorization: `Bearer ${token}` };
}

interface Answer<Schema extends z.ZodType> {
  readonly value: z.output<Schema>;
  /** The address of the next page. */
  readonly link: string | undefined;
}

async function ask<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  model: HubName,
  hub: HubSettings,
  control: TransferControl,
): Promise<Answer<Schema>> {
  const { signal, patience } = control;
  const once = async () => {
    const answer = await request(url, { headers: authorization(hub, url), signal, patience });
    try {
      const { response } = answer;
      if (!response.ok)
        throw refusalOf(statusOf(response), response, {
          model,
          endpoint: hub.endpoint,
          withToken: hub.token !== undefined,
        });
      const pieces: Uint8Array[] = [];
      for await (const chunk of answer.chunks()) pieces.push(chunk);
      return { text: Buffer.concat(pieces).toString('utf8'), link: nextPage(response) };
    } finally {
      await answer.close();
    }
  };
  const { text, link } = await withRetries(once, control, {
    failed: ({ message, cause }) => unreachable(url, message, cause),
    interrupted: () =>
      new RefractError('INTERRUPTED', 'stopped while asking the hub for its files', {
        at: url,
        hint: 'What has been downloaded before is kept; the same command goes on from there.',
      }),
  });
  try {
    return { value: schema.parse(JSON.parse(text)), link };
  } catch (error) {
    throw malformed(url, 'something else', error);
  }
}

/** The hub could not be asked: no connection, silence, or a busy server on every try. */
export class Unreachable extends RefractError {}

function unreachable(url: string, what: string, cause: unknown): Unreachable {
  return new Unreachable('DOWNLOAD_FAILED', what, {
    at: url,
    hint: 'Check the connection; the same command goes on with what is there. HF_ENDPOINT names another address of the hub, HF_HUB_OFFLINE=1 uses the cache alone.',
    cause,
  });
}

function malformed(url: string, what: string, cause?: unknown): RefractError {
  return new RefractError('DOWNLOAD_FAILED', `the answer is no listing of a model: ${what}`, {
    at: url,
    hint: 'Check HF_ENDPOINT, and whether the network asks you to log in first.',
    cause,
  });
}

/** The address of `rel="next"` in a Link header. */
function nextPage({ headers, url }: Response): string | undefined {
  const found = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  return found === undefined ? undefined : new URL(found, url).href;
}

/** Whether a path stays in its folder on every system. */
function isInside(path: string): boolean {
  if (path.includes('\0') || /^[a-z]:/i.test(path)) return false;
  return path.split(/[/\\]/).every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Whether a path can be a file's on every system; no file that is needed is called otherwise. */
function isPortable(path: string): boolean {
  return !/[\\:\p{Cc}]/u.test(path);
}
