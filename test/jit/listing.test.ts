import t from 'tap'
import { bytecodeHash } from '../../lib/jit/hashes.js'
import { compileObject, type ObjectDocument, printIr, printListing } from '../../lib/jit/index.js'
import { textOf } from '../../lib/jit/object-code.js'
import { GNU, gnuAssemble, skipGnu } from '../asm/tools.js'
import { turnOf } from '../support/full.js'
import { profileOf, programOf, programsIn, TARGET_NAMES } from './tools.js'

/** The tests share the machine with others. */
t.setTimeout(240_000)

/** Where what GNU as makes of the listing differs from the code of the functions. */
function differenceOf(object: ObjectDocument): string {
  return firstDifference(gnuAssemble([printListing(object)], GNU[object.target]), textOf(object))
}

function firstDifference(a: Uint8Array, b: Uint8Array): string {
  if (a.length !== b.length) return `${a.length} bytes, not ${b.length}`
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at < 0 ? 'none' : `at byte ${at}`
}

for (const target of TARGET_NAMES) {
  const { skip } = GNU[target]

  t.test(`${target}: GNU as makes the same bytes of the listing`, { skip }, async (t) => {
    for (const [index, program] of programsIn('examples', 'test/programs').entries())
      if (turnOf(index, 6) !== null)
        t.equal(differenceOf(compileObject(program, { target })), 'none', program.source.file)
  })

  t.test(`${target}: so it does of specialised code`, { skip }, async (t) => {
    const program = programOf(`
      mix = fn(x, y) { z = x * 2.5 + y / 1234567.875; if (z < 0.1) { return -z }; return z }
      sum = fn(n) { s = 0; for (i = 0; i < n; i = i + 1) { s = s + i * 123456789012 % 7 }; return s }
    `)
    for (const type of ['INTEGER', 'FLOAT', 'STRING', 'REGEXP'])
      t.equal(
        differenceOf(compileObject(program, { target, profile: profileOf(program, type) })),
        'none',
        type,
      )
  })

  t.test(`${target}: texts of a document cannot leave their comments`, { skip }, async (t) => {
    const program = programOf('f = fn() { return "a" }')
    const fn = program.functions.find(({ name }) => name === 'f')
    if (fn === undefined) throw new Error('no f')
    fn.name = 'x0\n nop\r\n"\\'
    fn.parameters = ['a\nnop']
    program.source.file = 'a\nnop'
    program.source.text = 'f = fn() { \rnop; \0nop\u2028 nop /* \\'
    const object = compileObject(program, { target })
    for (const entry of object.functions) {
      for (const relocation of entry.relocations) relocation.symbol += '\nnop'
      entry.exits.push({ offset: 0, position: 0, reason: 'why\nnop' })
    }
    t.equal(differenceOf(object), 'none')
  })

  t.test(`${target}: names that mean something to assemblers`, { skip }, async (t) => {
    const names = 'rax eax st xmm0 add offset ptr byte not eq rip sp x0 fs lock section macro ret'.split(' ')
    const program = programOf(names.map((name) => `${name} = fn() { return 1 }`).join('\n'))
    t.equal(differenceOf(compileObject(program, { target })), 'none')
  })

  t.test(`${target}: the same text every time, without traces of the run`, async (t) => {
    const program = programOf('f = fn(x) { while (x > 0) { x = x - 1 }; return x }')
    const profile = profileOf(program, 'INTEGER')
    const listing = printListing(compileObject(program, { target, profile }))
    t.equal(printListing(compileObject(structuredClone(program), { target, profile })), listing)
    t.equal(printIr(program, { target, profile }), printIr(structuredClone(program), { target, profile }))
  })
}

t.test('constants are data', async (t) => {
  const program = programOf('f = fn(x) { return x * 2.5 }')
  const profile = profileOf(program, 'FLOAT')
  const arm64 = printListing(compileObject(program, { profile }))
  t.match(arm64, /\/\/ constants\n\.L\S+:\n {2}\.quad 0x4004000000000000 +\/\/ [0-9a-f]+ {2}2\.5\n/)
  const x64 = printListing(compileObject(program, { target: 'x64', profile }))
  t.match(
    x64,
    /# constants\n\.L\S+:\n {2}\.quad 0x4004000000000000 +# [0-9a-f]+ {2}2\.5\n {2}\.quad 0x0{16} +# [0-9a-f]+ {2}0\n/,
  )
})

t.test('what stands beside the instructions', async (t) => {
  const program = programOf('# test\nadd = fn(a, b) {\n  return a + b\n}\n')
  const listing = printListing(compileObject(program, { profile: profileOf(program, 'INTEGER') }), {
    only: 'add',
  })
  t.match(listing, '// test.rush: arm64, ABI 4\n')
  t.match(listing, '\n// function 1 add(a, b): 2 locals, 2 operands\nadd:\n  subs w26, w26, #1')
  t.match(listing, '\n  // 3 |   return a + b\n  //   0000 OpGetLocal 0 ; a\n  ldr x2, [x27] ')
  t.match(listing, '\n  //   0002 OpGetLocal 1 ; b\n  //   0004 OpAdd\n  cmp w')
  t.match(listing, '// exit: operand is not an INTEGER (bytecode 4)\n')
  t.match(listing, /\n {2}ret +\/\/ [0-9a-f]{4} {2}d65f03c0\n/)
  t.match(listing, 'reloc abs64 stub:leave\n')
  t.notMatch(listing, '<main>')
})

t.test('what stands beside the instructions of x86-64', async (t) => {
  const program = programOf('# test\nadd = fn(a, b) {\n  return a + b\n}\n')
  const listing = printListing(
    compileObject(program, { target: 'x64', profile: profileOf(program, 'INTEGER') }),
    { only: 'add' },
  )
  t.match(listing, '# test.rush: x64, ABI 4\n')
  t.match(listing, '\n  .intel_syntax noprefix\n')
  t.match(listing, '\n# function 1 add(a, b): 2 locals, 2 operands\n  .balign 32, 0xcc\nadd:\n  sub r14d, 1 ')
  t.match(listing, '\n  # 3 |   return a + b\n  #   0000 OpGetLocal 0 ; a\n  mov rcx, QWORD PTR [rbx] ')
  t.match(listing, '\n  #   0002 OpGetLocal 1 ; b\n  #   0004 OpAdd\n  cmp ')
  t.match(listing, '# exit: operand is not an INTEGER (bytecode 4)\n')
  t.match(listing, /\n {2}ret +# [0-9a-f]{4} {2}c3\n/)
  t.match(listing, /\n {2}\{disp32\} jmp \.\+5 +# [0-9a-f]{4} {2}e9 00 00 00 00 {2}reloc rel32 stub:leave\n/)
  t.notMatch(listing, '<main>')
})

t.test('a profile specialises the code', async (t) => {
  const program = programOf('less = fn(a, b) { if (a + 1 < b) { return a }; return b }')
  const plain = printListing(compileObject(program), { only: 'less' })
  t.match(plain, 'bl . ')
  t.match(plain, 'reloc call26 stub:step')
  t.notMatch(plain, 'exit:')
  const listing = printListing(compileObject(program, { profile: profileOf(program, 'INTEGER') }), {
    only: 'less',
  })
  t.notMatch(listing, 'stub:step')
  t.match(listing, /\n {2}add x\d+, x\d+, #1 /)
  t.match(listing, /\n {2}cmp w\d+, #3 .*\n {2}b\.ne \.L/, 'a guard')
  t.match(listing, 'exit: operand is not an INTEGER')
  const floats = compileObject(program, { profile: profileOf(program, 'FLOAT') })
  t.match(printListing(floats, { only: 'less' }), /\n {2}fcmp d\d+, d\d+ /)
})

t.test(
  'any words are a listing: unknown ones, branches to themselves and outside',
  { skip: skipGnu },
  async (t) => {
    const program = programOf('f = fn() { return 1 }')
    const object = compileObject(program)
    const words = [
      0x14000000, 0x97ffffff, 0x54000000, 0x17fffff0, 0xffffffff, 0x00000000, 0x5c000041, 0x58000001,
    ]
    for (const entry of object.functions) {
      entry.code = new Uint8Array(Uint32Array.from(words).buffer)
      entry.instructionBytes = 24
      entry.relocations = []
      entry.exits = []
      entry.lineMap = []
    }
    t.equal(differenceOf(object), 'none')
  },
)

t.test(
  'any bytes are a listing: unknown ones, jumps to themselves, into instructions and outside',
  { skip: GNU.x64.skip },
  async (t) => {
    const object = compileObject(programOf('f = fn() { return 1 }'), { target: 'x64' })
    const bytes = [
      [0xeb, 0xfe],
      [0xe9, 0xfb, 0xff, 0xff, 0xff],
      [0x74, 0xfa],
      [0x0f, 0x84, 0, 0, 0, 0x10],
      [0xe8, 0xff, 0xff, 0xff, 0xff],
      [0x48, 0x8d, 0x05, 0, 0, 0, 0],
      [0xf2, 0x0f, 0x10, 0x05, 0xf9, 0xff, 0xff, 0xff],
      [0x48, 0x90, 0xff, 0xff, 0x66],
      // An instruction that ends among the constants.
      [0x48, 0xb8, 1, 2, 3],
    ].flat()
    for (const entry of object.functions) {
      entry.instructionBytes = bytes.length
      entry.code = Uint8Array.from([...bytes, ...Array(21).fill(0x90)])
      entry.relocations = [{ offset: 3, kind: 'rel32', symbol: 's' }]
      entry.exits = [{ offset: 4, position: 0, reason: 'zero' }]
      entry.lineMap = [1, 0, 6, 0]
    }
    t.equal(differenceOf(object), 'none')
    t.match(printListing(object), /\n {2}jmp \. +# 0000 {2}eb fe\n/)
    t.match(printListing(object), /\n {2}\{disp32\} jmp \. +# 0002 {2}e9 fb ff ff ff {2}reloc rel32 s\n/)
  },
)

t.test('functions of one name have different labels', { skip: skipGnu }, async (t) => {
  const program = programOf(
    'get = fn() { return 1 }\nget = fn() { return 2 }\nmain = fn() { return 3 }\nclass A { fn get() { return 4 } }',
  )
  const listing = printListing(compileObject(program))
  t.same(listing.match(/^\w.*:$/gm), ['main$0:', 'get$1:', 'get$2:', 'main$3:', 'A.get:'])
  t.doesNotThrow(() => gnuAssemble([listing]))
  const selected = printListing(compileObject(program), { only: 'get' })
  t.same(selected.match(/^\w.*:$/gm), ['get$1:', 'get$2:'])
})

t.test('a function that is too large has a note instead of code', async (t) => {
  const program = programOf(
    `big = fn(x) {\n${'  x = x + 1\n'.repeat(4000)}  return x\n}\nsmall = fn() { return 1 }`,
  )
  const object = compileObject(program)
  const listing = printListing(object)
  t.match(listing, /\n\/\/ function big: not compiled: function is too large: \d+ words of bytecode\n/)
  t.match(listing, /^small:$/m)
  t.match(printIr(program), '; function big: not compiled: function is too large\n')
  t.equal(object.bytecodeHash, bytecodeHash(program))
})

t.test('arm64: a safepoint poll reaches its slow path in functions of any size', async (t) => {
  const pollOf = (statements: number): string => {
    const body = Array.from({ length: statements }, (_, i) => `s = s * ${1234567890123 + i} + i;`).join(' ')
    const program = programOf(
      `f = fn(n) { s = 0; for (i = 0; i < n; i = i + 1) { s = s + i }; ${body} return s }`,
    )
    const object = compileObject(program, { target: 'arm64', profile: profileOf(program, 'INTEGER') })
    t.ok(
      object.functions.some(({ name }) => name === 'f'),
      `a loop before ${statements} statements is compiled`,
    )
    const [, poll = ''] = printListing(object, { only: 'f' }).split('OpLoop')
    return /tbnz x17, #31|cmp w17, #0/.exec(poll)?.[0] ?? 'none'
  }
  t.equal(pollOf(3), 'tbnz x17, #31')
  t.equal(pollOf(1900), 'cmp w17, #0')
})
