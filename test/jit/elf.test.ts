import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileObject, type ObjectDocument, writeElf } from '../../lib/jit/index.js'
import { codeOf } from '../../lib/jit/object-code.js'
import { TARGETS } from '../../lib/jit/target.js'
import { skipGnu } from '../asm/tools.js'
import { profileOf, programOf, programsIn, run, withFile } from './tools.js'

const GNU = 'aarch64-linux-gnu-'
const program = programOf(`
limit = 3
add = fn(a, b) { return a + b + limit }
scale = fn(x) { return x * 2.5 }
class Box { fn add(x) { return x } }
`)
const object = compileObject(program, { profile: profileOf(program, 'FLOAT') })

t.test('the header', async (t) => {
  const elf = writeElf(object)
  const view = new DataView(elf.buffer, elf.byteOffset)
  t.same([...elf.slice(0, 7)], [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  t.equal(view.getUint16(16, true), 1, 'ET_REL')
  t.equal(view.getUint16(18, true), 183, 'EM_AARCH64')
  t.same(writeElf(object), elf, 'the same bytes every time')
})

t.test('readelf has nothing to complain about', { skip: skipGnu }, async (t) => {
  withFile('code.o', writeElf(object), (path) => {
    const { status, stdout, stderr } = spawnSync(`${GNU}readelf`, ['-aW', path], { encoding: 'utf8' })
    t.equal(status, 0)
    t.equal(stderr, '')
    t.match(stdout, /\.text +PROGBITS.* AX /)
    t.match(stdout, /\.note\.GNU-stack +PROGBITS/)
  })
})

t.test('nm shows the functions and what they refer to', { skip: skipGnu }, async (t) => {
  withFile('code.o', writeElf(object), (path) => {
    const symbols = run(`${GNU}nm`, path)
    for (const name of ['main', 'scale', 'add', 'Box.add'])
      t.match(symbols, new RegExp(`^[0-9a-f]+ T ${name}$`, 'm'))
    for (const name of ['stub:step', 'stub:leave', 'global:0'])
      t.match(symbols, new RegExp(`^ +U ${name}$`, 'm'))
    const sizes = run(`${GNU}nm`, '--print-size', path)
    const entry = object.functions.find(({ name }) => name === 'scale')
    const size = entry === undefined ? 0 : codeOf(entry).length
    t.match(sizes, new RegExp(`^[0-9a-f]+ ${size.toString(16).padStart(16, '0')} T scale$`, 'm'))
  })
})

t.test('objdump shows instructions, constants and relocations', { skip: skipGnu }, async (t) => {
  withFile('code.o', writeElf(object), (path) => {
    const text = run(`${GNU}objdump`, '-dr', path)
    t.match(text, /<scale>:\n +[0-9a-f]+:\s+[0-9a-f]{8}\s+subs\s+w16, w26, #0x1/)
    t.match(text, /\sbl\s.*\n.*R_AARCH64_CALL26\sstub:step/)
    const types = ['G0_NC', 'G1_NC', 'G2_NC', 'G3']
    for (const type of types) t.match(text, `R_AARCH64_MOVW_UABS_${type}\tglobal:0`)
    t.match(text, /\.word\s+0x40040000/, '2.5 is data')
  })
})

/** The code as the JIT would install it at `base`. */
function installed(object: ObjectDocument, base: bigint, resolve: (symbol: string) => bigint): Uint8Array {
  let at = base
  return Buffer.concat(
    object.functions.map((entry) => {
      const code = Uint8Array.from(codeOf(entry))
      TARGETS.arm64.relocate(code, entry.relocations, resolve, at)
      at += BigInt(code.length)
      return code
    }),
  )
}

t.test('the linker resolves relocations as the JIT does', { skip: skipGnu }, async (t) => {
  const symbols = [
    ...new Set(object.functions.flatMap(({ relocations }) => relocations.map(({ symbol }) => symbol))),
  ]
  const address = (symbol: string): bigint =>
    symbol.startsWith('stub:') ? 0x10008000n : 0x7edc_ba98_0000_0000n + BigInt(16 * symbols.indexOf(symbol))
  const lines = symbols.map(
    (symbol) => `.globl "${symbol}"\n.set "${symbol}", 0x${address(symbol).toString(16)}\n`,
  )
  withFile('code.o', writeElf(object), (path, folder) => {
    const at = (name: string): string => join(folder, name)
    writeFileSync(at('symbols.s'), lines.join(''))
    run(`${GNU}as`, '-o', at('symbols.o'), at('symbols.s'))
    run(`${GNU}ld`, '-Ttext=0x10000000', '--entry=main', '-o', at('linked'), path, at('symbols.o'))
    run(`${GNU}objcopy`, '-O', 'binary', '-j', '.text', at('linked'), at('linked.bin'))
    const linked = new Uint8Array(readFileSync(at('linked.bin')))
    t.same(linked, Uint8Array.from(installed(object, 0x10000000n, address)))
  })
})

t.test('all examples: nm finds every function', { skip: skipGnu }, async (t) => {
  for (const program of programsIn('examples')) {
    const object = compileObject(program)
    withFile('code.o', writeElf(object), (path) => {
      const count = run(`${GNU}nm`, path).match(/ T /g)?.length
      t.equal(count, object.functions.filter((entry) => codeOf(entry).length > 0).length, program.source.file)
    })
  }
})
