/** Definite assignment: which reads of locals are checked at run time. */
import t from 'tap'
import { instructionPositions, opcodeAt, pointAt, verify } from '../../lib/bytecode/index.js'
import { compileText } from './tools.js'

/** How `body`, in a function of `a`, reads its local `variable`: `set` surely has a value, `?` is checked. */
function reads(body: string, variable = 'x'): string {
  const text = `f = fn(a) { ${body} }`
  const program = compileText(text)
  verify(program)
  const fn = program.functions[1]
  if (fn === undefined) throw new Error('no function')
  const lines = text.split('\n')
  const kinds: string[] = []
  for (const position of instructionPositions(fn.code)) {
    const { name } = opcodeAt(fn.code, position)
    const { line, column } = pointAt(fn, position)
    if (!lines[line - 1]?.startsWith(variable, column - 1)) continue
    if (name === 'GetLocalChecked') kinds.push('?')
    if (name === 'GetLocal') kinds.push('set')
  }
  return kinds.join(' ')
}

const CASES: Record<string, readonly (readonly [body: string, expected: string])[]> = {
  'straight code': [
    ['x = 1; return x', 'set'],
    ['x = fn() { return 1 }; return x', 'set'],
    ['print(x); x = 1; return x', '? set'],
    ['x = [x]; return x', '? set'],
    ['fn x() { }; return x', 'set'],
    ['class x { }; return x', 'set'],
  ],
  branches: [
    ['if (a) { x = 1 }; return x', '?'],
    ['if (a) { x = 1 } else { x = 2 }; return x', 'set'],
    ['if (a) { x = 1 } else if (a == 2) { x = 2 } else { x = 3 }; return x', 'set'],
    ['if (a) { x = 1 } else if (a == 2) { x = 2 }; return x', '?'],
    ['if (a) { x = 1 } else { return 2 }; return x', 'set'],
    ['if (a) { x = 1 } else { throw 2 }; return x', 'set'],
    ['b = if (a) { x = 1; 2 } else { x = 2; 3 }; return x + b', 'set'],
    ['b = a && if (a) { x = 1; x } else { x = 2 }; return x', 'set ?'],
    ['b = if (a) { x = 1; x } else { x = 2 } || a; return x', 'set set'],
  ],
  loops: [
    ['while (a) { x = 1; print(x) }; return x', 'set ?'],
    ['x = 0; while (a) { x = x + 1 }; return x', 'set set'],
    ['while (a) { print(x); x = 1 }', '?'],
    ['for (x = 0; x < 3; x = x + 1) { print(x) }; return x', 'set set set set'],
    ['for (; a; a = x) { if (a) { continue }; x = 1 }', '?'],
    ['while (true) { if (a) { break }; x = 1 }; return x', '?'],
    ['while (if (a) { break } else { x = 1; x }) { print(x) }; return x', 'set set ?'],
    ['while (if (a) { x = 1; break } else { return 2 }) { }; return x', 'set'],
    ['for (; if (a) { continue } else { x = 1 }; a = x) { print(x) }', 'set ?'],
    ['while (a) { while (fn() { break }) { }; x = 1; print(x) }', 'set'],
  ],
  switches: [
    ['switch (a) { case 1: x = 1\n default: x = 2 }; return x', '?'],
    ['switch (a) { case 1: x = 1; print(x)\n default: print(x) }', 'set ?'],
    ['x = 0; switch (a) { case x: x = 1 }; return x', 'set set'],
  ],
  try: [
    ['try { x = a() } catch (e) { print(e) }; return x', '?'],
    ['try { x = a() } catch (e) { x = 1 }; return x', 'set'],
    ['x = 0; try { x = a() } catch (e) { print(x) }; return x', 'set set'],
    ['try { x = a() } finally { print(x) }', '?'],
    ['try { a() } finally { x = 1; a() }; return x', 'set'],
    ['try { a() } catch (e) { x = e; print(x); return x }', 'set set'],
    ['try { a() } catch (e) { if (a) { x = e }; print(x) }', '?'],
    ['try { return 1 } finally { x = 1; a() }; return x', ''],
  ],
}

for (const [group, cases] of Object.entries(CASES)) {
  t.test(group, async (t) => {
    for (const [body, expected] of cases) t.equal(reads(body), expected, body)
  })
}

t.test('captured variables live in cells and are checked there', async (t) => {
  t.equal(reads('x = 1; y = fn() { return x }; return x'), '')
})

t.test('a variable with the name of a built-in function has a value', async (t) => {
  t.equal(reads('len = len(a); return len', 'len'), 'set set')
})

t.test('only variables that may be read too early are cleared', async (t) => {
  const cleared = (body: string): number => {
    const code = compileText(`f = fn(a) { ${body} }`).functions[1]?.code ?? []
    return instructionPositions(code).filter((position) => opcodeAt(code, position).name === 'ClearLocal')
      .length
  }
  t.equal(cleared('x = 1; y = 2; return x + y'), 0)
  t.equal(cleared('if (a) { x = 1; y = 2 }; return x'), 1)
})
