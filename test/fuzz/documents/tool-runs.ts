/** Runs the tools in this process, through their own entries, and keeps what they write. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { main as rushCompile } from '../../../tools/commands/rush-compile.js'
import { main as rushJitAsm } from '../../../tools/commands/rush-jit-asm.js'
import { main as rushRun } from '../../../tools/commands/rush-run.js'
import { main as rushVm } from '../../../tools/commands/rush-vm.js'
import type { Command } from '../../../tools/shared/main.js'

export const TOOLS = {
  'rush-compile': rushCompile,
  'rush-jit-asm': rushJitAsm,
  'rush-run': rushRun,
  'rush-vm': rushVm,
} as const satisfies Record<string, Command>

export type ToolName = keyof typeof TOOLS

export interface ToolRun {
  readonly tool: ToolName
  readonly words: readonly string[]
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
  readonly milliseconds: number
}

/** The real one, for the reports of this process. */
export const writeSync = fs.writeSync

/** What is written to the standard streams is kept in `kept`; null: nothing is running. */
let kept: Record<1 | 2, Buffer[]> | null = null

/** From now on nothing reaches the standard streams of this process but through `writeSync` above. */
export function catchStreams(): void {
  const write = (descriptor: number, data: Uint8Array, from?: number): number => {
    if ((descriptor !== 1 && descriptor !== 2) || kept === null) return writeSync(descriptor, data, from)
    const piece = Buffer.from(data.subarray(from ?? 0))
    kept[descriptor].push(piece)
    return piece.length
  }
  fs.writeSync = write as typeof fs.writeSync
  syncBuiltinESMExports()
}

export async function runToolHere(tool: ToolName, words: readonly string[]): Promise<ToolRun> {
  const streams: Record<1 | 2, Buffer[]> = { 1: [], 2: [] }
  kept = streams
  const started = performance.now()
  try {
    const code = await TOOLS[tool](words)
    const milliseconds = performance.now() - started
    const [stdout, stderr] = [Buffer.concat(streams[1]), Buffer.concat(streams[2]).toString()]
    return { tool, words, code, stdout, stderr, milliseconds }
  } finally {
    kept = null
  }
}
