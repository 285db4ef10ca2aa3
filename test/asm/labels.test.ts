import t from 'tap'
import { A64Assembler, applyRelocations, Label } from '../../lib/asm/a64/assembler.js'
import { disassemble, printListing } from '../../lib/asm/a64/disassemble.js'
import { Cond, invertCondition, SP } from '../../lib/asm/a64/registers.js'
import { gnuAssemble, skipGnu, words } from './tools.js'

/** A function that uses labels in both directions, the pool and adr. */
function sample(): A64Assembler {
  const a = new A64Assembler()
  const [loop, done, data] = [new Label(), new Label(), new Label()]
  a.ldrLiteral(1, 0x1122334455667788n)
  a.ldrLiteralD(0, Math.PI)
  a.cbz(0, done)
  a.bind(loop)
  a.subsImm(0, 0, 1)
  a.tbz(0, 40, done)
  a.bCond(Cond.NE, loop)
  a.adr(2, data)
  a.ldrLiteral(3, 0x1122334455667788n)
  a.tbnz(0, 3, loop)
  a.cbnzW(0, loop)
  a.cbnz(0, done)
  a.cbzW(0, done)
  a.bl(loop)
  a.b(done)
  a.bind(data)
  a.udf(0)
  a.bind(done)
  a.ret()
  return a
}

t.test('labels, pool and adr resolve forward and backward', async (t) => {
  const a = sample()
  const code = a.finish()
  const text = disassemble(code, { dataRanges: a.dataRanges }).map((i) => i.text)
  t.same(text, [
    'ldr x1, .L40',
    'ldr d0, .L48',
    'cbz x0, .L3c',
    'subs x0, x0, #1',
    'tbz x0, #40, .L3c',
    'b.ne .Lc',
    'adr x2, .L38',
    'ldr x3, .L40',
    'tbnz x0, #3, .Lc',
    'cbnz w0, .Lc',
    'cbnz x0, .L3c',
    'cbz w0, .L3c',
    'bl .Lc',
    'b .L3c',
    'udf #0',
    'ret',
    '.quad 0x1122334455667788',
    '.quad 0x400921fb54442d18',
  ])
  t.same(a.dataRanges, [{ start: 0x40, end: 0x50 }])
  t.equal(a.finish(), code, 'finishing again gives the same code')
  t.throws(() => a.nop(), { name: 'AssemblerError', message: /finished/ })
})

t.test('the pool is aligned to 8 bytes and holds equal constants once', async (t) => {
  const a = new A64Assembler()
  a.ldrLiteral(0, -1n)
  a.ldrLiteral(1, 0xffffffffffffffffn)
  a.ret()
  t.same(words(a.finish()).slice(3), [0, 0xffffffff, 0xffffffff])
  t.same(a.dataRanges, [{ start: 16, end: 24 }])
})

t.test('the listing assembles with GNU as to the same bytes', { skip: skipGnu }, async (t) => {
  const a = sample()
  const code = a.finish()
  const lines = printListing(code, {
    dataRanges: a.dataRanges,
    before: (offset) => (offset === 12 ? ['line 3: while n > 0'] : []),
    comment: ({ offset }) => (offset === 12 ? 'n = n - 1' : undefined),
  })
  t.same(lines.slice(3, 6), [
    '  // line 3: while n > 0',
    '.Lc:',
    `  ${'subs x0, x0, #1'.padEnd(36)} // n = n - 1`,
  ])
  t.same(gnuAssemble(lines), code)
})

t.test('targets that are no item of the code are printed relative to the instruction', async (t) => {
  const a = new A64Assembler()
  const end = new Label()
  a.adr(0, end)
  a.blExternal('f')
  a.bind(end)
  const code = a.finish()
  new DataView(code.buffer).setUint32(0, 0x30000000, true) // adr x0, 1 byte on
  t.same(printListing(code), ['  adr x0, .+1', '.L4:', '  bl .L4'])
})

t.test('branches out of range are errors of finish, in both directions', async (t) => {
  const cases: [string, number, (a: A64Assembler, label: Label) => void][] = [
    ['b.', 1 << 20, (a, label) => a.bCond(Cond.EQ, label)],
    ['cbz', 1 << 20, (a, label) => a.cbz(0, label)],
    ['tbz', 1 << 15, (a, label) => a.tbz(0, 1, label)],
  ]
  for (const [name, reach, branch] of cases) {
    const build = (forward: boolean, distance: number): A64Assembler => {
      const a = new A64Assembler()
      const label = new Label()
      if (forward) branch(a, label)
      else a.bind(label)
      while (a.offset < distance) a.nop()
      if (forward) a.bind(label)
      else branch(a, label)
      return a
    }
    const message = new RegExp(`^${name}.*out of range`)
    t.doesNotThrow(() => build(true, reach - 4).finish(), `${name} reaches forward`)
    t.throws(() => build(true, reach).finish(), { name: 'AssemblerError', message })
    if (name !== 'tbz') continue
    t.doesNotThrow(() => build(false, reach).finish(), `${name} reaches backward`)
    t.throws(() => build(false, reach + 4), { name: 'AssemblerError', message })
  }
})

t.test('misused labels are errors', async (t) => {
  const a = new A64Assembler()
  const label = new Label()
  a.b(label)
  t.throws(() => a.finish(), { name: 'AssemblerError', message: /offset 0 was never bound/ })
  const b = new A64Assembler()
  b.bind(label)
  t.throws(() => b.bind(label), { name: 'AssemblerError', message: /already bound/ })
})

t.test('relocations', async (t) => {
  const a = new A64Assembler()
  a.nop()
  a.blExternal('callee')
  a.movSymbol(9, 'table')
  a.movSymbolLow(10, 'table')
  const code = a.finish()
  t.same(a.relocations, [
    { offset: 4, kind: 'call26', symbol: 'callee' },
    { offset: 8, kind: 'abs64', symbol: 'table' },
    { offset: 24, kind: 'abs32', symbol: 'table' },
  ])
  const addresses: Record<string, bigint> = { callee: 0x10000n, table: 0xfedcba9876543210n }
  const apply = () => applyRelocations(code, a.relocations, (symbol) => addresses[symbol], 0x20000n)
  const expected = [
    'nop',
    'bl .-65540',
    `mov x9, #${0x3210}`,
    `movk x9, #${0x7654}, lsl #16`,
    `movk x9, #${0xba98}, lsl #32`,
    `movk x9, #${0xfedc}, lsl #48`,
    `mov x10, #${0x3210}`,
    `movk x10, #${0x7654}, lsl #16`,
  ]
  apply()
  t.same(
    disassemble(code).map(({ text }) => text),
    expected,
  )
  apply()
  t.same(
    disassemble(code).map(({ text }) => text),
    expected,
    'applying again changes nothing',
  )
  addresses.callee = 0x20004n + (1n << 27n) - 4n
  t.doesNotThrow(apply)
  addresses.callee += 4n
  t.throws(apply, { name: 'AssemblerError', message: /callee/ })
  addresses.callee = 0x20002n
  t.throws(apply, { name: 'AssemblerError', message: /callee/ })
})

t.test('the rules of the project are enforced', async (t) => {
  const a = new A64Assembler()
  const refused: [() => void, RegExp][] = [
    [() => a.add(0, 18, 1), /x18/],
    [() => a.ldrReg(0, 1, 18), /x18/],
    [() => a.addExt(0, 1, 18, 'uxtw'), /x18/],
    [() => a.cbz(18, new Label()), /x18/],
    [() => a.subImm(SP, SP, 8), /multiple of 16.*8/],
    [() => a.stpPre(29, 30, SP, -24), /multiple of 16.*-24/],
    [() => a.add(SP, 1, 2), /xzr/],
    [() => a.mov(SP, 1), /movSp/],
    [() => a.addImm(0, 1, 4097), /4097/],
    [() => a.addImm(0, 1, -1), /-1/],
    [() => a.ldr(0, 1, 257), /257/],
    [() => a.ldrReg(0, 1, 2, { extend: 'lsl', shift: 2 }), /shift 2/],
    [() => a.movz(0, 0x10000), /65536/],
    [() => a.movz(0, 1, 8), /halfword/],
    [() => a.ubfx(0, 1, 64, 1), /64/],
    [() => a.ubfx(0, 1, 60, 5), /60, 5/],
  ]
  for (const [emit, message] of refused) t.throws(emit, { name: 'AssemblerError', message })
  t.equal(a.offset, 0, 'nothing was emitted')
  t.doesNotThrow(() => a.fadd(18, 18, 18), 'd18 is no platform register')
})

t.test('invertCondition', async (t) => {
  t.equal(invertCondition(Cond.HS), Cond.LO)
  t.equal(invertCondition(Cond.GT), Cond.LE)
  t.throws(() => invertCondition(Cond.AL), RangeError)
})
