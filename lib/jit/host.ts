/** Which target's code this process can run. Apart from `target.ts`, which brings both assemblers with it. */
import type { TargetName } from './object.js'

const BY_ARCHITECTURE: Readonly<Record<string, TargetName>> = { arm64: 'arm64', x64: 'x64' }

/** The name of the target of this process's CPU, or null. */
export function hostTargetName(): TargetName | null {
  return BY_ARCHITECTURE[process.arch] ?? null
}
