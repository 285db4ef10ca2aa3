import t, { type Test } from 'tap'
import { decode, isPreferred } from '../../../lib/asm/x64/decode.js'
import { disassemble, printListing, X64 } from '../../../lib/asm/x64/disassemble.js'
import { encode, memory, NO_INDEX, type OperandValue, RIP } from '../../../lib/asm/x64/encode.js'
import { ALL_FORMS, FORMS, type Form } from '../../../lib/asm/x64/forms.js'
import { print } from '../../../lib/asm/x64/print.js'
import { R12, R13, RAX, RBP, RCX, RSP } from '../../../lib/asm/x64/registers.js'
import { GNU, gnuAssemble, randomSource } from '../tools.js'
import { DISPLACEMENTS, samples } from './operands.js'

/** The tests share the machine with others. */
t.setTimeout(240_000)

const gnu = GNU.x64

interface Sample {
  readonly form: Form
  readonly values: readonly OperandValue[]
}

/** Instructions of a form, without those that GNU as would make another form of. */
function preferred(form: Form, seed: number, count: number): Sample[] {
  return samples(form, count, randomSource(seed))
    .filter((values) => isPreferred(form, values))
    .map((values) => ({ form, values }))
}

/** All registers of both operands, for forms that have two. */
function allPairs(form: Form): Sample[] {
  const registers = Array.from({ length: 16 }, (_, i) => i)
  if (form.operands.length !== 2 || samples(form, 0, () => 0).some(([a, b]) => typeof a !== typeof b))
    return []
  const pairs = registers.flatMap((a) => registers.map((b): Sample => ({ form, values: [a, b] })))
  return pairs.filter(({ values }) => fits(form, values) && isPreferred(form, values))
}

function fits(form: Form, values: readonly OperandValue[]): boolean {
  try {
    encode(form, values)
    return true
  } catch {
    return false
  }
}

/** Every base, index, scale and kind of displacement. */
function allMemory(form: Form): Sample[] {
  const result: Sample[] = []
  for (let base = 0; base < 16; base++) {
    for (let index = NO_INDEX; index < 16; index++) {
      if (index === RSP) continue
      for (let scale = 0; scale < (index === NO_INDEX ? 1 : 4); scale++) {
        for (const displacement of DISPLACEMENTS)
          result.push({ form, values: [(base * 7) & 15, memory(base, displacement, index, scale)] })
      }
    }
  }
  return result
}

/** Compares our bytes with those of as for the printed text, and reports the first that differ. */
function compareWithGnu(t: Test, cases: readonly Sample[]): void {
  const lines = cases.map(({ form, values }) => {
    const bytes = encode(form, values)
    return { form: form.name, bytes, text: print({ form, values, size: bytes.length }) }
  })
  const assembled = gnuAssemble([...X64.header, ...lines.map(({ text }) => text)], gnu)
  let offset = 0
  for (const { form, bytes, text } of lines) {
    const theirs = [...assembled.subarray(offset, offset + bytes.length)]
    if (theirs.some((byte, i) => byte !== bytes[i]) || theirs.length !== bytes.length) {
      t.same({ text, bytes: hex(theirs) }, { text, bytes: hex(bytes) }, form)
      return
    }
    offset += bytes.length
  }
  t.equal(offset, assembled.length, `${cases.length} instructions`)
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

t.test('decode(encode(x)) is x for every form', async (t) => {
  for (const form of ALL_FORMS) {
    const cases = [...preferred(form, 1, 60), ...allPairs(form)]
    t.ok(cases.length >= (form.operands.length === 0 ? 1 : 6), `${form.name}: enough cases`)
    const wrong = cases.filter(({ values }) => {
      const bytes = encode(form, values)
      const decoded = decode(Uint8Array.from([0x90, ...bytes, 0xcc]), 1)
      return (
        decoded?.form !== form ||
        decoded.size !== bytes.length ||
        JSON.stringify(decoded.values, textOfBigints) !== JSON.stringify(values, textOfBigints)
      )
    })
    t.same(
      wrong.map(({ values }) => values),
      [],
      form.name,
    )
  }
  const memories = allMemory(FORMS.lea.rm).filter(({ form, values }) => {
    const decoded = decode(Uint8Array.from(encode(form, values)))
    return JSON.stringify(decoded?.values) !== JSON.stringify(values)
  })
  t.same(memories, [], 'all memory operands')
})

function textOfBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

t.test('GNU as makes the same bytes of the printed text', { skip: gnu.skip }, async (t) => {
  compareWithGnu(
    t,
    ALL_FORMS.flatMap((form) => preferred(form, 2, 40)),
  )
  compareWithGnu(t, ALL_FORMS.flatMap(allPairs))
  compareWithGnu(t, allMemory(FORMS.lea.rm))
})

t.test('where GNU as takes another form, the decoder does not know ours', async (t) => {
  const cases: [Form, OperandValue[], string][] = [
    [FORMS.add.ri32, [RCX, 127], 'add rcx, 127'],
    [FORMS.add.ri32, [RAX, 128], 'add rax, 128'],
    [FORMS.add.ai32, [RAX, -128], 'add rax, -128'],
    [FORMS.cmp.mi32, [memory(RCX), 1], 'cmp QWORD PTR [rcx], 1'],
    [FORMS.imul.rri32, [RCX, RCX, 5], 'imul rcx, rcx, 5'],
    [FORMS.shl.imm, [RCX, 1], 'shl rcx, 1'],
  ]
  for (const [form, values, text] of cases) {
    const bytes = encode(form, values)
    t.equal(print({ form, values, size: bytes.length }), text)
    t.equal(isPreferred(form, values), false, text)
    t.equal(decode(Uint8Array.from(bytes)), undefined, text)
  }
})

t.test('other encodings of the same instructions are not decoded', async (t) => {
  const cases: [string, number[]][] = [
    ['mov rax, rcx with the operands exchanged', [0x48, 0x8b, 0xc1]],
    ['[rax] with a SIB byte', [0x48, 0x8b, 0x04, 0x20]],
    ['[rax] with a displacement of 0', [0x48, 0x8b, 0x40, 0]],
    ['[rax + 1] with 32 bits', [0x48, 0x8b, 0x80, 1, 0, 0, 0]],
    ['[rax + no index * 2]', [0x48, 0x8b, 0x44, 0x64, 1]],
    ['no base', [0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0]],
    ['push with REX.W', [0x48, 0x50]],
    ['ret with REX', [0x40, 0xc3]],
    ['REX before the prefix', [0x48, 0x66, 0x0f, 0x6e, 0xc0]],
    ['two prefixes', [0x66, 0xf2, 0x0f, 0x58, 0xc0]],
    ['a prefix that does not belong', [0x66, 0xc3]],
    ['xchg rax, rax', [0x48, 0x90]],
    ['movaps from memory', [0x0f, 0x28, 0x00]],
    ['another digit', [0x48, 0xf7, 0xc0]],
  ]
  for (const [what, bytes] of cases) t.equal(decode(Uint8Array.from(bytes)), undefined, what)
})

t.test('instructions that end outside the code are not decoded', async (t) => {
  for (const form of ALL_FORMS) {
    for (const { values } of preferred(form, 3, 4)) {
      const bytes = Uint8Array.from(encode(form, values))
      for (let length = 0; length < bytes.length; length++) {
        const shorter = decode(bytes.subarray(0, length))
        // What is left may be a complete instruction of another form only if it is itself shorter.
        if (shorter !== undefined) t.ok(shorter.size <= length, `${form.name} cut`)
        if (shorter?.form === form) t.fail(`${form.name}: ${length} of ${bytes.length} bytes`)
      }
    }
  }
})

t.test('any bytes are a listing that GNU as turns back into them', { skip: gnu.skip }, async (t) => {
  const random = randomSource(5)
  const bytes: number[] = []
  // Instructions of the table with one byte changed, between them random bytes.
  while (bytes.length < 60_000) {
    const form = ALL_FORMS[random(ALL_FORMS.length)] as Form
    const [values] = samples(form, 1, random).slice(-1) as [OperandValue[]]
    const instruction = encode(form, values)
    if (random(3) > 0) instruction[random(instruction.length)] = random(256)
    bytes.push(...instruction)
    if (random(4) === 0) bytes.push(random(256), random(256))
  }
  const code = Uint8Array.from(bytes)
  const items = disassemble(code)
  const known = items.filter(({ text }) => !text.startsWith('.byte')).length
  t.ok(known > 8000, `${known} known instructions`)
  t.ok(items.length - known > 4000, `${items.length - known} unknown bytes`)
  const assembled = gnuAssemble(printListing(code), gnu)
  const difference = code.findIndex((byte, i) => byte !== assembled[i])
  t.equal(difference, -1, `differs at ${items.findLast(({ offset }) => offset <= difference)?.text}`)
  t.equal(assembled.length, code.length)
})

t.test('operands that do not fit are refused with the form and the value', async (t) => {
  const refused: [Form, OperandValue[], RegExp][] = [
    [FORMS.mov.rr, [RAX], /^mov\.rr: 2 operands expected, not 1/],
    [FORMS.mov.rr, [RAX, 16], /^mov\.rr: no register: 16/],
    [FORMS.mov.rr, [-1, RAX], /no register: -1/],
    [FORMS.mov.rr, [RAX, 1n], /no register: 1/],
    [FORMS.mov.rr, [memory(RAX), RAX], /no register: memory/],
    [FORMS.mov.rm, [RAX, RCX], /no memory operand: 1/],
    [FORMS.mov.rm, [RAX, memory(16)], /no base register: 16/],
    [FORMS.mov.rm, [RAX, memory(RAX, 0, RSP)], /no index register: 4/],
    [FORMS.mov.rm, [RAX, memory(RAX, 0, RCX, 4)], /no scale: 4/],
    [FORMS.mov.rm, [RAX, memory(RIP, 0, RCX)], /rip with an index/],
    [FORMS.mov.rm, [RAX, memory(RCX, 0, NO_INDEX, 1)], /scale without an index/],
    [FORMS.mov.rm, [RAX, memory(RAX, 0x80000000)], /displacement out of range: 2147483648/],
    [FORMS.mov.rm, [RAX, memory(RAX, 0.5)], /displacement out of range: 0\.5/],
    [FORMS.mov.ri32, [RAX, 0x80000000], /^mov\.ri32: 2147483648 is no i32/],
    [FORMS.mov.ri32, [RAX, -0x80000001n], /-2147483649 is no i32/],
    [FORMS.mov.ri32w, [RAX, -1], /-1 is no u32/],
    [FORMS.mov.ri32w, [RAX, 0x100000000], /4294967296 is no u32/],
    [FORMS.mov.ri64, [RAX, memory(RAX)], /no immediate: memory/],
    [FORMS.mov.ri64, [RAX, 1.5], /no immediate: 1\.5/],
    [FORMS.add.ri8, [RAX, 128], /128 is no i8/],
    [FORMS.add.ri8, [RAX, -129], /-129 is no i8/],
    [FORMS.add.ai32, [RCX, 1000], /only the accumulator, not register 1/],
    [FORMS.xchg.rr, [RAX, RCX], /not the accumulator/],
    [FORMS.shl.one, [RAX, 2], /2 is no one/],
    [FORMS.shl.imm, [RAX, 256], /256 is no u8/],
    [FORMS.jmp.rel8, [128], /128 is no rel8/],
    [FORMS.jmp.rel32, [0x80000000], /2147483648 is no rel32/],
    [FORMS.roundsd.xxi, [0, 0, -1], /-1 is no u8/],
  ]
  for (const [form, values, message] of refused) {
    t.throws(() => encode(form, values), { name: 'AssemblerError', message })
  }
})

t.test('texts', async (t) => {
  const cases: [Form, OperandValue[], string][] = [
    [FORMS.mov.rm, [RAX, memory(RSP)], 'mov rax, QWORD PTR [rsp]'],
    [FORMS.mov.mr32, [memory(R12, -8), R13], 'mov DWORD PTR [r12-8], r13d'],
    [FORMS.mov.mr8, [memory(R13, 0, RBP, 3), RBP], 'mov BYTE PTR [r13+rbp*8], bpl'],
    [FORMS.movzx.rm16, [RCX, memory(RIP, 256)], 'movzx ecx, WORD PTR [rip+256]'],
    [FORMS.mov.ri64, [RAX, -1n], 'movabs rax, 0xffffffffffffffff'],
    [FORMS.xorps.xm, [15, memory(RAX)], 'xorps xmm15, XMMWORD PTR [rax]'],
    [FORMS.lea.rm, [RAX, memory(RAX, 1, RAX, 0)], 'lea rax, [rax+rax*1+1]'],
    [FORMS.jmp.rel8, [-2], 'jmp .'],
    [FORMS.jmp.rel32, [127], '{disp32} jmp .+132'],
    [FORMS.jmp.rel32, [128], 'jmp .+133'],
    [FORMS.j.e as Form, [-132], '{disp32} je .-126'],
    [FORMS.j.e as Form, [-133], 'je .-127'],
    [FORMS.call.rel32, [0], 'call .+5'],
    [FORMS.cqo.none, [], 'cqo'],
  ]
  for (const [form, values, text] of cases) {
    t.equal(print({ form, values, size: encode(form, values).length }), text)
  }
})
