/** Shared by the assembler tests: GNU as as the reference, seeded random numbers, random operands. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeFloatImmediate } from '../../lib/asm/a64/float-immediate.js'
import type { Form } from '../../lib/asm/a64/forms.js'
import { decodeLogicalImmediate } from '../../lib/asm/a64/logical-immediate.js'
import { EXTENDS, type Operand, type OperandValue } from '../../lib/asm/a64/operands.js'

/** GNU's tools for one target. */
export interface GnuTools {
  /** False, or the reason to skip. */
  readonly skip: false | string
  /** In front of the name of each tool. */
  readonly prefix: string
  /** Of the assembler. */
  readonly flags: readonly string[]
}

/** @param arch what Node calls it: there the tools may have plain names */
function findGnu(arch: string, prefix: string, flags: readonly string[] = []): GnuTools {
  const found = (arch === process.arch ? [prefix, ''] : [prefix]).find(
    (candidate) => spawnSync(`${candidate}as`, ['--version']).status === 0,
  )
  const skip = found === undefined ? `${prefix}as is not installed` : false
  return { skip, prefix: found ?? prefix, flags }
}

export const GNU = {
  arm64: findGnu('arm64', 'aarch64-linux-gnu-'),
  x64: findGnu('x64', 'x86_64-linux-gnu-', ['--64']),
} as const

/** Assembles the lines with GNU as and returns the bytes of .text; throws with its messages on an error. */
export function gnuAssemble(lines: readonly string[], { prefix, flags }: GnuTools = GNU.arm64): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'rush-asm-'))
  try {
    const [source, object, binary] = ['code.s', 'code.o', 'code.bin'].map((name) => join(folder, name))
    writeFileSync(source, `${lines.join('\n')}\n`)
    execFileSync(`${prefix}as`, [...flags, '-o', object, source], { encoding: 'utf8', stdio: 'pipe' })
    execFileSync(`${prefix}objcopy`, ['-O', 'binary', '-j', '.text', object, binary])
    return new Uint8Array(readFileSync(binary))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Why tests against GNU as for ARM64 are skipped, or false. */
export const skipGnu = GNU.arm64.skip

/** The bytes as little-endian words, unsigned. */
export function words(code: Uint8Array): number[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  return Array.from({ length: code.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}

/** Seeded generator of integers in [0, limit) (mulberry32). */
export function randomSource(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

/** Legal values of an operand from its raw field choices: `pick(n)` chooses one of n. */
export function operandValue(operand: Operand, pick: (limit: number) => number): OperandValue {
  switch (operand.kind) {
    case 'register':
      return pick(32)
    case 'immediate': {
      const raw = pick(2 ** operand.bits)
      return (operand.signed ? raw - 2 ** (operand.bits - 1) : raw) * operand.scale
    }
    case 'shift':
      return pick(operand.ror ? 4 : 3) + 4 * pick(operand.width)
    case 'addImmediate':
      return pick(8192)
    case 'logical':
      return (
        decodeLogicalImmediate(pick(operand.width === 64 ? 8192 : 4096), operand.width) ??
        (operand.width === 64 ? 0xff00ff00ff00ff00n : 0xf0f0f0f0n)
      )
    case 'moveWide':
      return pick(2 ** (operand.width === 64 ? 18 : 17))
    case 'inverted16':
      return operand.width === 64 ? -1 - pick(0x10000) : 0xffffffff - pick(0xffff)
    case 'condition':
      return pick(operand.inverted ? 14 : 16)
    case 'target':
      return (pick(2 ** operand.bits) - 2 ** (operand.bits - 1)) * 4
    case 'adrTarget':
      return pick(2 ** 21) - 2 ** 20
    case 'extended':
      return pick(32) + 32 * pick(8) + 256 * pick(5)
    case 'index':
      return (
        pick(32) + 32 * EXTENDS.indexOf((['uxtw', 'uxtx', 'sxtw', 'sxtx'] as const)[pick(4)]) + 256 * pick(2)
      )
    case 'testBit':
      return pick(64)
    case 'lslAmount':
      return pick(operand.width)
    case 'bitfield': {
      const lsb = pick(operand.width)
      return lsb + 64 * (1 + pick(operand.width - lsb))
    }
    case 'float8':
      return decodeFloatImmediate(pick(256))
  }
}

/** Values for all operands of a form. */
export function operandValues(form: Form, pick: (limit: number) => number): OperandValue[] {
  return form.operands.map((operand) => operandValue(operand, pick))
}

/** The methods of an assembler's class that `use` never calls, apart from the exempt ones. */
export function methodsNotCalled<T extends object>(
  assembler: T,
  exempt: ReadonlySet<string>,
  use: (assembler: T) => void,
): string[] {
  const called = new Set<string>()
  const recorder = new Proxy(assembler, {
    get(target, name) {
      called.add(String(name))
      const value: unknown = Reflect.get(target, name)
      // Bound to the assembler itself, so that only the calls of `use` are seen.
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  use(recorder)
  const missing: string[] = []
  for (
    let prototype: object = Object.getPrototypeOf(assembler);
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const name of Object.getOwnPropertyNames(prototype))
      if (!called.has(name) && !exempt.has(name)) missing.push(name)
  }
  return missing
}
