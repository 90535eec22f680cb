/** Progress of long work: rate and time left on a terminal, plain lines elsewhere, silence when asked. */

/** Receives progress of one piece of work. */
export interface Progress {
  /** `done` units are finished; `note` is a short text such as the current loss. */
  update(done: number, note?: string): void;
  /** The work is finished. */
  end(note?: string): void;
}

/** Starts progress of `label` over `total` units (0 when unknown). */
export type ProgressFactory = (label: string, total: number, unit?: string) => Progress;

/** Says nothing; for tests and library use. */
export const silent: ProgressFactory = () => ({ update() {}, end() {} });

/** Seconds as `1:05` or `2:03:09`. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  return minutes < 60
    ? `${minutes}:${two(s % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** Progress on a stream: one rewritten line on a terminal, a plain line every `everySeconds` elsewhere. */
export function streamProgress(
  stream: NodeJS.WriteStream = process.stderr,
  everySeconds = 10,
): ProgressFactory {
  return (label, total, unit = '') => {
    const start = performance.now();
    let shown = 0;
    const line = (done: number, note: string) => {
      const elapsed = (performance.now() - start) / 1000;
      const rate = done / Math.max(elapsed, 1e-9);
      const amount = total > 0 ? `${done}/${total}` : `${done}`;
      const left = total > 0 && done > 0 ? `, ${clock((total - done) / rate)} left` : '';
      return `${label} ${amount}${unit && ` ${unit}`} (${rate >= 10 ? rate.toFixed(0) : rate.toFixed(2)}/s, ${clock(elapsed)}${left})${note && ` ${note}`}`;
    };
    const show = (text: string) => stream.write(stream.isTTY ? `\r\x1b[2K${text}` : `${text}\n`);
    return {
      update(done, note = '') {
        const now = performance.now();
        if (now - shown < (stream.isTTY ? 100 : everySeconds * 1000)) return;
        shown = now;
        show(line(done, note));
      },
      end(note = '') {
        const seconds = (performance.now() - start) / 1000;
        show(`${label} done in ${clock(seconds)}${note && `: ${note}`}`);
        if (stream.isTTY) stream.write('\n');
      },
    };
  };
}
