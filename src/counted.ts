/** A number with its noun, in messages and reports. */

/** `1 seed`, `3 seeds`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
