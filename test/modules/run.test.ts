/** Modules at run time, in the interpreter, the VM, through documents and in native code. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ModeChecker } from '../support/check-modes.js'
import type { ModeName } from '../support/modes.js'

type Folder = { [name: string]: string | Folder }

const MODES: readonly ModeName[] = ['interpreter', 'vm', 'pipeMsgpack', 'pipeJson', 'jitAtOnce', 'jitGcDeopt']

const checker = new ModeChecker()
t.teardown(() => checker.stop())
t.setTimeout(0)

/** Runs `main.rush` of a new folder in some modes. `error` is part of the report of an uncaught error. */
async function runs(
  t: Test,
  files: Folder,
  output: string,
  error: string | null = null,
  modes: readonly ModeName[] = MODES,
): Promise<void> {
  const folder = t.testdir(files as Record<string, string>)
  const program = { path: join(folder, 'main.rush'), output, error }
  for await (const { mode, difference } of checker.check(program, checker.possible(modes)))
    t.same(difference, null, mode)
}

t.test('modules run at their first import, once, depth first', async (t) => {
  await runs(
    t,
    {
      'main.rush': `
        print("main")
        import { } from "./left"
        print("between")
        import { } from "./right"
        import { } from "./left"
        import { base } from "./x/../base.rush"
        print(base)`,
      'left.rush': 'print("left")\nimport { } from "./base"\nprint("left ends")',
      'right.rush': 'print("right")\nimport { } from "base"\nprint("right ends")',
      'base.rush': 'print("base")\nexport base = 7',
    },
    'main\nleft\nbase\nleft ends\nbetween\nright\nright ends\n7\n',
  )
})

t.test('a module that no control comes to does not run', async (t) => {
  await runs(
    t,
    {
      'main.rush':
        'if (false) { import { } from "./a" }\nf = fn() { import { } from "./absent" }\nprint("end")',
      'a.rush': 'print("never")',
    },
    'end\n',
  )
})

t.test('a std folder in the working directory wins', async (t) => {
  await runs(
    t,
    {
      'main.rush':
        'import { PI, sum } from "std/math"\nimport { upper } from "std/string"\nprint(PI, sum, upper("a"))',
      std: {
        'math.rush': 'export PI = 3\nimport { two } from "./two"\nexport sum = two',
        'two.rush': 'export two = 2',
      },
    },
    '3 2 A\n',
  )
})

/** `main.rush` imports from m0, which imports from m1 and so on; `last` is the text of the last one. */
function chain(length: number, last: string): Folder {
  const files: Folder = { 'main.rush': 'import { v } from "./m0"\nprint(v)', [`m${length - 1}.rush`]: last }
  for (let i = 0; i < length - 1; i++)
    files[`m${i}.rush`] = `import { v } from "./m${i + 1}"\nv = v + 1\nexport v\nprint(${i})`
  return files
}

t.test('a chain of modules', async (t) => {
  for (const [length, modes] of [
    [20, MODES],
    [300, ['interpreter', 'vm', 'pipeMsgpack']],
  ] as const) {
    const numbers = Array.from({ length: length - 1 }, (_, i) => `${length - 2 - i}\n`)
    const output = `${numbers.join('')}${length}\n`
    await runs(t, chain(length, 'export v = 1'), output, null, modes)
    const places = Array.from({ length }, (_, i) => `error executing module ./m${i}: `).join('RuntimeError: ')
    await runs(t, chain(length, 'v = 1 / 0'), '', `${places}RuntimeError: division by zero`, modes)
  }
})

t.test('a circle names the running imports as they are written', async (t) => {
  const circle = 'circular dependency detected: a -> ./x/b -> ../c.rush -> ./x/b'
  const outer = 'error executing module a: RuntimeError: error executing module ./x/b: RuntimeError: '
  await runs(
    t,
    {
      'main.rush': 'import { } from "quiet"\nimport { } from "a"',
      'a.rush': 'import { } from "quiet"\nimport { } from "./x/b"',
      x: { 'b.rush': 'import { } from "../c.rush"' },
      'c.rush': 'import { } from "./x/b"',
      'quiet.rush': '',
    },
    '',
    `${outer}error executing module ../c.rush: RuntimeError: failed to import module ./x/b: ${circle}`,
  )
  await runs(
    t,
    { 'main.rush': 'print("again")\nimport { } from "./main"' },
    'again\nagain\n',
    'error executing module ./main: RuntimeError: failed to import module ./main: circular dependency detected: ./main -> ./main',
  )
})

t.test('what cannot be had fails where it is imported, each time', async (t) => {
  await runs(
    t,
    {
      'main.rush': `
        for (i = 0; i < 2; i = i + 1) {
          try { import { } from "./absent" } catch (e) { print(e.line, e.message.contains?("no such file")) }
        }
        try { import { } from "std/none" } catch (RuntimeError e) { print(e.message) }
        try { import { } from "./wrong" } catch (e) { print(e.message.contains?("parse errors in module")) }
        import { } from "./absent"`,
      'wrong.rush': 'x = ',
    },
    '3 true\n3 true\nfailed to import module std/none: standard library module not found: std/none\ntrue\n',
    'failed to import module ./absent: failed to read module',
  )
})

t.test('names before a missing export are set; so is nothing else', async (t) => {
  await runs(
    t,
    {
      'main.rush': `
        a = "old a"
        c = "old c"
        try { import { a, b, c } from "./m" } catch (e) { print(e.type, e.message, e.line, e.column) }
        print(a, c)
        try { import { later } from "./m" } catch (e) { print(e.message) }`,
      'm.rush': 'export a = "new a"\nexport c = "new c"\nif (false) { export later = 1 }',
    },
    'RuntimeError module ./m does not export b 4 15\nnew a old c\nmodule ./m does not export later\n',
  )
})

t.test('a module ends early, by return', async (t) => {
  await runs(
    t,
    {
      'main.rush': 'import { a } from "./m"\nprint(a)\nimport { b } from "./m"',
      'm.rush': 'export a = 1\nif (a == 1) { return 5 }\nexport b = 2\nprint("never")',
    },
    '1\n',
    'RuntimeError: module ./m does not export b',
  )
})

t.test('a module that fails runs again, with fresh variables', async (t) => {
  await runs(
    t,
    {
      'main.rush': `
        import { count } from "./count"
        for (i = 0; i < 3; i = i + 1) {
          try {
            import { ready } from "./m"
            print(ready)
          } catch (e) { print(e.message) }
        }
        print(count())`,
      'count.rush': 'n = 0\nexport count = fn() { n = n + 1; return n }',
      'm.rush': `
        import { count } from "./count"
        try { print(left_over) } catch (e) { print(e.message) }
        if (false) { left_over = 0 }
        left_over = 1
        type = fn(v) { "mine" }
        if (count() < 2) { throw ValidationError("not yet") }
        export ready = type(1)`,
    },
    [
      'identifier not found: left_over',
      'error executing module ./m: ValidationError: not yet',
      'identifier not found: left_over',
      'mine',
      'mine',
      '3',
      '',
    ].join('\n'),
  )
})

t.test('stack overflow in a module is an error of the module', async (t) => {
  await runs(
    t,
    {
      'main.rush':
        'try { import { } from "./m" } catch (e) { print(e.message) }\nimport { f } from "./ok"\nprint(f(3))',
      'm.rush': 'f = fn(n) { return f(n + 1) + 1 }\nf(0)',
      'ok.rush': 'export f = fn(n) { return n }',
    },
    'error executing module ./m: RuntimeError: stack overflow\n3\n',
  )
})
