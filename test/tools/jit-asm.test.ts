import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { compileObject } from '../../lib/jit/index.js'
import { runTool, withFolder } from './run-tool.js'

const PROGRAM = 'add = fn(a, b) { return a + b }\nprint(add(1, 2))\n'
const bytecode = runTool('rush-compile', [], runTool('rush-parse', [], PROGRAM).bytes).bytes

/** What only the code of one target has in its listing. */
const MARKS = { arm64: /^ {2}stp x29, x30, \[sp, #-16\]! /m, x64: /^ {2}push rbp /m } as const

t.test('-target says whose code is made; without it, ARM64 code', async (t) => {
  const listings = ([[], ['-target=arm64'], ['--target', 'x64']] as const).map((flags) => {
    const { code, stdout } = runTool('rush-jit-asm', flags, bytecode)
    t.equal(code, 0)
    return stdout
  })
  t.equal(listings[0], listings[1])
  t.match(listings[0], MARKS.arm64)
  t.match(listings[2], MARKS.x64)
  t.notMatch(listings[2], MARKS.arm64)
  const bad = runTool('rush-jit-asm', ['-target=mips'], bytecode)
  t.equal(bad.code, 2)
  t.match(bad.stderr, /^invalid value "mips" for flag -target: must be one of arm64, x64\n/)
})

t.test('an object document is checked whatever is made of it', async (t) => {
  const object = compileObject(readDocument(bytecode, 'rush-bytecode', 'p.rbc'))
  object.functions[0]?.lineMap.push(1 << 20, 0)
  const bytes = writeDocument(object, 'msgpack')
  for (const words of [[], ['-emit=object'], ['-elf']]) {
    const { code, stdout, stderr } = runTool('rush-jit-asm', words, bytes)
    t.same([code, stdout], [1, ''], words.join())
    t.equal(stderr, '<stdin>: not a valid rush-object document: function 0: line map at 1048576\n')
  }
})

t.test('an object document knows its target', async (t) => {
  const direct = runTool('rush-jit-asm', ['-target=x64'], bytecode).stdout
  for (const format of ['msgpack', 'json']) {
    const object = runTool(
      'rush-jit-asm',
      ['-target=x64', '-emit=object', `-format=${format}`],
      bytecode,
    ).bytes
    t.equal(readDocument(object, 'rush-object', 'f').target, 'x64')
    t.equal(runTool('rush-jit-asm', [], object).stdout, direct)
    t.equal(runTool('rush-jit-asm', ['-target=x64'], object).stdout, direct)
    const other = runTool('rush-jit-asm', ['-target=arm64'], object)
    t.same([other.code, other.stdout], [2, ''])
    t.match(other.stderr, /^-target arm64: the object document holds code for x64\n/)
  }
})

t.test('the ending of the output file says what is written', async (t) => {
  withFolder((folder) => {
    const [elf, object] = [join(folder, 'p.o'), join(folder, 'p.ro')]
    t.equal(runTool('rush-jit-asm', ['-target=x64', '-o', elf], bytecode).code, 0)
    const written = readFileSync(elf)
    t.equal(written.toString('latin1', 1, 4), 'ELF')
    t.equal(written.readUInt16LE(18), 62, 'EM_X86_64')
    t.equal(runTool('rush-jit-asm', ['-target=x64', '-o', object], bytecode).code, 0)
    t.same(runTool('rush-jit-asm', ['-elf'], readFileSync(object)).bytes, written)
  })
})

t.test('the IR does not depend on the target', async (t) => {
  const ir = runTool('rush-jit-asm', ['-emit=ir'], bytecode).stdout
  t.match(ir, 'function 1 add(a, b)')
  t.equal(runTool('rush-jit-asm', ['-emit=ir', '-target=x64'], bytecode).stdout, ir)
})

t.test('rush-run -dump=asm shows the code of this machine', async (t) => {
  withFolder((folder) => {
    const file = join(folder, 'program.rush')
    writeFileSync(file, PROGRAM)
    const { stderr, stdout } = runTool('rush-run', ['-bytecode', '-dump=asm', '-dump-function=add', file])
    t.equal(stdout, '3\n')
    const host = process.arch === 'x64' ? 'x64' : 'arm64'
    t.match(stderr, new RegExp(`: ${host}, ABI \\d+\n`))
    t.match(stderr, MARKS[host])
  })
})
