/** The text form of bytecode: how it looks, and messages about mistakes in it. */
import t from 'tap'
import { BytecodeTextError, parseBytecode, printBytecode, verify } from '../../lib/bytecode/index.js'
import { compileText, functionOf, programOf } from './tools.js'

const SOURCE = `f = fn(n) {
  try { return n + 1.5 } catch (e) { print("a;b", e) }
}
f(-2)
`

const HEAD = `rush-bytecode 2
source "test.rush"
hash ""
text ""
constants 1
  0 string "a"
globals 0
builtins 0
classes 0
main 0
modules 0
`
const FUNCTION = `function 0 "<main>"
  parameters
  locals 0
  stack 1
  text ""
  code
    0000 OpConstant 0 @1:2
    0002 OpReturn
end
`

t.test('how it looks', async (t) => {
  const text = printBytecode(compileText(SOURCE))
  t.equal(
    text.slice(text.indexOf('function 1')),
    `function 1 "f"
  parameters "n"
  locals 2
  stack 3
  text "fn(n) {\\n{try {return (n + 1.5);} catch (e) {print(\\"a;b\\", e)}}\\n}"
  handler 0 6 6 0
  code
    0000 OpGetLocal 0 @2:16                      ; n
    0002 OpConstant 1 @2:20                      ; 1.5
    0004 OpAdd @2:18
    0005 OpReturn @2:9
    0006 OpSetLocal 1 @2:26
    0008 OpGetBuiltin 0 @2:38                    ; print
    0010 OpConstant 3 @2:44                      ; "a;b"
    0012 OpGetLocal 1 @2:51
    0014 OpCall 2 2 @2:43                        ; "print"
    0017 OpJump 19                               ; to 0019
    0019 OpReturn @3:1
end
`,
  )
})

t.test('unusual contents', async (t) => {
  const program = programOf(
    [
      functionOf([['Constant', 0], ['Return']], { name: 'a "b" \\ ;\n\u2028', lines: [0, 1, 1, 2, 1, 1] }),
      functionOf([['Integer', -(2 ** 31)], ['Return']], {
        parameters: ['x', 'y'],
        method: true,
        locals: 3,
        captures: [
          { from: 'local', index: 2 },
          { from: 'upvalue', index: 0 },
        ],
      }),
    ],
    {
      constants: [
        { type: 'integer', value: '-9223372036854775808' },
        { type: 'integer', value: -5 },
        { type: 'float', value: -0 },
        { type: 'float', value: 5 },
        { type: 'float', value: 1e300 },
        { type: 'float', value: 5e-324 },
        { type: 'float', value: Number.POSITIVE_INFINITY },
        { type: 'string', value: '' },
        { type: 'string', value: '"; \\ \ud800 \r\n\t\0 é 😀' },
      ],
      classes: [{ name: 'P', fields: ['x', 'y'] }],
      source: { file: 'a b;c.rush', text: 'x = "\\n"\r\n; \u2029' },
      sourceHash: 'abc',
    },
  )
  verify(program)
  const again = parseBytecode(printBytecode(program), 'x')
  t.same(again, program)
  t.ok(Object.is(again.constants[2]?.value, -0), 'the sign of zero')
})

t.test('comments, white space and line ends do not matter', async (t) => {
  const text = (HEAD + FUNCTION)
    .replaceAll('\n', ' ; "a comment\r\n\r\n  ; another\r\n')
    .replaceAll('OpConstant 0', 'OpConstant\t0')
  t.same(parseBytecode(text, 'x'), parseBytecode(HEAD + FUNCTION, 'x'))
})

t.test('mistakes', async (t) => {
  const mistakes: readonly (readonly [
    from: string,
    to: string,
    line: number,
    column: number,
    problem: string,
  ])[] = [
    ['rush-bytecode', 'rush-ast', 1, 1, 'expected "rush-bytecode", got rush-ast'],
    ['rush-bytecode 2', 'rush-bytecode 1', 1, 15, 'expected version 2, got 1'],
    ['source "test.rush"', 'source test.rush', 2, 8, 'expected a string, got test.rush'],
    ['source "test.rush"', 'source "test.rush" 5', 2, 20, 'expected the end of the line, got 5'],
    ['source "test.rush"', 'source "test.rush', 2, 8, 'this string is not well-formed'],
    ['source "test.rush"', 'source "\\q"', 2, 8, 'this string is not well-formed'],
    ['constants 1', 'constants x', 5, 11, 'expected an integer, got x'],
    ['constants 1', 'constants -1', 5, 11, 'expected a number from 0, got -1'],
    ['constants 1', 'constants 2', 7, 1, 'expected number 1, got globals'],
    ['0 string "a"', '0 text "a"', 6, 5, 'expected "integer" or "float" or "string", got text'],
    ['0 string "a"', '0 float 0x5', 6, 11, 'expected a number, got 0x5'],
    ['0 string "a"', '0 integer 1.5', 6, 13, 'expected an integer, got 1.5'],
    ['modules 0', 'modules 1\n  0 main 1 globals', 12, 19, 'expected an integer, got the end of the line'],
    ['modules 0', 'modules 1\n  0 lost', 12, 5, 'expected "main" or "failed", got lost'],
    ['function 0', 'function 1', 12, 10, 'expected number 0, got 1'],
    ['  parameters', '  params', 13, 3, 'expected "method" or "parameters", got params'],
    ['  code', '  handler 1 2 3', 17, 16, 'expected an integer, got the end of the line'],
    ['OpConstant', 'OpConst', 18, 10, 'expected an instruction, got OpConst'],
    ['OpConstant 0', 'OpConstant', 18, 21, 'expected an integer, got @1:2'],
    ['OpConstant 0', 'OpConstant 0 0', 18, 23, 'expected the end of the line, got 0'],
    ['@1:2', '@1', 18, 23, 'expected @line:column, got @1'],
    ['0002 OpReturn', '0001 OpReturn', 19, 5, 'expected position 2, got 0001'],
    ['end\n', '', 20, 1, 'expected an instruction or "end", the text ends'],
    ['end\n', 'end\nend\n', 21, 1, 'expected "function", got end'],
  ]
  for (const [from, to, line, column, problem] of mistakes) {
    const text = (HEAD + FUNCTION).replace(from, to)
    try {
      parseBytecode(text, 'file.txt')
      t.fail(`${to}: accepted`)
    } catch (error) {
      t.ok(error instanceof BytecodeTextError, `${to}: ${error}`)
      t.match(error, { file: 'file.txt', line, column, problem })
      t.equal((error as Error).message, `file.txt:${line}:${column}: ${problem}`)
    }
  }
  t.throws(() => parseBytecode('', 'x'), { message: 'x:1:1: expected "rush-bytecode", the text ends' })
})
