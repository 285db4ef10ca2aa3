import t from 'tap'
import { BytecodeTextError } from '../../lib/bytecode/index.js'
import type { DocumentKind } from '../../lib/formats/envelope.js'
import { DocumentError } from '../../lib/formats/errors.js'
import { detectKind, readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { ABI_VERSION } from '../../lib/jit/object.js'
import { type Expression, formatDiagnostics, type Program } from '../../lib/syntax/index.js'
import { readBytecode } from '../../tools/shared/programs.js'
import { astOf, bytecodeOf, sampleDocuments } from './documents.js'

const samples = sampleDocuments()

/** The message with which `bytes` are refused. */
function messageOf(bytes: Uint8Array, kinds: DocumentKind | DocumentKind[] = 'rush-ast'): string {
  try {
    readDocument(bytes, kinds, 'FILE')
  } catch (error) {
    if (error instanceof DocumentError) return error.message
    throw error
  }
  return 'accepted'
}

/** An expression of so many levels. */
function tallProgram(levels: number): Program {
  const point = { line: 1, column: 1, offset: 0 }
  const position = { start: point, end: point }
  let expression: Expression = { type: 'NullLiteral', position }
  for (let level = 0; level < levels; level++) {
    expression = { type: 'UnaryExpression', operator: '!', operand: expression, position }
  }
  return { type: 'Program', body: [{ type: 'ExpressionStatement', expression, position }], position }
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const utf8 = (text: string): Uint8Array => Buffer.from(text)

t.test('damaged JSON is reported with its place', async (t) => {
  const cases: [string, string][] = [
    ['{\n  "a": 1,\n  }', 'unexpected "}", expected a field name in double quotes at line 3, column 3'],
    ['{"a" 1}', 'unexpected "1", expected ":" at line 1, column 6'],
    ['[1, 2', 'unexpected end, expected "," or "]" at line 1, column 6'],
    ['[1, 2}', 'unexpected "}", expected "," or "]" at line 1, column 6'],
    ['{"a": [1, {"b": tru}]}', 'unexpected "t", expected a value at line 1, column 17'],
    ['{"a":1}\nx', 'unexpected "x", expected the end at line 2, column 1'],
    ['{"a": "x', 'unexpected end inside a string at line 1, column 9'],
    ['{"a": "\\q"}', 'bad escape in a string at line 1, column 8'],
    ['{"a": "\n"}', 'control character in a string at line 1, column 8'],
    ['{"😀": x}', 'unexpected "x", expected a value at line 1, column 7'],
    ['[01]', 'unexpected "1", expected "," or "]" at line 1, column 3'],
    ['x = 1', 'unexpected "x", expected a value at line 1, column 1'],
    [' ', 'unexpected end, expected a value at line 1, column 2'],
  ]
  for (const [text, message] of cases)
    t.equal(messageOf(utf8(text)), `FILE: cannot be read as JSON: ${message}`)
  t.equal(messageOf(latin1('{"a": "\xff"}')), 'FILE: cannot be read as JSON: not valid UTF-8 at byte 7')
  t.equal(messageOf(latin1('')), 'FILE: empty, expected a rush-ast document')
})

t.test('damaged msgpack is reported with its place', async (t) => {
  const cases: [string, string][] = [
    ['\x81', 'unexpected end at byte 1'],
    ['\x81\xa6for', 'unexpected end at byte 5'],
    ['\x81\x01\x02', 'a map key is not a string at byte 1'],
    ['\x81\xa1a\xd4\x01\x00', 'unknown type 0xd4 at byte 3'],
    ['\x81\xa1a\xc1', 'unknown type 0xc1 at byte 3'],
    ['\x81\xa1a\xa1\xff', 'a string is not valid UTF-8 at byte 3'],
    ['\x81\xa1a\x01\x02\x03', '2 unexpected bytes behind the document, at byte 4'],
    ['\x81\xa1a\xdb\x00', 'unexpected end at byte 5'],
    ['\xdd\xff\xff\xff\xff', 'unexpected end at byte 5'],
    ['\xdf\xff\xff\xff\xff\xa1a\x01', 'unexpected end at byte 8'],
    ['\x81\xa1a\xc6\xff\xff\xff\xff', 'unexpected end at byte 8'],
  ]
  for (const [bytes, message] of cases) t.equal(messageOf(latin1(bytes)), `FILE: damaged msgpack: ${message}`)
})

t.test('nesting and huge claims cost neither the stack nor the memory', async (t) => {
  t.match(messageOf(Buffer.alloc(1e6, '[')), /unexpected end/)
  t.match(messageOf(utf8('{"a":'.repeat(1e6))), /unexpected end/)
  t.equal(
    messageOf(utf8('['.repeat(1e6) + ']'.repeat(1e6))),
    'FILE: not a Rush document, expected a rush-ast document',
  )
  t.equal(messageOf(Buffer.alloc(1e6, 0x91)), 'FILE: damaged msgpack: nested too deeply at byte 5000')
  // Each of these five bytes claims thirty million elements.
  const bomb = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([0xdd, 0x01, 0xff, 0xff, 0xff])))
  t.match(messageOf(bomb), /unexpected end/)
})

t.test('a tree taller than the stages can walk is refused', async (t) => {
  const program = tallProgram(30_000)
  const document = { ...samples['rush-ast'], program }
  t.equal(messageOf(writeDocument(document, 'json')), 'FILE: nested too deeply')
})

t.test('the envelope', async (t) => {
  t.equal(
    messageOf(utf8('{"format":"rush-bytecode","version":7}'), 'rush-bytecode'),
    'FILE: rush-bytecode version 7 is not supported (this tool reads version 2)',
  )
  t.match(messageOf(utf8('{"format":"rush-ast","version":"1"}')), /rush-ast version "1" is not supported/)
  t.match(messageOf(utf8('{"format":"rush-ast"}')), /version nothing is not supported/)
  t.equal(
    messageOf(utf8('{"format":"rush-profile","version":1}'), ['rush-ast', 'rush-object']),
    'FILE: this is a rush-profile document, expected a rush-ast or rush-object document',
  )
  for (const text of ['null', '1', '[]', '{}', '{"format":"constructor"}']) {
    t.equal(messageOf(utf8(text)), 'FILE: not a Rush document, expected a rush-ast document', text)
    t.equal(detectKind(utf8(text)), null)
  }
  t.equal(detectKind(utf8('{"format":"rush-object"}')), 'rush-object')
  t.equal(detectKind(utf8('{"format"')), null)
})

t.test('the first problem that the schema finds, with its place', async (t) => {
  const change = (edit: (program: Record<string, never>) => void): string => {
    const program = JSON.parse(JSON.stringify(bytecodeOf('x = 1\nfn f(a) { a }')))
    edit(program)
    return messageOf(utf8(JSON.stringify(program)), 'rush-bytecode')
  }
  type Editable = {
    functions: Record<string, unknown>[]
    constants: unknown[]
    main: unknown
    extra: unknown
  }
  const edits: [(program: Editable) => void, string][] = [
    [(p) => ((p.functions[1]?.code as unknown[])[1] = 'x'), '/functions/1/code/1: must be integer'],
    [(p) => ((p.functions[0]?.code as unknown[])[0] = 2 ** 31), '/functions/0/code/0: must be <= 2147483647'],
    [(p) => (p.main = -1), '/main: must be >= 0'],
    [(p) => (p.main = 0.5), '/main: must be integer'],
    [(p) => (p.extra = 1), '/: unknown field "extra"'],
    [(p) => delete p.functions[0]?.locals, "/functions/0: must have required property 'locals'"],
    [(p) => (p.functions.length = 0), '/functions: must NOT have fewer than 1 items'],
    [(p) => p.constants.push({ type: 'bool', value: true }), '/constants/0: unknown type "bool"'],
    [
      (p) => p.constants.push({ type: 'integer', value: '12' }),
      '/constants/0/value: must match pattern "^-?[1-9][0-9]{15,18}$"',
    ],
  ]
  for (const [edit, problem] of edits) {
    const message = change(edit as unknown as (program: Record<string, never>) => void)
    t.equal(message, `FILE: not a valid rush-bytecode document: ${problem}`)
  }
})

t.test('where imports lead, which the schema cannot say', async (t) => {
  type Editable = {
    imports: { place: string; module: unknown }[]
    modules: { imports: { place: string; module: unknown }[]; error?: string }[]
  }
  const change = (edit: (document: Editable) => void): string => {
    const document = JSON.parse(JSON.stringify(astOf('import { PI } from "std/math"\nimport { } from "./m"')))
    edit(document)
    const message = messageOf(utf8(JSON.stringify(document)))
    return message.replace('FILE: not a valid rush-ast document: ', '')
  }
  const [math, m] = [0, 1]
  const edits: [(document: Editable) => void, string][] = [
    [() => {}, 'accepted'],
    [(d) => d.imports.reverse(), 'accepted'],
    [(d) => d.imports.push({ place: 'more', module: m }), 'accepted'],
    [(d) => d.imports.pop(), 'no module for the import of "./m"'],
    [(d) => d.imports.splice(0), 'no module for the import of "std/math"'],
    [
      (d) => d.imports.splice(0, 1, { place: 'Std/Math', module: math }),
      'no module for the import of "std/math"',
    ],
    [(d) => d.imports.splice(0, 1, { place: 'std/math', module: 2 }), 'no module 2 for "std/math"'],
    [(d) => d.imports.push({ place: 'a\nb\u001b', module: 2 }), 'no module 2 for "a\\nb\\u001b"'],
    [(d) => d.imports.splice(0, 1, { place: 'std/math', module: -1 }), '/imports/0/module: must be >= 0'],
    [(d) => d.imports.splice(0, 1, { place: 'std/math', module: 0.5 }), '/imports/0/module: must be integer'],
    [(d) => d.modules.pop(), 'no module 1 for "./m"'],
    [(d) => d.modules[math]?.imports.push({ place: 'x', module: 2 }), 'no module 2 for "x"'],
  ]
  for (const [edit, message] of edits) t.equal(change(edit), message)
})

t.test('the imports of modules lead somewhere, and their trees are no higher than others', async (t) => {
  const [inner, ...rest] = astOf('import { } from "./m"').modules
  t.same(rest, [])
  const outer = astOf('import { } from "./m"')
  const { source, program, imports } = outer
  const withModule = (module: (typeof outer.modules)[number]): string =>
    messageOf(writeDocument({ ...outer, modules: [module, inner as typeof module] }, 'json'))
  const refused = 'FILE: not a valid rush-ast document: no module'
  t.equal(withModule({ source, program, imports }), 'accepted')
  t.equal(withModule({ source, program, imports: [] }), `${refused} for the import of "./m"`)
  t.equal(withModule({ source, program, imports: [{ place: './m', module: 9 }] }), `${refused} 9 for "./m"`)
  t.equal(withModule({ source, program: tallProgram(2000), imports }), 'FILE: nested too deeply')
})

t.test('half a character in an escape, which msgpack could not write', async (t) => {
  const answer = (text: string): string =>
    messageOf(utf8(`{"format":"rush-ast","version":"${text}"}`)).replace('FILE: ', '')
  const refused = 'cannot be read as JSON: an escape in a string is half a character'
  for (const text of [
    '\\ud800',
    '\\uDC00',
    '\\ude00\\ud83d',
    '\\ud83d\\ud83d\\ude00',
    '\\\\\\ud800',
    '\\ud83d\\n\\ude00',
  ])
    t.equal(answer(text), refused, text)
  for (const text of ['\\ud83d\\ude00', '\\\\ud800', '\\u00e9', '\\ud83d\\ude00\\ud83d\\ude00'])
    t.match(answer(text), /^rush-ast version .* is not supported/, text)
})

t.test('integers of a tree have 64 bits', async (t) => {
  const program = (value: number | string): string => {
    const document = JSON.parse(JSON.stringify(astOf('9223372036854775807')))
    document.program.body[0].expression.value = value
    return messageOf(utf8(JSON.stringify(document))).replace('FILE: not a valid rush-ast document: ', '')
  }
  for (const value of ['9223372036854775807', '-9223372036854775808', 2 ** 53 - 1])
    t.equal(program(value), 'accepted')
  for (const value of ['9223372036854775808', '-9223372036854775809'])
    t.equal(program(value), `the integer ${value} has more than 64 bits`)
  t.match(program(2 ** 53), /expression\/value: must be <= 9007199254740991$/)
})

t.test('a version that JSON could not say', async (t) => {
  const before = '\x82\xa6format\xa8rush-ast\xa7version'
  for (const [bytes, version] of [
    ['\xcf\xff\xff\xff\xff\xff\xff\xff\xff', '18446744073709551615'],
    ['\xd3\x80\x00\x00\x00\x00\x00\x00\x00', '-9223372036854775808'],
  ]) {
    const message = messageOf(latin1(`${before}${bytes}`))
    t.equal(message, `FILE: rush-ast version ${version} is not supported (this tool reads version 2)`)
  }
})

t.test('errors that name what stands in a document are one line, too', async (t) => {
  const evil = `a\nb\u001b[31m\u009b\u202e\ud800${'x'.repeat(10_000)}`
  for (const error of [new DocumentError(`f: ${evil}`), new BytecodeTextError(evil, 'f', 1, 1)]) {
    t.match(error.message, /^f:.*a\?b\?\[31m\?\?\?x+\.\.\.$/)
    t.ok(error.message.length < 2010)
  }
  const program = bytecodeOf('x = 1')
  const [main] = program.functions
  Object.assign(main as object, { name: evil.replace('\ud800', ''), code: [250] })
  await t.rejects(readBytecode(writeDocument(program, 'json'), 'f'), {
    message: /^f: invalid bytecode: function 0 \(a\?b[^\p{C}]+$/u,
  })
  const report = formatDiagnostics([{ file: evil, line: 1, column: 1, message: evil }], 'text')
  t.equal(report.split('\n').length, 5)
  t.notMatch(report.replaceAll('\n', ''), /\p{C}/u)
})

t.test('messages stay on one line and short, whatever names a document holds', async (t) => {
  const document = { ...samples['rush-ast'], [`a\nb\u001b[31m${'x'.repeat(1000)}`]: 1 }
  const message = messageOf(utf8(JSON.stringify(document)))
  t.match(message, /unknown field "a/)
  t.notMatch(message, /\p{Cc}/u)
  t.ok(message.length < 400)
})

t.test('an object document of which anything was changed', async (t) => {
  const sound = samples['rush-object']
  const refused = 'FILE: damaged: the checksum is not that of the rush-object document'
  const packed = Buffer.from(writeDocument(sound, 'msgpack'))
  const text = Buffer.from(writeDocument(sound, 'json')).toString()
  t.equal(messageOf(packed, 'rush-object'), 'accepted')
  t.equal(messageOf(utf8(text), 'rush-object'), 'accepted')
  t.same(readDocument(packed, 'rush-object', 'FILE'), readDocument(utf8(text), 'rush-object', 'FILE'))
  const code = packed.indexOf(Buffer.from([40, 41, 42, 43, 44, 45]))
  packed[code] = 0
  t.equal(messageOf(packed, 'rush-object'), refused, 'a byte of the code')
  type Editable = { functions: { code: string; lineMap: number[] }[]; abi: number; program: { main: number } }
  const edits: ((document: Editable) => void)[] = [
    ({ functions: [first] }) => Object.assign(first as object, { code: `B${first?.code.slice(1)}` }),
    ({ functions: [first] }) => first?.lineMap.push(12, 3),
    (document) => document.functions.pop(),
    (document) => Object.assign(document, { abi: ABI_VERSION + 1 }),
    (document) => Object.assign(document, { checksum: '0'.repeat(64) }),
    ({ program }) => Object.assign(program, { main: 1 }),
  ]
  for (const edit of edits) {
    const document = JSON.parse(text)
    edit(document)
    t.equal(messageOf(utf8(JSON.stringify(document)), 'rush-object'), refused, String(edit))
  }
  const turned = Object.fromEntries(Object.entries(JSON.parse(text)).reverse())
  t.equal(messageOf(utf8(JSON.stringify(turned)), 'rush-object'), 'accepted', 'the order of fields')
})

t.test('code that is not base64', async (t) => {
  for (const code of ['A', 'AAA', 'AA=', 'AB==', '====', 'a b=']) {
    const document = JSON.parse(Buffer.from(writeDocument(samples['rush-object'], 'json')).toString())
    document.functions[0].code = code
    t.match(messageOf(utf8(JSON.stringify(document)), 'rush-object'), /\/functions\/0\/code: must/, code)
  }
})
