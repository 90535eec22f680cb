/**
 * A hub of models for tests: a real server over HTTP with listings, revisions, gated and private models, and a second
 * one, on another port, that large files are redirected to, as the hub redirects to its CDN.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The token that may read private models and, unless it is `gated`, all others. */
export const TOKEN = 'hf_secret';

/** A request that the hub or its CDN was asked. */
export interface AskedRequest {
  readonly host: 'hub' | 'cdn';
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers instead of the server; false leaves it to the server. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Model {
  readonly commits: Map<string, Map<string, Buffer>>;
  readonly revisions: Map<string, string>;
  readonly access: 'public' | 'private' | 'gated';
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const gitSha1 = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
/** As a repository's .gitattributes has it. */
const isLarge = (path: string) => /\.(safetensors|bin|onnx|onnx_data)$/.test(path);

/** Files by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The hub and its CDN. Within tests, `hubServer` of `hub-models.ts` starts and stops them. */
export class HubServer {
  readonly asked: AskedRequest[] = [];
  onHub: Intercept = () => false;
  onCdn: Intercept = () => false;
  /** Entries of a page of a listing. */
  pageSize = 1000;
  private readonly models = new Map<string, Model>();
  private readonly blobs = new Map<string, Buffer>();
  private readonly hub: Server;
  private readonly cdn: Server;

  constructor() {
    this.hub = createServer((request, response) => this.answer('hub', request, response));
    this.cdn = createServer((request, response) => this.answer('cdn', request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.hub.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    for (const server of [this.hub, this.cdn])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Publishes a commit of a model, which `revision` stands for from now on, and returns it. */
  publish(
    name: string,
    files: Files,
    { revision = 'main', access = 'public' }: { revision?: string; access?: Model['access'] } = {},
  ): string {
    const contents = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
    for (const content of contents.values()) this.blobs.set(sha256(content), content);
    const commit = createHash('sha1')
      .update([...contents].map(([path, content]) => path + sha256(content)).join())
      .digest('hex');
    const model = this.models.get(name) ?? { commits: new Map(), revisions: new Map(), access };
    model.commits.set(commit, contents);
    model.revisions.set(revision, commit).set(commit, commit);
    this.models.set(name, model);
    return commit;
  }

  private answer(host: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): void {
    const { range, 'if-range': ifRange, authorization } = request.headers;
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://host').pathname);
    this.asked.push({ host, path, range, ifRange: ifRange as string | undefined, authorization });
    if ((host === 'hub' ? this.onHub : this.onCdn)(request, response)) return;
    if (host === 'hub') this.answerHub(path, request, response);
    else {
      const content = this.blobs.get(path.slice(1));
      if (content === undefined) response.writeHead(404).end();
      else sendFile(request, response, content, `"${sha256(content)}"`);
    }
  }

  private answerHub(path: string, request: IncomingMessage, response: ServerResponse): void {
    const match =
      /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path) ??
      /^\/([^/]+\/[^/]+)\/(resolve)\/(.+)$/.exec(path);
    const [, name, kind, rest] = match ?? [];
    const model = this.models.get(name);
    const { authorization } = request.headers;
    const known = authorization === `Bearer ${TOKEN}`;
    const refuse = (status: number, code: string, message: string) =>
      response.writeHead(status, { 'x-error-code': code, 'x-error-message': message }).end();
    if (authorization !== undefined && !known)
      return void response
        .writeHead(401, { 'x-error-message': 'Invalid credentials in Authorization header' })
        .end();
    if (model === undefined || (model.access === 'private' && !known))
      return void refuse(known ? 404 : 401, 'RepoNotFound', 'Repository not found');
    if (model.access === 'gated' && kind === 'resolve')
      return void refuse(known ? 403 : 401, 'GatedRepo', 'Access to this model is restricted.');
    const revision = kind === 'resolve' ? rest.split('/')[0] : rest;
    const commit = model.revisions.get(revision);
    if (commit === undefined) return void refuse(404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    const files = model.commits.get(commit)!;
    if (kind === 'revision') json(response, { id: name, sha: commit, private: false, gated: false });
    else if (kind === 'tree') this.sendTree(request, response, files);
    else this.sendContent(rest.slice(revision.length + 1), commit, files, request, response);
  }

  private sendTree(request: IncomingMessage, response: ServerResponse, files: Map<string, Buffer>): void {
    const from = Number(new URL(request.url ?? '', this.url).searchParams.get('cursor') ?? 0);
    const folders = new Set([...files.keys()].filter((p) => p.includes('/')).map((p) => p.split('/')[0]));
    const entries = [
      ...[...folders].map((path) => ({ type: 'directory', path, size: 0, oid: '0'.repeat(40) })),
      ...[...files].map(([path, content]) => {
        const size = content.length;
        if (!isLarge(path)) return { type: 'file', path, size, oid: gitSha1(content) };
        // The oid of a large file is that of its pointer.
        const lfs = { oid: sha256(content), size, pointerSize: 134 };
        return { type: 'file', path, size, oid: gitSha1(Buffer.from(lfs.oid)), lfs };
      }),
    ];
    const next = new URL(request.url ?? '', this.url);
    next.searchParams.set('cursor', `${from + this.pageSize}`);
    if (from + this.pageSize < entries.length) response.setHeader('link', `<${next}>; rel="next"`);
    json(response, entries.slice(from, from + this.pageSize));
  }

  private sendContent(
    path: string,
    commit: string,
    files: Map<string, Buffer>,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const content = files.get(path);
    response.setHeader('x-repo-commit', commit);
    if (content === undefined) response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    else if (isLarge(path)) {
      const { port } = this.cdn.address() as AddressInfo;
      response
        .writeHead(302, {
          location: `http://127.0.0.1:${port}/${sha256(content)}?signature=${this.asked.length}`,
          'x-linked-etag': `"${sha256(content)}"`,
          'x-linked-size': content.length,
        })
        .end();
    } else sendFile(request, response, content, `"${gitSha1(content)}"`);
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Sends a file, or the rest of it that was asked for; `stopAfter` bytes of it the connection breaks. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  etag: string,
  stopAfter?: number,
): void {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const ifRange = request.headers['if-range'];
  const from = asked !== null && (ifRange === undefined || ifRange === etag) ? Number(asked[1]) : 0;
  if (from > 0 && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'accept-ranges': 'bytes',
    'content-length': body.length,
    ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  if (request.method === 'HEAD') response.end();
  else if (stopAfter === undefined) response.end(body);
  else response.write(body.subarray(0, stopAfter), () => setTimeout(() => response.destroy(), 30));
}
