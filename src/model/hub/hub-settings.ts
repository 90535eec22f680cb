/** Where the hub, its cache and the user's token are: from the environment variables that all tools of the hub share. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RefractError } from '../../errors.ts';

/** The hub as this machine sees it. */
export interface HubSettings {
  /** Address without a slash at its end. */
  readonly endpoint: string;
  /** The folder of the cache, with `models--org--name` in it. */
  readonly cache: string;
  /** Sent to the endpoint alone, never printed. */
  readonly token?: string;
  /** Only the cache is used. */
  readonly offline: boolean;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `HF_ENDPOINT`; `HF_HUB_CACHE`, `HF_HOME` and `XDG_CACHE_HOME`; `HF_TOKEN`, or the file that `HF_TOKEN_PATH`
 * names, or `token` in `HF_HOME`; `HF_HUB_OFFLINE`.
 *
 * @throws RefractError `SETTING_INVALID` an endpoint that is no http or https address
 * @example hubSettings({ HF_HOME: '/data/hf', HF_HUB_OFFLINE: '1' }).cache // '/data/hf/hub'
 */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const set = (...names: string[]) => names.map((name) => environment[name]?.trim()).find((value) => value);
  const home = atHome(set('HF_HOME') ?? join(set('XDG_CACHE_HOME') ?? '~/.cache', 'huggingface'));
  const token =
    set('HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN') ?? tokenIn(atHome(set('HF_TOKEN_PATH') ?? join(home, 'token')));
  return {
    endpoint: checkEndpoint(set('HF_ENDPOINT') ?? 'https://huggingface.co'),
    cache: atHome(set('HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub')),
    ...(token && { token }),
    offline: /^(1|on|yes|true)$/i.test(set('HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE') ?? ''),
  };
}

function atHome(path: string): string {
  return path.replace(/^~(?=[/\\]|$)/, homedir());
}

function tokenIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined; // nobody has logged in
  }
}

function checkEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text.replace(/\/+$/, '');
  // The text is not repeated: it may hold a password.
  throw new RefractError('SETTING_INVALID', 'HF_ENDPOINT is no http or https address without a password', {
    hint: 'Set it to such as https://huggingface.co, or unset it; a token belongs into HF_TOKEN.',
  });
}
