/**
 * Programs about where values live: many local variables in loops in loops, some that take each other's place from
 * pass to pass, needed before a loop, in it, behind it or across calls, also of the function itself. Some have no value
 * yet, or one of another type, when a loop begins.
 */
import type { Random } from './random.js'
import { COMPARISONS, Text } from './text.js'

const CONSTANTS = ['0', '1', '2', '3', '7', '0.5', '-1', '1000']
/** What a variable is before it has its value. */
const FIRST = ['null', 'null', 'null', '0', '""', '0.5', '-1']
/** What functions are called with, by passes: of one type for a while, of another one later. */
const ARGUMENTS = [
  'i',
  'i + 2',
  '3',
  'i * 0.5',
  '(if (i < 9) { i } else { i * 0.25 })',
  '(if (i == 11) { "s" } else { i })',
]

/** A function that programs call: `count` parameters besides the depth of its recursion. */
interface Work {
  readonly name: string
  readonly count: number
  readonly depth: number
}

interface Scope {
  readonly variables: readonly string[]
  /** Nothing assigns them but their loops. */
  readonly counters: readonly string[]
  /** May be null: to be asked before anything is done with them. */
  readonly optional: readonly string[]
  readonly depth: number
  readonly loops: number
}

export function registerProgram(random: Random): string {
  return new RegisterProgram(random).program()
}

class RegisterProgram extends Text {
  /** Functions with one parameter that may be called. */
  private readonly functions: string[] = []

  program(): string {
    const { random } = this
    this.line('class Cell { fn initialize(v) { @v = v } fn add(p) { @v = (@v + p) % 997; return @v } }')
    this.line('cell = Cell.new(1); steps = 0; limit = 40; scale = 0.5')
    this.line('fn twice(x) { return x + x }')
    this.line('fn far(x) { steps = steps + 1; s = 0; for (i = 0; i < 3; i = i + 1) { s = s + x } return s }')
    this.functions.push('twice', 'far')
    const works: Work[] = []
    this.repeat(1, 2, () => works.push(random.chance(0.6) ? this.work() : this.recursion()))
    const trips = random.pick([12, 18, 26])
    this.block(`for (i = 0; i < ${trips}; i = i + 1)`, () => {
      for (const { name, count, depth } of works) {
        const given = Array.from({ length: count }, () => random.pick(ARGUMENTS))
        this.line(
          `try { print(i, ${name}(${[depth, ...given].join(', ')})) } catch (e) { print(i, e.message, e.line) }`,
        )
      }
    })
    this.line('print(steps, cell.add(0))')
    return this.text
  }

  /** A function without loops that calls itself: its arguments change places and types on the way. */
  private recursion(): Work {
    const { random } = this
    const name = this.name('f')
    const parameters = Array.from({ length: random.between(1, 7) }, () => this.name('p'))
    const known = [...parameters]
    const value = (): string => {
      const variable = random.pick(known)
      switch (random.below(10)) {
        case 0:
          return random.pick(CONSTANTS)
        case 1:
          return `${variable} + ${random.pick(known)}`
        case 2:
          return `${variable} - ${random.pick(CONSTANTS)}`
        case 3:
          return random.chance(0.2) ? `${variable} * 0.5` : variable
        case 4:
          return `cell.add(${random.pick(CONSTANTS)})`
        default:
          return variable
      }
    }
    const again = (): string =>
      `${name}(${[random.chance(0.8) ? 'n - 1' : 'n - 2', ...parameters.map(value)].join(', ')})`
    const truth = (): string =>
      `${random.pick(['n', ...known])} ${random.pick(COMPARISONS)} ${random.pick(known)}`
    const local = (made: string): void => {
      const variable = this.name('v')
      this.line(`${variable} = ${made}`)
      known.push(variable)
    }
    this.block(`${random.chance(0.5) ? `fn ${name}` : `${name} = fn`}(n, ${parameters.join(', ')})`, () => {
      this.line(`if (n < 1) { return ${value()} }`)
      this.repeat(0, 2, () => local(value()))
      if (random.chance(0.4)) this.line(`if (${truth()}) { return ${again()} }`)
      if (random.chance(0.2)) this.line(`if (${truth()}) { ${random.pick(parameters)} = ${value()} }`)
      this.repeat(1, 2, () => {
        if (random.chance(0.6)) return local(again())
        local(value())
        const variable = known[known.length - 1]
        this.line(`if (${truth()}) { ${variable} = ${again()} }`)
      })
      this.line(`return ${random.chance(0.3) ? again() : Array.from({ length: 3 }, value).join(' + ')}`)
    })
    return { name, count: parameters.length, depth: random.between(2, 4) }
  }

  private work(): Work {
    const { random } = this
    const name = this.name('f')
    const parameters = Array.from({ length: random.between(1, 3) }, () => this.name('p'))
    const locals = Array.from({ length: random.between(2, 9) }, () => this.name('v'))
    const again = (argument: string): string =>
      `${name}(${['n - 1', ...parameters.map((_, i) => (i === 0 ? argument : (parameters[i] as string)))].join(', ')})`
    this.block(`${random.chance(0.5) ? `fn ${name}` : `${name} = fn`}(n, ${parameters.join(', ')})`, () => {
      const isRecursive = random.chance(0.5)
      if (isRecursive) this.line(`if (n < 1) { return ${random.pick([...parameters, '1', '0.5'])} }`)
      for (const local of locals) this.line(`${local} = ${random.pick([...parameters, ...CONSTANTS])}`)
      const optional = Array.from({ length: random.between(1, 2) }, () => this.name('o'))
      for (const name of optional) this.line(`${name} = ${random.pick(FIRST)}`)
      const variables = [...locals, ...parameters]
      const scope: Scope = { variables, counters: [], optional, depth: 0, loops: 0 }
      this.repeat(0, 2, () => this.statement(scope))
      this.loop(scope)
      if (isRecursive) {
        const call = again(random.pick(locals))
        const rest = random.chance(0.5) ? ` + ${again(random.pick(locals))}` : ''
        this.line(`${random.pick(locals)} = ${random.pick(locals)} + ${call}${rest}`)
      }
      this.repeat(0, 2, () => this.statement(scope))
      const kept = locals.filter(() => random.chance(0.7))
      this.line(
        `return [${[...kept, locals[0] as string].join(', ')}][${random.below(kept.length + 1)}]${random.chance(0.7) ? ` + ${kept.map((local, i) => `${local} * ${i + 2}`).join(' + ') || '0'}` : ''}`,
      )
    })
    return { name, count: parameters.length, depth: 2 }
  }

  private loop(scope: Scope): void {
    const { random } = this
    const counter = this.name('i')
    const trips = random.pick(['3', '6', '9', '14', `(if (n > 1) { 5 } else { 8 })`])
    const inner: Scope = {
      ...scope,
      counters: [...scope.counters, counter],
      depth: scope.depth + 1,
      loops: scope.loops + 1,
    }
    const body = (): void => this.repeat(1, 6, () => this.statement(inner))
    if (random.chance(0.3)) this.line(`${random.pick(scope.optional)} = ${random.pick(FIRST)}`)
    if (random.chance(0.2)) this.line(`${random.pick(scope.variables)} = ${random.pick(CONSTANTS)}`)
    if (random.chance(0.75))
      return this.block(`for (${counter} = 0; ${counter} < ${trips}; ${counter} = ${counter} + 1)`, body)
    this.line(`${counter} = 0`)
    // Two ways lead to the head of the loop.
    if (random.chance(0.4))
      this.line(`if (${this.truth(scope)}) { ${random.pick(scope.variables)} = ${this.value(scope, 1)} }`)
    this.block(`while (${counter} < ${trips}${random.chance(0.3) ? ` && ${this.truth(inner)}` : ''})`, () => {
      this.line(`${counter} = ${counter} + 1`)
      body()
    })
  }

  private statement(scope: Scope): void {
    const { random } = this
    const [a, b, c] = [0, 1, 2].map(() => random.pick(scope.variables)) as [string, string, string]
    switch (random.below(scope.depth < 3 ? 16 : 13)) {
      case 0:
        // Each takes the place of the next.
        return this.line(`t = ${a}; ${a} = ${b}; ${b} = ${random.pick(['t', `t + ${c}`, c])}`)
      case 1:
        return this.line(`t = (${a} + ${b}) % 10007; ${a} = ${b}; ${b} = t`)
      case 2:
        return this.line(`if (${this.truth(scope)}) { ${a} = ${this.value(scope, 1)} }`)
      case 3:
        return this.line(`if (${this.truth(scope)}) { ${a} = ${b} } else { ${c} = ${this.value(scope, 1)} }`)
      case 4: {
        const jumps = scope.loops > 0 ? ['break', 'continue', `return ${a}`] : [`return ${a}`]
        return this.line(
          `if (${this.truth(scope)}) { ${random.pick([`${b} = ${c}; `, ''])}${random.pick(jumps)} }`,
        )
      }
      case 5:
        return this.line(`${a} = ${b} + ${random.pick(this.functions)}(${c})`)
      case 6:
        return this.line(
          `${a} = ${random.pick([`cell.add(${b})`, `cell.add(${b}) - ${c}`, `[${b}, ${c}][1]`])}`,
        )
      case 7:
        return this.optional(scope)
      case 13:
      case 14:
        return scope.depth < 2 ? this.loop(scope) : this.line(`${a} = ${b}`)
      case 15:
        return this.block(`if (${this.truth(scope)})`, () =>
          this.repeat(1, 3, () => this.statement({ ...scope, depth: scope.depth + 1 })),
        )
      default:
        return this.line(`${a} = (${this.value(scope, 2)}) % ${random.pick(['10007', '97', '1000.5'])}`)
    }
  }

  /** What is not there before the first pass, or only in some. */
  private optional(scope: Scope): void {
    const { random } = this
    const o = random.pick(scope.optional)
    const [a, b] = [random.pick(scope.variables), this.value(scope, 1)]
    this.line(
      random.pick([
        `if (${o} != null) { ${a} = ${o} }; ${o} = ${b}`,
        `if (${o} != null) { ${a} = ${a} + ${o} }; ${o} = ${b}`,
        `if (${o} == null || ${o} < ${a}) { ${o} = ${a} }`,
        `if (${this.truth(scope)}) { ${o} = ${b} }`,
        `if (${o} == null) { ${o} = ${random.pick(FIRST)}; ${a} = ${b} } else { ${o} = null }`,
      ]),
    )
  }

  private value(scope: Scope, size: number): string {
    const { random } = this
    if (size <= 0 || random.chance(0.2))
      return random.pick([
        ...scope.variables,
        ...scope.variables,
        ...scope.counters,
        ...CONSTANTS,
        'limit',
        'scale',
      ])
    const [left, right] = [this.value(scope, size - 1), this.value(scope, size - 1)]
    return `(${left} ${random.pick(['+', '+', '-', '*'])} ${right})`
  }

  private truth(scope: Scope): string {
    const { random } = this
    const counter = scope.counters.at(-1)
    if (counter !== undefined && random.chance(0.5))
      return `${counter} % ${random.between(2, 4)} == ${random.below(2)}`
    return `${random.pick(scope.variables)} ${random.pick(COMPARISONS)} ${this.value(scope, 1)}`
  }
}
