/**
 * Compiles `kernels.as` with AssemblyScript, and writes `kernels-module.ts` when it is run as a program (by
 * `npm run build`). Not part of the package: users get the module's bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The part of the compiler's interface that is used; its own types need the DOM library. */
interface Compiler {
  main(
    args: readonly string[],
    files: {
      readonly readFile: (name: string) => string | null;
      readonly writeFile: (name: string, contents: Uint8Array) => void;
      readonly listFiles: () => string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The WebAssembly module of `kernels.as`; undefined where AssemblyScript is not installed. */
export async function compileKernels(): Promise<Uint8Array | undefined> {
  const name = 'assemblyscript/asc';
  const compiler: Compiler | undefined = await import(name).catch(() => undefined);
  if (compiler === undefined) return undefined;
  const source = readFileSync(at('./kernels.as'), 'utf8');
  let bytes: Uint8Array | undefined;
  const options =
    '-O3 --noAssert --runtime stub --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536';
  const { error, stderr } = await compiler.main(
    ['kernels.ts', ...options.split(' '), '--enable', 'simd', '--enable', 'threads', '-o', 'kernels.wasm'],
    {
      // The compiler takes only files that end in .ts, which TypeScript would read as its own.
      readFile: (file) => (file === 'kernels.ts' ? source : null),
      writeFile: (_, contents) => {
        bytes = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`kernels.as does not compile\n${stderr}`, { cause: error });
  return bytes;
}

/** The text of `kernels-module.ts`. */
export function moduleSource(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '/** Generated from `kernels.as` by `npm run build`; not edited by hand. */',
    '',
    '/** The WebAssembly module in base64. */',
    'export const KERNELS_BASE64 =',
    ...lines.map((line, i) => `  '${line}'${i + 1 < lines.length ? ' +' : ';'}`),
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await compileKernels();
  if (bytes === undefined) console.error('assemblyscript is not installed: kernels-module.ts stays as it is');
  else writeFileSync(at('./kernels-module.ts'), moduleSource(bytes));
}
