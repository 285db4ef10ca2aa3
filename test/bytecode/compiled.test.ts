/** What the compiler makes passes the verifier and survives the text form, for every instruction. */
import t from 'tap'
import {
  type BytecodeProgram,
  compile,
  instructionPositions,
  Liveness,
  OPCODES,
  opcodeAt,
  operandDepths,
  parseBytecode,
  pointAt,
  printBytecode,
  verify,
} from '../../lib/bytecode/index.js'
import { compileText, conformancePrograms, isBuiltin } from './tools.js'

/** Together these need every instruction. */
const SOURCES = {
  values:
    'x = [1, 2.5, "s", null, true, false, -0.0, 9223372036854775807]; y = {1: 2, "k": x}; x[0] = y[1]; x.size',
  operators: `
    f = fn(a, b) {
      c = a + b - a * b / a % b
      d = a == b || a != b && a < b || a > b && a <= b
      if (!(a >= b)) { return -a }
      e = !d
      return c
    }
    f(1, 2)`,
  literals: `a = [${'0, '.repeat(200)}1]; h = {${Array.from({ length: 150 }, (_, i) => `${i}: ${i}`).join(', ')}}`,
  variables: `
    g = fn(p, q) {
      if (p) { maybe = 1 }
      count = 0
      bump = fn() { count = count + 1; return fn() { count = count + p; return count } }
      print(maybe)
      return bump
    }
    type = type(g(true, 1))
    Missing`,
  locals:
    'f = fn(n) { len = len("abc"); while (n > 0) { n = n - 1; if (n == 3) { continue }; if (n == 1) { break } }; return n }',
  classes: `
    class A {
      fn initialize(x) { @x = x }
      fn get() { return fn() { return @x } }
    }
    class B < A {
      fn initialize(x) { super(x); @y = @x }
      fn get() { inner = super(); return inner() }
    }
    b = B.new(5); b.get(); m = b.get`,
  errors: `
    f = fn(n) {
      while (true) {
        r = [1, 2, if (n) {
          try {
            if (n == 1) { break }
            if (n == 2) { continue }
            throw Error("e")
          } catch (TypeError e) {
            x = fn() { return e }
            x()
          } catch (e) {
            seen = e
          } finally {
            n = n + 1
          }
          try { continue } catch (e) { print(e) }
        }]
      }
      try { return f(1) } finally { print(n) }
    }
    switch (f) { case 1, 2: print(1)
      default: print(2) }
    break`,
  modules: 'import { PI as pi, none } from "std/math"; import { x } from "./none"',
}

function checkAll(t: Tap, program: BytecodeProgram): void {
  verify(program)
  const text = printBytecode(program)
  t.same(parseBytecode(text, 'listing'), program, 'the text form is complete')
  t.equal(printBytecode(parseBytecode(text, 'listing')), text)
}
type Tap = Pick<typeof t, 'same' | 'equal'>

t.test('every instruction', async (t) => {
  const used = new Set<string>()
  for (const [name, text] of Object.entries(SOURCES)) {
    await t.test(name, async (t) => {
      const program = compileText(text)
      checkAll(t, program)
      for (const { code } of program.functions) {
        for (const position of instructionPositions(code)) used.add(opcodeAt(code, position).name)
      }
    })
  }
  t.same(
    OPCODES.map(({ name }) => name).filter((name) => !used.has(name)),
    [],
    'no instruction is left out',
  )
})

t.test('conformance programs', async (t) => {
  const programs = conformancePrograms()
  t.ok(programs.length > 200, 'the programs are there')
  for (const { file, document } of programs) {
    const { program, diagnostics } = compile(document, isBuiltin)
    t.same(diagnostics, [], file)
    t.doesNotThrow(() => verify(program), file)
    const again = parseBytecode(printBytecode(program), file)
    if (JSON.stringify(again) !== JSON.stringify(program)) t.same(again, program, file)
    for (const fn of program.functions) checkAnalyses(t, program, fn, file)
  }
})

/** The depth before each instruction exists and fits; nothing unset is live on entry. */
function checkAnalyses(
  t: Pick<typeof import('tap').t, 'fail'>,
  program: BytecodeProgram,
  fn: BytecodeProgram['functions'][number],
  file: string,
): void {
  const depths = operandDepths(fn)
  const liveness = new Liveness(fn, program.functions)
  const parameters = fn.parameters.length + (fn.method ? 1 : 0)
  for (const local of liveness.liveBefore(0)) {
    if (local >= parameters) t.fail(`${file}: local ${local} of ${fn.name} is live on entry`)
  }
  for (const position of instructionPositions(fn.code)) {
    const depth = depths[position] as number
    if (depth < 0 || depth > fn.maxStack) t.fail(`${file}: depth ${depth} at ${position} of ${fn.name}`)
  }
}

t.test('positions', async (t) => {
  const program = compileText('a = 1\nb = a +\n  f(a)\n')
  const [main] = program.functions
  if (main === undefined) return t.fail('no main function')
  const places = instructionPositions(main.code).map((position) => {
    const { line, column } = pointAt(main, position)
    return `${opcodeAt(main.code, position).name} ${line}:${column}`
  })
  t.same(places, [
    'Integer 1:5',
    'SetGlobal 1:1',
    'GetGlobal 2:5',
    'GetUnbound 3:3',
    'GetGlobal 3:5',
    'Call 3:4',
    'Add 2:7',
    'SetGlobal 2:1',
    'Null 1:1',
    'Return 1:1',
  ])
  const table = { lines: [4, 10, 1, 7, 11, 2, 9, 12, 3] }
  t.same(
    [0, 4, 6, 7, 8, 9, 100].map((position) => pointAt(table, position).line),
    [10, 10, 10, 11, 11, 12, 12],
    'each entry holds up to the next, the first one also before',
  )
  t.same(pointAt({ lines: [] }, 5), { line: 1, column: 1 })
})
