/**
 * Programs about the variables of a file: a dozen of them, assigned in loops without calls, before loops on one of two
 * ways, in small functions that are inlined and in ones that are not, and looked at by others, by what is thrown and by
 * whoever comes after a way out of native code. Native code keeps such variables back from memory.
 */
import { FAR_VARIABLES } from './far-variables.js'
import type { Random } from './random.js'
import { COMPARISONS, Text } from './text.js'

const FIRST = ['0', '1', '2', '7', '0.5', '-3', '1.25', '""', 'null']
const NUMBERS = ['0', '1', '2', '3', '5', '0.5', '-1', '100']
/** What numbers give way to: native code that was made for numbers is left. */
const STRANGE = ['null', '"s"', '0.75', 'true', '9223372036854775807', '[1, 2]', '4611686018427387904']
/** What functions are called with, by passes of the program's last loop. */
const ARGUMENTS = [
  'i',
  '3',
  'i % 4',
  'i * 0.5',
  '(if (i == 13) { "s" } else { i })',
  '(if (i > 8) { 0.5 } else { 2 })',
]

/** Statements are made for a function with the parameter `p`, or for the top of the file. */
interface Scope {
  readonly isFunction: boolean
  /** Local variables. */
  readonly locals: readonly string[]
  /** Counters of the loops around; nothing but these loops assigns them. */
  readonly counters: readonly string[]
  /** File-level variables that are assigned here, mostly. */
  readonly mine: readonly string[]
  readonly depth: number
}

export function variableProgram(random: Random): string {
  return new VariableProgram(random).program()
}

class VariableProgram extends Text {
  private readonly variables: string[] = []
  /** Functions without parameters, and with one. */
  private readonly small: string[] = []
  private readonly setters: string[] = []

  program(): string {
    const { random } = this
    this.repeat(9, 16, () => this.variables.push(this.name('g')))
    for (const name of this.variables)
      this.line(`${name} = ${random.chance(0.75) ? random.pick(NUMBERS) : random.pick(FIRST)}`)
    if (random.chance(0.05)) this.line(FAR_VARIABLES)
    this.line('list = [3, 1, 4, 1, 5, 9]; calls = 0')
    this.line('fn far(x) { calls = calls + 1; t = x; for (k = 0; k < 2; k = k + 1) { t = t + 1 } return t }')
    this.line(`fn show() { print(${this.variables.join(', ')}) }`)
    this.setters.push('far')
    this.repeat(2, 5, () => this.smallFunction())
    const works: string[] = []
    this.repeat(1, random.chance(0.7) ? 1 : 3, () => works.push(this.work()))
    const trips = random.pick([12, 18, 26])
    this.block(`for (i = 0; i < ${trips}; i = i + 1)`, () => {
      for (const name of works) {
        const call = `${name}(${random.pick(ARGUMENTS)})`
        this.line(`try { print(i, ${call}) } catch (e) { print(i, e.message, e.line) }`)
      }
      if (random.chance(0.6)) this.line('show()')
      // What was one thing for a while is another now, and perhaps a number again.
      this.repeat(0, 3, () => {
        const g = random.pick(this.variables)
        const value = random.chance(0.5) ? random.pick(STRANGE) : random.pick(NUMBERS)
        this.line(`if (i == ${random.between(3, trips)}) { ${g} = ${value} }`)
      })
      if (random.chance(0.3))
        this.line(`if (i == ${trips >> 1}) { list = ${random.pick(['[0.5, 1.5]', '[2, 3, 4]'])} }`)
    })
    if (random.chance(0.5)) {
      const mine = this.some(2, 10)
      this.block(
        'try',
        () => this.loop({ isFunction: false, locals: [], counters: [], mine, depth: 0 }),
        '} catch (e) { print(e.message, e.line) }',
      )
    }
    this.line('show(); print(calls)')
    return this.text
  }

  private some(low: number, high: number): string[] {
    const count = this.random.between(low, high)
    return Array.from({ length: count }, () => this.random.pick(this.variables))
  }

  /** A function that may be inlined where it is called. */
  private smallFunction(): void {
    const { random } = this
    const [a, b, c] = this.some(3, 3) as [string, string, string]
    const name = this.name('f')
    const head = (parameters: string): string =>
      random.chance(0.6) ? `fn ${name}(${parameters})` : `${name} = fn(${parameters})`
    switch (random.below(7)) {
      case 0:
        this.line(`${head('x')} { ${a} = x; return x }`)
        return void this.setters.push(name)
      case 1:
        this.line(`${head('x')} { t = ${a}; ${a} = x; return t }`)
        return void this.setters.push(name)
      case 2:
        this.line(`${head('x')} { if (x < ${b}) { ${a} = ${b}; return ${c} } ${c} = x; return ${a} }`)
        return void this.setters.push(name)
      case 3:
        this.line(`${head('x')} { ${a} = 1; ${b} = list[x]; ${c} = ${a} + ${b}; return ${c} }`)
        return void this.setters.push(name)
      case 4:
        this.line(`${head('')} { ${a} = ${a} + 1; ${b} = ${c}; return ${b} }`)
        return void this.small.push(name)
      case 5:
        this.line(
          `${head('')} { s = 0; for (k = 0; k < 3; k = k + 1) { s = s + 1; ${a} = s; ${b} = k } return s }`,
        )
        return void this.small.push(name)
      default:
        this.line(`${head('')} { return ${a} + ${b} }`)
        return void this.small.push(name)
    }
  }

  private work(): string {
    const { random } = this
    const name = this.name('f')
    const locals = Array.from({ length: random.between(1, 3) }, () => this.name('v'))
    const scope: Scope = { isFunction: true, locals, counters: [], mine: this.some(1, 12), depth: 0 }
    this.block(`fn ${name}(p)`, () => {
      for (const local of locals) this.line(`${local} = ${random.pick(['p', ...NUMBERS])}`)
      this.repeat(0, 3, () => this.statement(scope))
      this.twoWays(scope)
      this.loop(scope)
      this.repeat(0, 2, () => this.statement(scope))
      if (random.chance(0.3)) this.loop({ ...scope, mine: this.some(2, 10) })
      this.line(`return ${random.pick([...locals, ...this.variables])}`)
    })
    return name
  }

  /** So that the next statement, perhaps a loop, is reached by two ways that have done different things. */
  private twoWays(scope: Scope): void {
    const { random } = this
    const assignments = (low: number): string =>
      this.some(low, random.pick([4, 9, 16]))
        .map((g) => `${g} = ${this.value(scope, 1)}`)
        .join('; ')
    const kind = random.below(4)
    if (kind === 0) return this.line(`if (${this.truth(scope)}) { ${assignments(1)} }`)
    if (kind === 1)
      return this.line(`if (${this.truth(scope)}) { ${assignments(1)} } else { ${assignments(1)} }`)
    if (kind === 2) this.line(assignments(1))
  }

  private loop(scope: Scope): void {
    const { random } = this
    const counter = this.name('i')
    const inner: Scope = { ...scope, counters: [...scope.counters, counter], depth: scope.depth + 1 }
    const trips = random.pick(['2', '4', '7', '11', '(if (calls % 2 == 0) { 5 } else { 1 })'])
    const body = (): void => {
      this.repeat(1, 5, () => this.statement(inner))
      // In each pass, so that there is something to keep back from memory.
      for (const g of scope.mine) if (random.chance(0.5)) this.line(`${g} = ${this.value(inner, 1)}`)
    }
    if (random.chance(0.6))
      return this.block(`for (${counter} = 0; ${counter} < ${trips}; ${counter} = ${counter} + 1)`, body)
    this.line(`${counter} = 0`)
    // Nothing stands between the two ways and the loop now.
    if (random.chance(0.7)) this.twoWays(scope)
    const more = random.chance(0.3) ? ` && ${this.truth(inner)}` : ''
    this.block(`while (${counter} < ${trips}${more})`, () => {
      this.line(`${counter} = ${counter} + 1`)
      body()
    })
  }

  private assigned(scope: Scope): string {
    const { random } = this
    if (scope.locals.length > 0 && random.chance(0.2)) return random.pick(scope.locals)
    return random.pick(random.chance(0.85) ? scope.mine : this.variables)
  }

  private statement(scope: Scope): void {
    const { random } = this
    const [a, b, c] = [0, 1, 2].map(() => this.assigned(scope)) as [string, string, string]
    const deeper: Scope = { ...scope, depth: scope.depth + 1 }
    switch (random.below(20)) {
      case 0:
        return this.line(`t = ${a}; ${a} = ${b}; ${b} = ${random.pick(['t', c])}`)
      case 1:
        return this.line(`if (${this.truth(scope)}) { ${a} = ${this.value(scope, 1)} }`)
      case 2:
        return this.line(`if (${this.truth(scope)}) { ${a} = ${b} } else { ${c} = ${this.value(scope, 1)} }`)
      case 3:
        return this.twoWays(scope)
      case 4: {
        const jumps = [
          ...(scope.counters.length > 0 ? ['break', 'continue'] : []),
          ...(scope.isFunction ? [`return ${b}`] : []),
          `throw "${a}"`,
        ]
        return this.line(
          `if (${this.truth(scope)}) { ${a} = ${this.value(scope, 1)}; ${random.pick(jumps)} }`,
        )
      }
      case 5:
        return this.line(`${a} = ${random.pick(this.setters)}(${this.value(scope, 1)})`)
      case 6:
        return this.line(`${this.small.length > 0 ? `${random.pick(this.small)}()` : `${a} = ${b}`}`)
      case 7:
        return this.line(
          `${a} = list[${random.chance(0.1) ? b : random.pick([...scope.counters, '0', '2'])}]`,
        )
      case 8:
        return this.line(`list[${random.pick([...scope.counters, '1'])}] = ${b}`)
      case 9:
        return this.block(
          'try',
          () => this.repeat(1, 3, () => this.statement(deeper)),
          random.pick([`} catch (e) { ${a} = ${b} }`, `} catch (e) { ${c} = 1 } finally { ${a} = ${b} }`]),
        )
      case 10:
        return scope.depth < 3
          ? this.block(`if (${this.truth(scope)})`, () => this.repeat(1, 3, () => this.statement(deeper)))
          : this.line(`${a} = ${b}`)
      case 11:
      case 12:
        if (scope.depth >= 3) return this.line(`${a} = ${this.value(scope, 1)}`)
        if (random.chance(0.6)) this.twoWays(scope)
        return this.loop({ ...scope, mine: random.chance(0.5) ? scope.mine : this.some(1, 10) })
      case 13:
        return this.line(`${a} = "${random.pick(['x', 'yz'])}"; ${a} = ${this.value(scope, 1)}`)
      default:
        return this.line(`${a} = (${this.value(scope, 2)}) % ${random.pick(['10007', '97', '1000.5'])}`)
    }
  }

  private value(scope: Scope, size: number): string {
    const { random } = this
    if (size > 0 && random.chance(0.8))
      return `(${this.value(scope, size - 1)} ${random.pick(['+', '+', '-', '*'])} ${this.value(scope, size - 1)})`
    const more = scope.isFunction ? ['p'] : []
    return random.pick([
      ...scope.mine,
      ...scope.mine,
      ...this.some(1, 1),
      ...scope.locals,
      ...scope.counters,
      ...more,
      random.pick(NUMBERS),
    ])
  }

  private truth(scope: Scope): string {
    const { random } = this
    const counter = scope.counters.at(-1)
    if (counter !== undefined && random.chance(0.5))
      return `${counter} % ${random.between(2, 4)} == ${random.below(2)}`
    if (scope.isFunction && random.chance(0.2)) return `p ${random.pick(COMPARISONS)} ${random.pick(NUMBERS)}`
    return `${random.pick(this.variables)} ${random.pick(COMPARISONS)} ${this.value(scope, 1)}`
  }
}
