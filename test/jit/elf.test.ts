import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileObject, type ObjectDocument, writeElf } from '../../lib/jit/index.js'
import type { RelocationKind } from '../../lib/jit/object.js'
import { codeOf, placeCode, textOf } from '../../lib/jit/object-code.js'
import { TARGETS } from '../../lib/jit/target.js'
import { GNU, type GnuTools } from '../asm/tools.js'
import { profileOf, programOf, programsIn, run, TARGET_NAMES, withFile } from './tools.js'

/** The tests share the machine with others. */
t.setTimeout(240_000)

const program = programOf(`
limit = 3
add = fn(a, b) { return a + b + limit }
scale = fn(x) { return x * 2.5 }
flip = fn(x) { return -x }
class Box { fn add(x) { return x } }
`)

/** What differs between the targets. */
const EXPECTED = {
  arm64: {
    machine: 183,
    call: /\sbl\s.*\n.*R_AARCH64_CALL26\sstub:step/,
    addresses: ['G0_NC', 'G1_NC', 'G2_NC', 'G3'].map((type) => `R_AARCH64_MOVW_UABS_${type}\tfunction:1`),
    entry: /<scale>:\n +[0-9a-f]+:\s+[0-9a-f]{8}\s+subs\s+w26, w26, #0x1/,
    // 2.5 is data.
    constant: /\.word\s+0x40040000/,
    flags: ['-dr'],
  },
  x64: {
    machine: 62,
    call: /\scall .*\n.*R_X86_64_PLT32\sstub:step-0x4/,
    addresses: ['R_X86_64_64\tfunction:1'],
    entry: /<scale>:\n +[0-9a-f]+:\s+41 83 ee 01\s+sub +r14d,0x1\n/,
    constant: /\tmovsd +xmm\d+,QWORD PTR \[rip\+0x[0-9a-f]+\] +# [0-9a-f]+ <scale\+0x/,
    flags: ['-dr', '-Mintel'],
  },
} as const

/** The code as the JIT would install it at `base`. */
function installed(object: ObjectDocument, base: bigint, resolve: (symbol: string) => bigint): Uint8Array {
  const text = textOf(object)
  for (const { entry, code, start } of placeCode(object)) {
    const part = text.subarray(start, start + code.length)
    TARGETS[object.target].relocate(part, entry.relocations, resolve, base + BigInt(start))
  }
  return text
}

/** Links the object with symbols at addresses of our choice; gives the bytes of .text. */
function link(
  { prefix, flags }: GnuTools,
  object: ObjectDocument,
  base: bigint,
  address: (symbol: string) => bigint,
): Uint8Array {
  const symbols = new Set(
    object.functions.flatMap(({ relocations }) => relocations.map(({ symbol }) => symbol)),
  )
  const lines = [...symbols].map(
    (symbol) => `.globl "${symbol}"\n.set "${symbol}", 0x${address(symbol).toString(16)}\n`,
  )
  return withFile('code.o', writeElf(object), (path, folder) => {
    const at = (name: string): string => join(folder, name)
    writeFileSync(at('symbols.s'), lines.join(''))
    run(`${prefix}as`, ...flags, '-o', at('symbols.o'), at('symbols.s'))
    const text = `-Ttext=0x${base.toString(16)}`
    run(`${prefix}ld`, text, '--entry=main', '-o', at('linked'), path, at('symbols.o'))
    run(`${prefix}objcopy`, '-O', 'binary', '-j', '.text', at('linked'), at('linked.bin'))
    return new Uint8Array(readFileSync(at('linked.bin')))
  })
}

for (const target of TARGET_NAMES) {
  const expected = EXPECTED[target]
  const gnu = GNU[target]
  const { skip, prefix } = gnu
  const object = compileObject(program, { target, profile: profileOf(program, 'FLOAT') })

  t.test(`${target}: the header`, async (t) => {
    const elf = writeElf(object)
    const view = new DataView(elf.buffer, elf.byteOffset)
    t.same([...elf.slice(0, 7)], [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    t.equal(view.getUint16(16, true), 1, 'ET_REL')
    t.equal(view.getUint16(18, true), expected.machine)
    t.same(writeElf(object), elf, 'the same bytes every time')
  })

  t.test(`${target}: readelf has nothing to complain about`, { skip }, async (t) => {
    withFile('code.o', writeElf(object), (path) => {
      const { status, stdout, stderr } = spawnSync(`${prefix}readelf`, ['-aW', path], { encoding: 'utf8' })
      t.equal(status, 0)
      t.equal(stderr, '')
      t.match(stdout, /\.text +PROGBITS.* AX /)
      t.match(stdout, /\.note\.GNU-stack +PROGBITS/)
    })
  })

  t.test(`${target}: nm shows the functions and what they refer to`, { skip }, async (t) => {
    withFile('code.o', writeElf(object), (path) => {
      const symbols = run(`${prefix}nm`, path)
      for (const name of ['main', 'scale', 'add', 'Box.add'])
        t.match(symbols, new RegExp(`^[0-9a-f]+ T ${name}$`, 'm'))
      for (const name of ['stub:step', 'stub:leave', 'function:1'])
        t.match(symbols, new RegExp(`^ +U ${name}$`, 'm'))
      const sizes = run(`${prefix}nm`, '--print-size', path)
      const entry = object.functions.find(({ name }) => name === 'scale')
      const size = entry === undefined ? 0 : codeOf(entry).length
      t.match(sizes, new RegExp(`^[0-9a-f]+ ${size.toString(16).padStart(16, '0')} T scale$`, 'm'))
    })
  })

  t.test(`${target}: objdump shows instructions, constants and relocations`, { skip }, async (t) => {
    withFile('code.o', writeElf(object), (path) => {
      const text = run(`${prefix}objdump`, ...expected.flags, path)
      t.match(text, expected.entry)
      t.match(text, expected.call)
      for (const line of expected.addresses) t.match(text, line)
      t.match(text, expected.constant)
    })
  })

  t.test(`${target}: the linker resolves relocations as the JIT does`, { skip }, async (t) => {
    const high = 0x7edc_ba98_0000_0000n
    const symbols = [
      ...new Set(object.functions.flatMap(({ relocations }) => relocations.map(({ symbol }) => symbol))),
    ]
    const address = (symbol: string): bigint =>
      symbol.startsWith('stub:') ? 0x10008000n : high + BigInt(16 * symbols.indexOf(symbol))
    t.same(link(gnu, object, 0x10000000n, address), installed(object, 0x10000000n, address))
  })

  t.test(`${target}: relocations of every kind`, { skip }, async (t) => {
    const symbols = structuredClone(object)
    const kinds = Object.entries(TARGETS[target].relocationBytes) as [RelocationKind, number][]
    const machine = TARGETS[target].makeMachine()
    machine.callSymbol('stub:step')
    machine.symbol(2, 'far')
    machine.compare32Symbol(2, 'low')
    machine.compareMemory32Symbol(2, 16, 'low')
    machine.jumpSymbol('stub:leave')
    machine.ret()
    const { code, instructionBytes, relocations } = machine.finish()
    t.same([...new Set(relocations.map(({ kind }) => kind))].sort(), kinds.map(([kind]) => kind).sort())
    const [entry] = symbols.functions
    if (entry === undefined) throw new Error('no function')
    symbols.functions = [
      { ...entry, code, instructionBytes, relocations: [...relocations], exits: [], lineMap: [] },
    ]
    const address = (symbol: string): bigint =>
      symbol === 'far' ? 0xfedc_ba98_7654_3210n : symbol === 'low' ? 0x8000_0010n : 0x10008000n
    t.same(link(gnu, symbols, 0x10000000n, address), installed(symbols, 0x10000000n, address))
  })

  t.test(`${target}: all examples: nm finds every function`, { skip }, async (t) => {
    for (const program of programsIn('examples')) {
      const object = compileObject(program, { target })
      withFile('code.o', writeElf(object), (path) => {
        const count = run(`${prefix}nm`, path).match(/ T /g)?.length
        t.equal(
          count,
          object.functions.filter((entry) => codeOf(entry).length > 0).length,
          program.source.file,
        )
      })
    }
  })
}

t.test('x86-64: every function begins at a multiple of 16, behind int3', async (t) => {
  const object = compileObject(program, { target: 'x64', profile: profileOf(program, 'FLOAT') })
  const text = textOf(object)
  let end = 0
  let gaps = 0
  for (const { code, start } of placeCode(object)) {
    t.equal(start % 16, 0)
    t.ok(text.subarray(end, start).every((byte) => byte === 0xcc))
    gaps += start - end
    t.same(text.subarray(start, start + code.length), code)
    end = start + code.length
  }
  t.ok(gaps > 0)
  t.equal(end, text.length)
})
