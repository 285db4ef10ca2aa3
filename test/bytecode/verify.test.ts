/** At least one rejected program per rule of the verifier, and what is just within the rules. */
import t from 'tap'
import { type BytecodeProgram, OPCODES, VerifyError, verify } from '../../lib/bytecode/index.js'
import { RULES } from '../../lib/bytecode/verify-rules.js'
import { DocumentError } from '../../lib/formats/errors.js'
import { writeDocument } from '../../lib/formats/write.js'
import { readBytecode } from '../../tools/shared/programs.js'
import {
  BODY,
  CELL_IN_0,
  capture,
  creating,
  HANDLER_RULES,
  handlers,
  IMPORT,
  INSTRUCTION_RULES,
  importing,
  inner,
  LOCAL_RULES,
  loaded,
  MODULE_RULES,
  main,
  RETURN_NULL,
  SIZE_RULES,
  STACK_RULES,
  TABLE_RULES,
  TRY,
} from './broken-programs.js'
import { compileText, functionOf, programOf } from './tools.js'

const broken = new Set<string>()

for (const [group, cases] of Object.entries({
  TABLE_RULES,
  INSTRUCTION_RULES,
  STACK_RULES,
  LOCAL_RULES,
  MODULE_RULES,
  HANDLER_RULES,
  SIZE_RULES,
})) {
  t.test(group, async (t) => {
    for (const [rule, message, program] of cases) {
      try {
        verify(program, (name) => name !== 'nope')
        t.fail(`${rule}: accepted`)
      } catch (error) {
        t.ok(error instanceof VerifyError, `${rule}: is a VerifyError`)
        broken.add((error as VerifyError).rule)
        t.ok(String(error).includes(message), `${rule}: ${error}`)
      }
    }
  })
}

t.test('every rule has a program that breaks it', async (t) => {
  t.same([...broken].sort(), Object.keys(RULES).sort())
})

t.test('as documents all of them are refused with a message of one line', async (t) => {
  const hash = '0'.repeat(64)
  const all = [TABLE_RULES, INSTRUCTION_RULES, STACK_RULES, LOCAL_RULES, MODULE_RULES, HANDLER_RULES].flat()
  for (const [rule, , program] of all) {
    if (program.functions.some(({ code }) => code.length > 1000)) continue
    const modules = program.modules.map((module) =>
      'error' in module ? module : { ...module, sourceHash: hash },
    )
    for (const encoding of ['json', 'msgpack'] as const) {
      const bytes = writeDocument({ ...program, sourceHash: hash, modules }, encoding)
      const refused = readBytecode(bytes, 'p.rbc').then(
        () => 'accepted',
        (error) => error,
      )
      const error: unknown = await refused
      t.ok(error instanceof DocumentError, `${rule}: ${error}`)
      t.match((error as Error).message, /^p\.rbc: .+$/, rule)
    }
  }
})

t.test('within the rules', async (t) => {
  const accepted: Record<string, BytecodeProgram> = {
    'largest frame': main(RETURN_NULL, { locals: 1000, maxStack: 1000 }),
    'lowest integer': programOf([functionOf(RETURN_NULL)], {
      constants: [{ type: 'integer', value: '-9223372036854775808' }],
    }),
    'error handler': main(TRY, handlers([0, 3, 5, 0])),
    'handler with the range up to its target': main(
      [['GetUnbound', 0], ['Return'], ['Return']],
      handlers([0, 3, 3, 0]),
    ),
    'jump out of a range with fewer operands': main(
      [['Null'], ['GetUnbound', 0], ['Drop', 2], ['Jump', 9], ['Drop', 2], ['Null'], ['Return']],
      handlers([1, 7, 7, 1]),
    ),
    'a cell renewed in a loop': inner([
      ['ClearLocal', 0],
      ['NewCell', 0],
      ['True'],
      ['JumpIfTrue', 9],
      ['Loop', 0],
      ...RETURN_NULL,
    ]),
    'a method in a class': creating([['Class', 0], ['Closure', 1], ['Method', 0], ['Return']], {
      method: true,
    }),
    'a chunked literal': main([['Array', 0], ['Null'], ['Append', 1], ['Return']]),
    'errors tested by type': main(
      [['GetUnbound', 0], ['Return'], ['Dup'], ['ErrorIs', 0], ['Return']],
      handlers([0, 2, 3, 0]),
    ),
    'an import': importing(IMPORT, [loaded(1)], [BODY], handlers([5, 11, 15, 0])),
    'an import of what cannot be had': importing(
      [['Import', 0, 0], ['Return']],
      [{ file: 'm.rush', error: 'gone' }],
      [],
    ),
    'a module without variables': importing(RETURN_NULL, [loaded(1, 1, 1)]),
    'modules with functions in between': importing(
      RETURN_NULL,
      [loaded(2), { file: 'm.rush', error: 'gone' }, loaded(4)],
      [BODY, BODY, BODY, BODY],
    ),
    'a captured cell passed on': programOf([
      functionOf([...CELL_IN_0, ['Closure', 1], ['Return']], { locals: 1 }),
      functionOf([['Closure', 2], ['Return']], capture('local', 0)),
      functionOf([['GetUpvalue', 0, 0], ['Return']], capture('upvalue', 0)),
    ]),
  }
  for (const [name, program] of Object.entries(accepted)) t.doesNotThrow(() => verify(program), name)
})

t.test('the error names function and position', async (t) => {
  try {
    verify(
      programOf([functionOf(RETURN_NULL), functionOf([['Null'], ['Pop'], ['Jump', 99]], { name: 'name' })]),
    )
    t.fail('accepted')
  } catch (error) {
    t.match(error, { functionIndex: 1, position: 2 })
    t.equal(
      (error as Error).message,
      'function 1 (name), position 2: jump target 99 is not the start of an instruction',
    )
  }
})

t.test('a damaged program is refused or accepted, nothing else', async (t) => {
  const text = `
    f = fn(n) {
      total = 0
      add = fn(x) { total = total + x; return total }
      while (n > 0) {
        try { if (n == 2) { continue } add([n, {"a": n}][0]) } catch (TypeError e) { print(e) } finally { n = n - 1 }
      }
      return total
    }
    class A { fn m(x) { @x = x; return fn() { return @x } } }
    print(f(3), A.new().m)`
  const program = compileText(text)
  let refused = 0
  let tried = 0
  program.functions.forEach((fn, index) => {
    for (let position = 0; position < fn.code.length; position++) {
      for (const word of [
        -1,
        0,
        1,
        2,
        3,
        OPCODES.length - 1,
        OPCODES.length,
        fn.code.length,
        2 ** 31,
        (fn.code[position] as number) + 1,
      ]) {
        const code = fn.code.with(position, word)
        const functions = program.functions.with(index, { ...fn, code })
        tried++
        try {
          verify({ ...program, functions })
        } catch (error) {
          refused++
          if (!(error instanceof VerifyError)) t.fail(`word ${position} of ${fn.name} = ${word}: ${error}`)
        }
      }
    }
  })
  t.ok(refused > tried / 2 && refused < tried, `${refused} of ${tried} refused`)
})
