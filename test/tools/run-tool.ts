/** Runs the compiled tools in tests. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The path of a compiled tool. */
export function toolPath(name: string): string {
  return fileURLToPath(new URL(`../../tools/${name}.js`, import.meta.url))
}

export interface ToolResult {
  code: number | null
  stdout: string
  stderr: string
  bytes: Buffer
  /** Of the process that ran it. */
  pid: number
}

/** Runs a tool to its end with `input` as standard input. */
export function runTool(
  name: string,
  words: readonly string[],
  input: string | Uint8Array = '',
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): ToolResult {
  const result: SpawnSyncReturns<Buffer> = spawnSync(process.execPath, [toolPath(name), ...words], {
    input,
    ...options,
  })
  return {
    code: result.status,
    stdout: result.stdout.toString(),
    stderr: result.stderr.toString(),
    bytes: result.stdout,
    pid: result.pid,
  }
}

/** An empty folder that is removed after `action`. */
export function withFolder(action: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rush-test-'))
  try {
    action(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
