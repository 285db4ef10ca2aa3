import t from 'tap'
import { applyRelocations, Label, memory, X64Assembler } from '../../../lib/asm/x64/assembler.js'
import { disassemble, printListing } from '../../../lib/asm/x64/disassemble.js'
import { Cond, R12, RAX, RBX, RCX } from '../../../lib/asm/x64/registers.js'
import { GNU, gnuAssemble } from '../tools.js'

/** The tests share the machine with others. */
t.setTimeout(240_000)

const gnu = GNU.x64

/** A function that uses labels in both directions, near and far, and the pool. */
function sample(): X64Assembler {
  const a = new X64Assembler()
  const [loop, done, far] = [new Label(), new Label(), new Label()]
  a.movsdConstant(1, 0x400921fb54442d18n)
  a.jmp(far)
  a.bind(loop)
  a.opImm('sub', RAX, 1)
  a.jcc(Cond.E, done)
  a.jcc(Cond.NE, loop)
  a.xorpsConstant(9, 1n << 63n, 0n)
  a.call(loop)
  a.jmp(loop)
  a.bind(done)
  a.andpsConstant(2, (1n << 63n) - 1n, -1n)
  a.movsdConstant(12, 0x400921fb54442d18n)
  a.ret()
  while (a.offset < 300) a.op('add', RAX, RCX)
  a.bind(far)
  a.jcc(Cond.B, loop)
  a.jmp(done)
  return a
}

t.test('labels and the pool resolve forward and backward', async (t) => {
  const a = sample()
  const code = a.finish()
  const items = disassemble(code, { dataRanges: a.dataRanges })
  const texts = items.map(({ text }) => text).filter((text) => text !== 'add rax, rcx')
  t.same(texts, [
    'movsd xmm1, QWORD PTR [rip+.L140]',
    'jmp .L12c',
    'sub rax, 1',
    '{disp32} je .L28',
    'jne .Ld',
    'xorps xmm9, XMMWORD PTR [rip+.L150]',
    'call .Ld',
    'jmp .Ld',
    'andps xmm2, XMMWORD PTR [rip+.L160]',
    'movsd xmm12, QWORD PTR [rip+.L140]',
    'ret',
    'jb .Ld',
    'jmp .L28',
    'int3',
    'int3',
    'int3',
    'int3',
    'int3',
    'int3',
    'int3',
    'int3',
    'int3',
    '.quad 0x400921fb54442d18',
    '.quad 0x0000000000000000',
    '.quad 0x8000000000000000',
    '.quad 0x0000000000000000',
    '.quad 0x7fffffffffffffff',
    '.quad 0xffffffffffffffff',
  ])
  t.same(a.dataRanges, [{ start: 0x140, end: 0x170 }])
  t.equal(a.finish(), code, 'finishing again gives the same code')
  t.throws(() => a.ret(), { name: 'AssemblerError', message: /finished/ })
})

t.test('alignment fills up with as few instructions as do nothing, which GNU as encodes alike', (t) => {
  const sources: string[] = []
  const codes: number[] = []
  for (let gap = 0; gap < 32; gap++) {
    const a = new X64Assembler()
    while (a.offset < 32 - gap) a.cdq()
    a.align(32)
    t.equal(a.offset, 32)
    const code = a.finish()
    const texts = disassemble(code, {}).map(({ text }) => text)
    const fill = texts.slice(32 - gap)
    t.ok(
      fill.every((text) => text.startsWith('nop')),
      `${gap}: ${fill.join(', ')}`,
    )
    t.ok(fill.length <= Math.ceil(gap / 9) + 1, `${gap} bytes: ${fill.length} instructions`)
    sources.push(...texts)
    codes.push(...code)
  }
  if (gnu.skip === false) t.same([...gnuAssemble(['.intel_syntax noprefix', ...sources], gnu)], codes)
  t.end()
})

t.test('the listing assembles with GNU as to the same bytes', { skip: gnu.skip }, async (t) => {
  const a = sample()
  const code = a.finish()
  const lines = printListing(code, {
    dataRanges: a.dataRanges,
    before: (offset) => (offset === 13 ? ['line 3: while n > 0'] : []),
    comment: ({ offset }) => (offset === 13 ? 'n = n - 1' : undefined),
  })
  t.same(lines.slice(0, 6), [
    '  .intel_syntax noprefix',
    '  movsd xmm1, QWORD PTR [rip+.L140]',
    '  jmp .L12c',
    '  # line 3: while n > 0',
    '.Ld:',
    `  ${'sub rax, 1'.padEnd(36)} # n = n - 1`,
  ])
  t.same(gnuAssemble(lines, gnu), code)
})

/** A jump over `distance` bytes. */
function jumpOver(distance: number, forward: boolean, conditional: boolean): X64Assembler {
  const a = new X64Assembler()
  const label = new Label()
  const jump = (): void => (conditional ? a.jcc(Cond.E, label) : a.jmp(label))
  if (forward) jump()
  else a.bind(label)
  const start = a.offset
  while (a.offset - start < distance) a.int3()
  if (forward) a.bind(label)
  else jump()
  a.ret()
  return a
}

t.test('jumps around the border of 8 bits assemble to the same bytes', { skip: gnu.skip }, async (t) => {
  for (const conditional of [false, true]) {
    for (const forward of [false, true]) {
      for (let distance = 118; distance <= 134; distance++) {
        const code = jumpOver(distance, forward, conditional).finish()
        const text = `${conditional ? 'je' : 'jmp'} over ${distance} bytes ${forward ? 'on' : 'back'}`
        t.same(gnuAssemble(printListing(code), gnu), code, text)
      }
    }
  }
})

t.test('backward jumps are short where they can be', async (t) => {
  for (const conditional of [false, true]) {
    t.equal(jumpOver(126, false, conditional).offset, 126 + 2 + 1)
    t.equal(jumpOver(127, false, conditional).offset, 127 + (conditional ? 6 : 5) + 1)
  }
})

t.test('the pool is aligned to 16 bytes and holds equal constants once', async (t) => {
  for (let padding = 0; padding < 17; padding++) {
    const a = new X64Assembler()
    for (let i = 0; i < padding; i++) a.int3()
    a.movsdConstant(0, -1n)
    a.movsdConstant(1, 0xffffffffffffffffn)
    a.andpsConstant(2, -1n, 0n)
    a.andpsConstant(3, -1n, 1n)
    const code = a.finish()
    const [{ start, end } = { start: -1, end: -1 }] = a.dataRanges
    t.equal(start % 16, 0)
    t.equal(end - start, 32, 'two constants')
    t.equal(end, code.length)
    t.same(
      [...code.subarray(start, end)],
      [...Array(8).fill(255), ...Array(8).fill(0), ...Array(8).fill(255), 1, ...Array(7).fill(0)],
    )
  }
  const none = new X64Assembler()
  none.ret()
  t.same([none.finish().length, none.dataRanges], [1, []], 'no pool, no padding')
})

t.test('targets that are no item of the code are printed relative to the instruction', async (t) => {
  const a = new X64Assembler()
  a.callSymbol('f')
  a.movsdLoad(0, memory(-1, 100))
  a.jmpSymbol('f')
  const code = a.finish()
  new DataView(code.buffer).setInt32(1, -3, true)
  t.same(printListing(code).slice(1), [
    '  call .+2',
    '  movsd xmm0, QWORD PTR [rip+100]',
    '  {disp32} jmp .L12',
    '.L12:',
  ])
})

t.test('instructions do not reach into data', async (t) => {
  const a = new X64Assembler()
  a.movImm(RAX, 1n << 40n)
  const code = a.finish()
  t.same(
    disassemble(code, { dataRanges: [{ start: 3, end: 8 }] }).map(({ text }) => text),
    [
      '.byte 0x48',
      '.byte 0xb8',
      '.byte 0x00',
      ...Array(4).fill('.byte 0x00'),
      '.byte 0x01',
      '.byte 0x00',
      '.byte 0x00',
    ],
  )
})

t.test('misused labels are errors', async (t) => {
  const a = new X64Assembler()
  const label = new Label()
  a.jmp(label)
  t.throws(() => a.finish(), { name: 'AssemblerError', message: /offset 1 was never bound/ })
  const b = new X64Assembler()
  b.bind(label)
  t.throws(() => b.bind(label), { name: 'AssemblerError', message: /already bound/ })
})

t.test('relocations', async (t) => {
  const a = new X64Assembler()
  a.int3()
  a.callSymbol('callee')
  a.movSymbol(R12, 'table')
  a.cmpSymbolW(RAX, 'table')
  a.cmpSymbolW(R12, 'table')
  a.cmpMemorySymbolW(memory(RBX, 8), 'table')
  a.jmpSymbol('callee')
  const code = a.finish()
  t.same(a.relocations, [
    { offset: 2, kind: 'rel32', symbol: 'callee' },
    { offset: 8, kind: 'imm64', symbol: 'table' },
    { offset: 17, kind: 'imm32', symbol: 'table' },
    { offset: 24, kind: 'imm32', symbol: 'table' },
    { offset: 31, kind: 'imm32', symbol: 'table' },
    { offset: 36, kind: 'rel32', symbol: 'callee' },
  ])
  const addresses: Record<string, bigint> = { callee: 0x10000n, table: 0xfedcba9876543210n }
  const base = 0x20000n
  const apply = (): void =>
    applyRelocations(code, a.relocations, (symbol) => addresses[symbol] as bigint, base)
  const expected = [
    'int3',
    'call .-65537',
    'movabs r12, 0xfedcba9876543210',
    `cmp eax, ${0x76543210}`,
    `cmp r12d, ${0x76543210}`,
    `cmp DWORD PTR [rbx+8], ${0x76543210}`,
    'jmp .-65571',
  ]
  const texts = (): string[] => disassemble(code).map(({ text }) => text)
  apply()
  t.same(texts(), expected)
  apply()
  t.same(texts(), expected, 'applying again changes nothing')
  addresses.table = 0x1_ffff_fff0n
  apply()
  t.equal(new DataView(code.buffer).getInt32(17, true), -16, 'low halves with the top bit')
  // From the end of the jump, the farther one, and of the call.
  const [call, jump] = [base + 6n, base + 40n]
  addresses.callee = call + 0x7fffffffn
  t.doesNotThrow(apply)
  addresses.callee += 1n
  t.throws(apply, { name: 'AssemblerError', message: /callee is not reachable/ })
  addresses.callee = jump - 0x80000000n
  t.doesNotThrow(apply)
  addresses.callee -= 1n
  t.throws(apply, { name: 'AssemblerError', message: /callee is not reachable/ })
})
