/** Shared by the tests of native code: programs, synthetic feedback and profiles, GNU's tools. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, instructionPositions } from '../../lib/bytecode/index.js'
import { Opcode } from '../../lib/bytecode/opcodes.js'
import { type BytecodeFunction, type BytecodeProgram, moduleHashes } from '../../lib/bytecode/program.js'
import { Tag } from '../../lib/heap/layout.js'
import type { Feedback } from '../../lib/jit/compile.js'
import { DominatorTree, loopsOf } from '../../lib/jit/ir/dominators.js'
import type { Block, Graph, Instruction } from '../../lib/jit/ir/graph.js'
import type { TargetName } from '../../lib/jit/object.js'
import type { ProfileDocument } from '../../lib/jit/profile.js'
import { TARGETS } from '../../lib/jit/target.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { parse } from '../../lib/syntax/index.js'
import { SiteFeedback } from '../../lib/vm/feedback.js'
import { document } from '../bytecode/tools.js'

/** The tests run from `dist/test/jit`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export const TARGET_NAMES = Object.keys(TARGETS) as TargetName[]

const isBuiltin = (name: string): boolean => builtinIndex(name) >= 0

/** Compiles a source without mistakes. */
export function programOf(text: string, file = 'test.rush'): BytecodeProgram {
  const { program, diagnostics } = compile(document(text, file), isBuiltin)
  if (diagnostics.length > 0) throw new Error(`${file}: ${diagnostics[0]?.message}`)
  return program
}

/** The function of a program with this name. */
export function functionOf(program: BytecodeProgram, name: string): BytecodeFunction {
  const fn = program.functions.find((one) => one.name === name)
  if (fn === undefined) throw new Error(`no ${name}`)
  return fn
}

/** The loops of a graph: headers with their blocks, inner ones first. */
export function loopsIn(graph: Graph): [Block, ReadonlySet<Block>][] {
  graph.linkPredecessors()
  return [...loopsOf(graph, new DominatorTree(graph))].sort(([, a], [, b]) => a.size - b.size)
}

/** Instructions of blocks that are in loops, or of all others. */
export function instructionsOf(graph: Graph, inLoops: boolean): Instruction[] {
  const inside = new Set(loopsIn(graph).flatMap(([, blocks]) => [...blocks]))
  return graph.blocks
    .filter((block) => inside.has(block) === inLoops)
    .flatMap(({ instructions }) => instructions)
}

/** The programs in folders of the repository, but for those that are meant not to compile. */
export function programsIn(...folders: string[]): BytecodeProgram[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.rush'))
      .sort()
      .flatMap((name) => {
        const file = join(folder, name)
        const text = readFileSync(join(ROOT, file), 'utf8')
        if (parse(text, file).diagnostics.length > 0) return []
        const { program, diagnostics } = compile(document(text, file), isBuiltin)
        return diagnostics.length > 0 ? [] : [program]
      }),
  )
}

/** A profile in which every operand was of one type, in all functions. */
export function profileOf(program: BytecodeProgram, type: string): ProfileDocument {
  const functions = program.functions.map(({ name, code }, index) => ({
    index,
    name,
    calls: 100,
    backEdges: 0,
    nativeCalls: 0,
    parameters: [],
    results: [],
    sites: instructionPositions(code).map((position) => ({ position, types: [[type], [type]] })),
  }))
  const { sourceHash } = program
  return { format: 'rush-profile', version: 4, sourceHash, moduleHashes: moduleHashes(program), functions }
}

const CONTAINERS: ReadonlySet<number> = new Set([Opcode.GetIndex, Opcode.SetIndex, Opcode.GetProperty])

/**
 * Feedback that saw only this tag everywhere, but arrays indexed by integers, and calls of some
 * function of the program or of `len`.
 */
export function feedbackOf(program: BytecodeProgram, fn: BytecodeFunction, tag: number): Feedback {
  return new Map(
    instructionPositions(fn.code).map((position) => {
      const opcode = fn.code[position] as number
      const site = new SiteFeedback()
      site.left = 1 << (CONTAINERS.has(opcode) ? Tag.ARRAY : tag)
      site.right = 1 << (CONTAINERS.has(opcode) ? Tag.INTEGER : tag)
      if (opcode === Opcode.Call) {
        const count = fn.code[position + 1]
        site.right = 1 << Tag.ARRAY
        site.builtin = builtinIndex('len')
        site.target = program.functions.findIndex(
          ({ method, parameters }) => !method && parameters.length === count,
        )
      }
      return [position, site]
    }),
  )
}

/** Runs `action` with the path of a file that holds `content`. */
export function withFile<T>(
  name: string,
  content: string | Uint8Array,
  action: (path: string, folder: string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'rush-jit-'))
  try {
    const path = join(folder, basename(name))
    writeFileSync(path, content)
    return action(path, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 28 })
}
