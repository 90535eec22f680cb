/** What the hub's refusals mean to a user, and the way out of each. */
import { RefractError } from '../../errors.ts';
import type { HubName } from './model-name.ts';

/** Where a refused request went, and with what. */
export interface RefusedRequest {
  readonly model: HubName;
  readonly endpoint: string;
  /** Whether a token was sent. */
  readonly withToken: boolean;
}

/**
 * The error of a refusal. The hub says what it refuses for in the headers X-Error-Code and X-Error-Message. For a model
 * that does not exist it answers 401 to people without a token, so as not to tell which private models exist.
 *
 * @returns `MODEL_NOT_FOUND`, `MODEL_GATED` or `DOWNLOAD_FAILED`
 */
export function refusalOf(status: string, { headers, url }: Response, request: RefusedRequest): RefractError {
  const { model, endpoint, withToken } = request;
  const [code, said] = [headers.get('x-error-code'), headers.get('x-error-message') ?? ''];
  const page = `${endpoint}/${model.name}`;
  const refuse = (
    kind: 'MODEL_NOT_FOUND' | 'MODEL_GATED' | 'DOWNLOAD_FAILED',
    what: string,
    hint: string,
  ): RefractError => new RefractError(kind, what, { at: page, hint });

  if (code === 'GatedRepo')
    return refuse(
      'MODEL_GATED',
      'the owners of this model grant access one by one',
      `Ask for access on ${page}${withToken ? ', with the account of your token; once it is granted, the same command works' : ', then make a token on the settings page there, and give it as HF_TOKEN'}.`,
    );
  if (code === 'RevisionNotFound')
    return refuse(
      'MODEL_NOT_FOUND',
      `the model has no revision "${model.revision}"`,
      `See ${page}/tree/main for its branches and tags, or leave the revision out.`,
    );
  if (code === 'EntryNotFound')
    return refuse(
      'DOWNLOAD_FAILED',
      `the hub lists a file that it does not have: ${url}`,
      'Try again later.',
    );
  if (/Invalid credentials|invalid token|expired/i.test(said))
    return refuse(
      'DOWNLOAD_FAILED',
      'the hub does not accept your token',
      'Set HF_TOKEN to a valid one, or unset it (and log out) for public models.',
    );
  if (/access to this resource is disabled/i.test(said))
    return refuse('DOWNLOAD_FAILED', 'the hub has disabled this model', `See ${page} for the reason.`);
  if (status.startsWith('401') && !withToken)
    return refuse(
      'MODEL_NOT_FOUND',
      `neither a folder here nor a public model on the hub: "${model.name}"`,
      'Check the spelling of org/name, letter by letter. If the model is private, set HF_TOKEN to a token that may read it.',
    );
  if (/^40[14]/.test(status))
    return refuse(
      'MODEL_NOT_FOUND',
      `neither a folder here nor a model on the hub that ${withToken ? 'your token may read' : 'is public'}: "${model.name}"`,
      'Check the spelling of org/name, letter by letter. A folder that does not exist yet is not made here.',
    );
  return refuse(
    'DOWNLOAD_FAILED',
    `the hub answered ${status}${said && `: ${said}`}`,
    status.startsWith('403')
      ? 'The token may lack the right to read this model, or a firewall is in the way.'
      : 'Try again later; HF_ENDPOINT names another address of the hub.',
  );
}
