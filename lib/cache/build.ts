import { readFileSync } from 'node:fs'

/** The hash of this build of Rush, made by `tools/build/build-hash.ts`: other code, other hash. */
export function buildHash(): string {
  return readFileSync(new URL('./build-hash.txt', import.meta.url), 'latin1')
}
