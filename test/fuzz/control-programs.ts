/**
 * Programs about where control goes: loops in loops, `switch`, `try` with all ways out of it, jumps in the midst of
 * expressions, closures, classes and imports anywhere, recursion. Each place adds its own number to a trace, so a
 * way that is not taken shows at the end.
 */
import { fileMark } from './files.js'
import type { Random } from './random.js'
import { Text } from './text.js'

interface Scope {
  /** Variables that surely have a value, and numbers mostly. */
  readonly variables: readonly string[]
  /** Loops around that `break` may leave, in this function. */
  readonly loops: number
  /** Whether a `switch` is nearer than the loops. */
  readonly inSwitch: boolean
  readonly depth: number
  readonly isFunction: boolean
}

const ERRORS = ['Error', 'TypeError', 'OwnError', 'RuntimeError', 'IndexError']
/** What fails, in several ways. */
const FAILURES = [
  'throw TypeError("t")',
  'throw OwnError("own")',
  'throw "text"',
  'throw 42',
  'throw [1, 2]',
  'throw e0',
  '[1][5]',
  'null - 1',
  'missing_name',
  '1 / 0',
  '7 % 0',
  '{}[[]]',
  'null()',
  '"a".nope()',
  '5.x',
  'Thing.new(1, 2, 3)',
  'pop([])',
]
const VALUES = ['0', '1', '2', '3', '0.5', '"s"', 'null', 'true', '-1', '[1]', '1.0']

export function controlProgram(random: Random): string {
  return new ControlProgram(random).program()
}

class ControlProgram extends Text {
  private marks = 0
  private readonly functions: string[] = []
  private modules = 0

  program(): string {
    const { random } = this
    this.lines.push(
      'trace = 7; fuel = 3000; e0 = ValidationError("kept"); g = 0',
      'fn mark(n) { trace = (trace * 31 + n) % 1000003; return trace % 4 }',
      'class Thing { fn initialize(v) { @v = v } fn go(f) { @v = @v + 1; return f(@v) } fn v() { @v } }',
    )
    this.modules = random.chance(0.3) ? random.between(1, 3) : 0
    this.repeat(1, random.chance(0.7) ? 1 : 3, () => this.functionDeclaration())
    if (random.chance(0.3)) this.methods()
    const trips = random.pick([8, 12, 20])
    this.block(`for (i = 0; i < ${trips}; i = i + 1)`, () => {
      this.line('fuel = 150')
      for (const name of this.functions) {
        const given = random.pick([
          'i',
          'i % 3',
          'i % 3',
          'i * 0.5',
          `(if (i < ${trips >> 1}) { i } else { "s" })`,
        ])
        this.line(`try { print(i, ${name}(${random.between(1, 3)}, ${given}), trace) }`)
        this.line('catch (e) { print(i, e.type, e.message, e.line, e.column, e.stack, trace) }')
      }
    })
    const top: Scope = { variables: ['g', 'trace'], loops: 0, inSwitch: false, depth: 1, isFunction: false }
    if (random.chance(0.5)) this.body(top, 1, 3)
    this.line('print(trace, g, e0.line, e0.stack)')
    if (random.chance(0.2)) this.body(top, 1, 2)
    this.moduleFiles()
    return this.text
  }

  private functionDeclaration(): void {
    const { random } = this
    const name = this.name('f')
    this.functions.push(name)
    this.block(random.chance(0.5) ? `fn ${name}(n, x)` : `${name} = fn(n, x)`, () => {
      this.line('fuel = fuel - 1')
      this.line('if (fuel < 0 || n < 0) { return 0 }')
      this.line('t = 0')
      this.body(
        { variables: ['x', 't', 'n', 'g'], loops: 0, inSwitch: false, depth: 0, isFunction: true },
        2,
        4,
      )
      this.line(random.pick(['return t', 't', 'mark(1); t + 1', 'if (t == 3) { t } else { x }', '']))
    })
  }

  /** Methods with `super` and closures in them. */
  private methods(): void {
    const { random } = this
    const scope: Scope = { variables: ['p', 'q'], loops: 0, inSwitch: false, depth: 1, isFunction: true }
    const [base, derived, last] = [this.name('C'), this.name('C'), this.name('C')]
    const method = (head: string, first: string): void =>
      this.block(`fn ${head}`, () => {
        this.line(first)
        this.line('q = p')
        this.body(scope, 0, 2)
        this.line(random.pick(['return q', 'q', 'return @f', '@f = q', 'self.again(q)']))
      })
    this.block(`class ${base}`, () => {
      this.line(`fn initialize(p) { @f = p }`)
      method('run(p)', '@f = p')
      this.line('fn again(p) { fuel = fuel - 1; if (fuel < 0) { return 0 }; return p }')
    })
    this.block(`class ${derived} < ${base}`, () => {
      method('run(p)', random.pick(['@f = super(p)', 'k = fn() { super(p) }; @f = k()', 'super(p)']))
      if (random.chance(0.5)) this.line('fn initialize(p) { super(p + 1) ; @g = 2 }')
      if (random.chance(0.3)) this.line('fn again(p) { return [super(p)] }')
    })
    this.block(`class ${last} < ${derived}`, () => {
      if (random.chance(0.5)) method('run(p)', '@h = super(p)')
      if (random.chance(0.3)) this.line('fn initialize() { super(1) }')
    })
    const name = this.name('f')
    this.functions.push(name)
    this.block(`fn ${name}(n, x)`, () => {
      this.line(`o = [${base}, ${derived}, ${last}][n % 3].new(x)`)
      this.line(random.pick(['m = o.run; return m(x)', 'return o.run(x)', 'o.run(n); return o.run(x)']))
    })
  }

  private body(scope: Scope, low: number, high: number): void {
    this.repeat(low, high, () => this.statement({ ...scope, depth: scope.depth + 1 }))
  }

  private mark(): string {
    this.marks++
    return `mark(${this.marks})`
  }

  private statement(scope: Scope): void {
    const { random } = this
    const isDeep = scope.depth > 4 || this.lines.length > 90
    switch (isDeep ? random.below(7) : random.below(24)) {
      case 0:
      case 1:
        return this.line(this.mark())
      case 2:
      case 3:
        return this.line(`${this.variable(scope)} = ${this.value(scope, 2)}`)
      case 4:
        return this.line(`if (${this.truth(scope)}) { ${this.jump(scope)} }`)
      case 5:
        return this.line(`if (${this.truth(scope)}) { ${random.pick(FAILURES)} }`)
      case 6:
        return this.line(this.value(scope, 2))
      case 7:
      case 8:
      case 9:
      case 10:
        return this.tryStatement(scope)
      case 11:
      case 12:
      case 13:
        return this.loop(scope)
      case 14:
      case 15:
        return this.switchStatement(scope)
      case 16:
      case 17:
        return this.ifStatement(scope)
      case 18:
        return this.closure(scope)
      case 19:
        return this.local(scope)
      case 20:
        return this.expressionStatement(scope)
      case 21:
        return this.block(random.pick(['', 'if (true)']).trim(), () => {
          this.line(this.mark())
          this.body(scope, 1, 2)
        })
      default:
        return this.line(`${this.variable(scope)} = ${this.call(scope)}`)
    }
  }

  private variable(scope: Scope): string {
    const name = this.random.pick(scope.variables)
    return name === 'n' ? 't' : name
  }

  private value(scope: Scope, size: number): string {
    const { random } = this
    const part = (): string => this.value(scope, size - 1)
    switch (random.below(size <= 0 ? 4 : 13)) {
      case 0:
        return random.pick(VALUES)
      case 1:
      case 2:
        return random.pick(scope.variables)
      case 3:
        return this.mark()
      case 4:
      case 5:
        return `(${part()} ${random.pick(['+', '+', '-', '*', '%'])} ${part()})`
      case 6:
        return `(${part()} ${random.pick(['&&', '||', '==', '!='])} ${part()})`
      case 7:
        return `(if (${this.truth(scope)}) { ${this.mark()}; ${part()} } else { ${random.chance(0.3) ? this.jump(scope) : part()} })`
      case 8:
        return `[${part()}, ${part()}][${random.pick(['0', '1', '1', '2'])}]`
      case 9:
        return `fn(z) { ${this.mark()}; z }(${part()})`
      case 10:
        return `[1, 2, 3].map(fn(z) { if (${random.pick(['z == 2', 'z > 3', this.truth(scope)])}) { ${random.pick(['return z', 'throw z', 'return mark(z)'])} } z })`
      case 11:
        return `{"a": ${part()}}["${random.pick(['a', 'b'])}"]`
      default:
        return this.call(scope)
    }
  }

  private truth(scope: Scope): string {
    const { random } = this
    const name = random.pick(scope.variables)
    switch (random.below(8)) {
      case 0:
        return `${name} == ${random.pick(VALUES)}`
      case 1:
        return `${name} < ${random.below(4)}`
      case 2:
        return `${this.mark()} == ${random.below(4)}`
      case 3:
        return `${this.mark()} > 1 && ${name} != 1`
      case 4:
        return `${name} == 2 || ${this.mark()} == 0`
      case 5:
        return `!(${this.mark()} < 2)`
      case 6:
        return name
      default:
        return `trace % ${random.pick([2, 3, 4, 5])} == ${random.below(3)}`
    }
  }

  private jump(scope: Scope): string {
    const { random } = this
    const ways = ['throw "j"']
    if (scope.loops > 0) ways.push('break', 'continue', 'continue', 'break')
    if (scope.inSwitch) ways.push('break')
    if (scope.isFunction) ways.push(`return ${this.value(scope, 0)}`, 'return')
    if (random.chance(0.02)) ways.push('break', 'continue')
    return random.pick(ways)
  }

  private call(scope: Scope): string {
    const { random } = this
    const name = random.pick(this.functions)
    if (name === undefined || !scope.isFunction) return this.mark()
    return `${name}(${scope.variables.includes('n') ? 'n - 1' : '0'}, ${random.pick([...scope.variables, '1', '0.5'])})`
  }

  private tryStatement(scope: Scope): void {
    const { random } = this
    const inside = (): void => {
      this.line(this.mark())
      this.body(scope, 1, 2)
    }
    this.block('try', () => {
      inside()
      if (random.chance(0.4))
        this.line(
          `if (${this.truth(scope)}) { ${random.chance(0.5) ? this.jump(scope) : random.pick(FAILURES)} }`,
        )
    })
    const clauses = random.pick([0, 1, 1, 1, 2])
    for (let i = 0; i < clauses; i++) {
      const type = i < clauses - 1 || random.chance(0.3) ? `${random.pick(ERRORS)} ` : ''
      const caught = random.pick(['e', 'e', 'x', 't', 'e0'])
      this.block(`catch (${type}${caught})`, () => {
        this.line(`mark(len(${caught}.message) + ${caught}.line + ${caught}.column)`)
        const again = random.below(5)
        if (again === 0) this.line(`throw ${caught}`)
        if (again === 1) this.line(`t = ${caught}.type + ${caught}.stack`)
        this.body({ ...scope, variables: scope.variables.filter((name) => name !== caught) }, 0, 2)
      })
    }
    if (clauses === 0 || random.chance(0.5)) {
      this.block('finally', () => {
        inside()
        if (random.chance(0.2)) this.line(`if (${this.truth(scope)}) { ${this.jump(scope)} }`)
      })
    }
  }

  private loop(scope: Scope): void {
    const { random } = this
    const counter = this.name('i')
    const trips = random.pick([1, 2, 3, 5, 9])
    const inner: Scope = { ...scope, loops: scope.loops + 1, inSwitch: false }
    // Variables are assigned, counters must not be: they stand under a second name.
    const body = (): void => {
      const copy = this.name('c')
      this.line(`${copy} = ${counter}`)
      this.body({ ...inner, variables: [...scope.variables, copy] }, 1, 3)
    }
    this.line('fuel = fuel - 1')
    switch (random.below(5)) {
      case 0:
        this.line(`${counter} = 0`)
        this.twoWays(scope)
        return this.block(`while (${counter} < ${trips} && fuel > 0)`, () => {
          this.line(`${counter} = ${counter} + 1; fuel = fuel - 1`)
          body()
        })
      case 1:
        this.line(`${counter} = 0`)
        this.twoWays(scope)
        return this.block(random.pick(['while (true)', 'for (;;)', 'for (; true;)']), () => {
          this.line(`${counter} = ${counter} + 1; fuel = fuel - 1`)
          this.line(`if (${counter} > ${trips} || fuel < 0) { break }`)
          body()
        })
      case 2:
        this.line(`${counter} = ${trips}`)
        this.twoWays(scope)
        return this.block(`for (; ${counter} > 0 && fuel > 0; ${counter} = ${counter} - 1)`, () => {
          this.line('fuel = fuel - 1')
          body()
        })
      default:
        return this.block(`for (${counter} = 0; ${counter} < ${trips}; ${counter} = ${counter} + 1)`, () => {
          this.line('fuel = fuel - 1; if (fuel < 0) { break }')
          body()
        })
    }
  }

  /** Sometimes several ways lead to what comes next. */
  private twoWays(scope: Scope): void {
    if (this.random.chance(0.4)) this.block(`if (${this.value(scope, 1)})`, () => this.body(scope, 1, 1))
  }

  private switchStatement(scope: Scope): void {
    const { random } = this
    const inner: Scope = { ...scope, inSwitch: true }
    this.block(`switch (${this.value(scope, 1)})`, () => {
      const clauses = random.between(1, 4)
      const otherwise = random.chance(0.6) ? random.below(clauses) : -1
      for (let i = 0; i < clauses; i++) {
        const tests = Array.from({ length: random.between(1, 3) }, () =>
          random.chance(0.8) ? random.pick(VALUES) : this.value(scope, 0),
        )
        this.line(i === otherwise ? 'default:' : `case ${tests.join(', ')}:`)
        this.line(this.mark())
        this.body(inner, 0, 2)
        if (random.chance(0.2)) this.line(`if (${this.truth(scope)}) { ${this.jump(inner)} }`)
      }
    })
  }

  private ifStatement(scope: Scope): void {
    const { random } = this
    const body = (): void => {
      this.line(this.mark())
      this.body(scope, 1, 2)
    }
    const parts = random.between(1, 3)
    this.block(`if (${this.truth(scope)})`, body, parts > 1 ? null : '}')
    if (parts === 3) this.block(`} else if (${this.truth(scope)})`, body, null)
    if (parts > 1) this.block('} else', body)
  }

  /** A function made here that changes what is around it. */
  private closure(scope: Scope): void {
    const { random } = this
    const name = this.name('k')
    const inner: Scope = {
      variables: [...scope.variables, 'z'],
      loops: 0,
      inSwitch: false,
      depth: scope.depth + 1,
      isFunction: true,
    }
    this.block(`${name} = fn(z)`, () => {
      this.line('fuel = fuel - 1; if (fuel < 0) { return 0 }')
      this.body({ ...inner, variables: inner.variables.filter((v) => v !== 'n') }, 1, 2)
    })
    this.line(
      random.pick([
        `${this.variable(scope)} = ${name}(${random.pick(VALUES)})`,
        `${this.variable(scope)} = Thing.new(1).go(${name})`,
        `${this.variable(scope)} = [1, 0.5, "s"].map(${name})`,
        `h = {"k": ${name}}; ${this.variable(scope)} = h["k"](2)`,
        `for (q = 0; q < 6; q = q + 1) { ${this.variable(scope)} = ${name}(q) }`,
      ]),
    )
  }

  /** Declarations that usually stand at the top. */
  private local(scope: Scope): void {
    const { random } = this
    const name = this.name('L')
    const ways = [
      `class ${name} < Thing { fn v() { ${this.mark()}; super() } fn w() { self.v() } }\n${this.variable(scope)} = ${name}.new(2).w()`,
      `class ${name} { fn v() { @a = ${random.pick(scope.variables)}; @a } }\n${this.variable(scope)} = ${name}.new().v()`,
      `fn ${name}(a, b) { if (a > 3) { return b } return ${name}(a + 1, [b]) }\n${this.variable(scope)} = ${name}(1, 2)`,
      `${name} = 1\n${name} = fn() { ${name} = 2; ${name} }\n${this.variable(scope)} = ${name}()`,
      `len = fn(v) { 1 }\n${this.variable(scope)} = len("abc")`,
      `if (${this.truth(scope)}) { ${name} = 5 }\n${this.variable(scope)} = ${name}`,
    ]
    if (this.modules > 0) {
      const number = random.below(this.modules)
      ways.push(
        `import { next as ${name}, base } from "./m${number}"\n${this.variable(scope)} = ${name}(base)`,
      )
      ways.push(`import { next, missing } from "./m${number}.rush"`)
    }
    for (const line of random.pick(ways).split('\n')) this.line(line)
  }

  /** Statements whose value is that of a function. */
  private expressionStatement(scope: Scope): void {
    const { random } = this
    const name = this.name('k')
    this.block(`${name} = fn()`, () => {
      this.line('fuel = fuel - 1; if (fuel < 0) { return 0 }')
      const inner: Scope = {
        ...scope,
        variables: scope.variables.filter((v) => v !== 'n'),
        loops: 0,
        inSwitch: false,
        isFunction: true,
      }
      const way = random.below(4)
      if (way === 0) this.tryStatement(inner)
      else if (way === 1) this.switchStatement(inner)
      else if (way === 2) this.ifStatement(inner)
      else this.loop(inner)
    })
    this.line(`${this.variable(scope)} = ${name}()`)
  }

  private moduleFiles(): void {
    const { random } = this
    for (let number = 0; number < this.modules; number++) {
      this.line(fileMark(`m${number}.rush`))
      if (number + 1 < this.modules) this.line(`import { base as below } from "./m${number + 1}"`)
      else if (random.chance(0.1)) this.line(`import { base } from "./m0"`)
      this.line(`print("module ${number}")`)
      this.line(`count = ${random.pick(['0', '0.5'])}`)
      if (random.chance(0.15)) this.line(random.pick(FAILURES))
      this.line('export base = 3')
      this.line('export fn_value = fn(p) { count = count + p; return count }')
      this.line('next = fn(p) { count = count + p; if (count > 40) { throw OwnError("full") } return count }')
      this.line('export next')
      if (random.chance(0.5)) this.line('for (i = 0; i < 12; i = i + 1) { next(1) }')
    }
  }
}
