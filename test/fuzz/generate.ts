/**
 * Random programs that print what they compute. They end: loops count to a small number with counters that nothing
 * else assigns, functions call those above them, and what a call costs is kept in view.
 */
import { Expressions, METHODS, type Surroundings } from './expressions.js'
import { Plain } from './plain.js'
import { Random } from './random.js'
import { type Callable, HASH_KEYS, type Place, type Type, type Variable } from './scope.js'

/** `typed`: operands mostly fit their operators; `plain`: only what `Plain` makes; `wild`: anything stands anywhere. */
export const KINDS = ['typed', 'plain', 'wild'] as const
export type Kind = (typeof KINDS)[number]

const CONFUSION: Readonly<Record<Kind, number>> = { typed: 0.002, plain: 0, wild: 0.06 }
/** Statements that a call of a function, and the whole program, may execute, roughly. */
const FUNCTION_LIMIT = 200
const PROGRAM_LIMIT = 20_000

const ERRORS = ['Error', 'TypeError', 'ValidationError', 'OwnError']
const RETURNS: readonly Type[] = ['int', 'num', 'num', 'num', 'float', 'any', 'str', 'arr']
const PARAMETERS: readonly Type[] = [
  'int',
  'int',
  'num',
  'num',
  'float',
  'str',
  'arr',
  'hash',
  'obj',
  'fn',
  'any',
]
/** Of every program: their types change later on. */
const GLOBALS: readonly Type[] = ['int', 'num', 'num', 'arr', 'fn', 'any']
/** What methods often do, before the parameter, and give. */
const USUAL: Readonly<Record<string, readonly [string, string]>> = {
  get: ['', '@a'],
  step: ['@a = @a + ', '@a'],
  put: ['@b = ', '@a - @b'],
}
/** What functions begin with. */
const SET_UP: readonly Type[] = ['int', 'num', 'float', 'arr']
const PLAIN_PARAMETERS: readonly Type[] = ['int', 'num', 'num', 'float', 'arr', 'obj']
const LOCALS: readonly Type[] = [
  'int',
  'int',
  'num',
  'num',
  'float',
  'str',
  'arr',
  'hash',
  'obj',
  'any',
  'bool',
]

/** The text of a program; the same for the same seed. */
export function generate(seed: number, kind: Kind): string {
  return new Generator(new Random(seed), kind).program()
}

class Generator {
  private readonly lines: string[] = []
  private readonly functions: Callable[] = []
  private readonly classes: string[] = []
  private readonly expressions: Expressions
  private readonly plain: Plain
  /** Variables of the file. */
  private readonly globals: Variable[] = []
  private names = 0
  /** Each writes a function of the program anew. */
  private readonly redefinitions: (() => void)[] = []
  private indent = ''
  /** Variables of the functions around the present one. */
  private outer: readonly Variable[] = []

  constructor(
    private readonly random: Random,
    private readonly kind: Kind,
  ) {
    this.plain = new Plain(random)
    this.expressions = new Expressions(random, CONFUSION[kind])
  }

  program(): string {
    const { random } = this
    const file = this.place(this.globals, { returns: null, limit: PROGRAM_LIMIT })
    // Small programs are compiled sooner, so that there are more of them; large ones have more that meets.
    const most = random.chance(0.5) ? 1 : 3
    const repeat = (low: number, make: () => void): void => {
      for (let count = random.between(low, most); count > 0; count--) make()
    }
    for (const type of GLOBALS) this.declare(file, type)
    repeat(0, () => this.declare(file))
    const fewest = this.kind === 'plain' ? 1 : 0
    repeat(fewest, () => this.classDeclaration())
    if (this.classes.length > 0) for (let count = 2; count > 0; count--) this.declare(file, 'obj')
    repeat(1, () => this.smallFunction(file))
    repeat(fewest, () => this.functionDeclaration(file))
    repeat(1, () => this.hotLoop(file))
    for (const { name, type } of this.globals) {
      if (type !== 'fn') this.line(`print(${type === 'obj' ? `${name}.get()` : name})`)
    }
    return `${this.lines.join('\n')}\n`
  }

  private place(variables: Variable[], { returns, limit }: { returns: Type | null; limit: number }): Place {
    return { variables, times: 1, cost: 0, limit, depth: 0, loops: 0, returns, inMethod: false }
  }

  private at(place: Place): Surroundings {
    const { functions, classes } = this
    const outer = place.variables === this.globals ? [] : [...this.outer, ...this.globals]
    return { place, outer, functions, classes }
  }

  private make(type: Type, place: Place, size = 2): string {
    const at = this.at(place)
    if (this.kind !== 'plain') return this.expressions.make(type, size, at)
    if (type === 'int' || type === 'float' || type === 'num') return this.plain.number(type, size, at)
    return type === 'bool' ? this.plain.truth(size, at) : this.expressions.make(type, 0, at)
  }

  private name(prefix: string): string {
    // Seldom the same name again, so that scopes hide each other's variables.
    if (this.kind === 'wild' && prefix === 'v' && this.random.chance(0.1)) return `w${this.random.below(3)}`
    return `${prefix}${this.names++}`
  }

  private line(text: string): void {
    this.lines.push(`${this.indent}${text}`)
  }

  private block(head: string, body: () => void, end = '}'): void {
    this.line(`${head} {`)
    const { indent } = this
    this.indent += '  '
    body()
    this.indent = indent
    this.line(end)
  }

  /** Statements; what they declare is not seen behind them, as it may have no value there. */
  private body(place: Place, count: number): void {
    const known = place.variables.length
    place.depth++
    for (let left = count; left > 0; left--) this.statement(place)
    place.depth--
    if (place.returns !== null || this.kind === 'typed') place.variables.length = known
  }

  private declare(place: Place, type: Type = this.random.pick(LOCALS)): void {
    if (type === 'obj' && this.classes.length === 0) return
    const value = this.make(type, place)
    const name = this.name('v')
    this.line(`${name} = ${value}`)
    place.variables.push({ name, type, writable: true })
  }

  private statement(place: Place): void {
    const { random } = this
    place.cost += place.times
    const deep = place.depth > 3 || place.cost > place.limit
    if (this.kind === 'plain') return !deep && random.chance(0.4) ? this.kernel(place) : this.plainStep(place)
    switch (deep ? random.below(8) : random.below(20)) {
      case 0:
      case 1:
        return this.declare(place)
      case 2:
      case 3:
      case 4:
        return this.assign(place)
      case 5:
        return this.update(place)
      case 6:
        return this.store(place)
      case 7:
        return this.jump(place)
      case 8:
      case 9:
        return this.condition(place)
      case 10:
      case 11:
      case 12:
        return this.countedLoop(place)
      case 13:
        return this.switchStatement(place)
      case 14:
        return this.tryStatement(place)
      case 15:
        return this.closure(place)
      case 16:
        this.line(this.expressions.call(random.pick(RETURNS), 2, this.at(place)) ?? 'null')
        return
      case 17:
        return this.throwStatement(place)
      case 18:
        return this.boundMethod(place)
      default:
        return this.update(place)
    }
  }

  private assign(place: Place): void {
    const { random } = this
    const type = random.pick(LOCALS)
    const target = this.expressions.target(type, this.at(place))
    if (place.inMethod && random.chance(0.5)) {
      const [field, kind] = random.pick([
        ['@a', 'num'],
        ['@b', 'num'],
        ['@c', 'any'],
        ['@d', 'any'],
      ] as const)
      this.line(`${field} = ${this.make(kind, place)}`)
    } else if (target === null) this.declare(place, type)
    else this.line(`${target.name} = ${this.make(target.type, place)}`)
  }

  /** `x = x + …`, as loops do. */
  private update(place: Place): void {
    const { random } = this
    const type = random.pick(['int', 'int', 'num', 'num', 'float', 'str', 'arr'] as const)
    const target = this.expressions.target(type, this.at(place))
    if (target === null) return this.declare(place, type)
    const { name } = target
    const value = (wanted: Type): string => this.make(wanted, place)
    if (target.type === 'str' && random.chance(0.5)) {
      this.line(`${name} = (if (len(${name}) > 60) { "" } else { ${name} }) + ${this.make('str', place, 0)}`)
    } else if (target.type === 'str') this.line(`${name} = substr(${name} + ${value('any')}, 0, 40)`)
    else if (target.type === 'arr') this.line(`${name} = slice(push(${name}, ${value('num')}), 1, 9)`)
    else if (target.type === 'any') this.line(`${name} = ${value('any')}`)
    else {
      const operator = random.pick(['+', '+', '+', '-', '*'])
      this.line(`${name} = ${name} ${operator} ${value(target.type)}`)
    }
  }

  private store(place: Place): void {
    const at = this.at(place)
    const array = this.expressions.target(this.random.pick(['arr', 'hash']), at)
    if (array === null || (array.type !== 'arr' && array.type !== 'hash')) return this.declare(place, 'arr')
    const value = this.make('num', place)
    const where = array.type === 'arr' ? this.expressions.index(at) : this.expressions.key(at)
    this.line(`${array.name}[${where}] = ${value}`)
  }

  /** Out of a loop or a function, seldom without a condition. */
  private jump(place: Place): void {
    const { random } = this
    const ways: string[] = []
    if (place.loops > 0) ways.push('break', 'continue')
    if (place.returns !== null) ways.push(`return ${this.make(place.returns, place)}`)
    if (ways.length === 0) return this.assign(place)
    const way = random.pick(ways)
    this.line(random.chance(0.03) ? way : `if (${this.make('bool', place)}) { ${way} }`)
  }

  private condition(place: Place): void {
    const { random } = this
    this.block(
      `if (${this.make('bool', place)})`,
      () => this.body(place, random.between(1, 2)),
      random.chance(0.5) ? '} else {' : '}',
    )
    if (this.lines.at(-1)?.trim() !== '} else {') return
    const { indent } = this
    this.indent += '  '
    this.body(place, random.between(1, 2))
    this.indent = indent
    this.line('}')
  }

  private countedLoop(place: Place): void {
    const { random } = this
    const trips = random.pick([0, 1, 3, 5, 8, 8, 12, 20, 30])
    if (place.cost + place.times * trips * 3 > place.limit) return this.update(place)
    const counter = this.name('i')
    const bound = random.chance(0.2)
      ? `(if (${this.make('bool', place, 1)}) { ${trips} } else { ${trips >> 1} })`
      : `${trips}`
    place.variables.push({ name: counter, type: 'int', writable: false })
    const inside = (): void => {
      place.times *= Math.max(1, trips)
      place.loops++
      this.body(place, random.between(1, 4))
      place.loops--
      place.times /= Math.max(1, trips)
    }
    if (random.chance(0.7)) {
      this.block(`for (${counter} = 0; ${counter} < ${bound}; ${counter} = ${counter} + 1)`, inside)
    } else {
      this.line(`${counter} = ${random.pick(['0', '0', '-1'])}`)
      const and = random.chance(0.2) ? ` && ${this.make('bool', place)}` : ''
      this.block(`while (${counter} < ${bound}${and})`, () => {
        this.line(`${counter} = ${counter} + 1`)
        inside()
      })
    }
  }

  /** A loop of the kind that compilers are made for: sums, elements of arrays, a condition now and then. */
  private kernel(place: Place): void {
    const { random } = this
    const trips = random.pick([8, 12, 20, 30])
    const plain = this.kind === 'plain' || random.chance(0.7)
    if (place.cost + place.times * trips * 4 > place.limit) return
    const counter = this.name('i')
    place.variables.push({ name: counter, type: 'int', writable: false })
    const known = place.variables.length
    this.block(`for (${counter} = 0; ${counter} < ${trips}; ${counter} = ${counter} + 1)`, () => {
      place.times *= trips
      place.loops++
      place.depth++
      for (let count = random.between(1, 4); count > 0; count--) {
        place.cost += place.times
        if (plain) {
          this.plainStep(place)
          continue
        }
        const step = random.pick([
          'update',
          'update',
          'store',
          'assign',
          'update if',
          'assign if',
          'jump',
          'call',
        ] as const)
        if (step === 'jump') this.jump(place)
        else if (step === 'store') this.store(place)
        else if (step === 'call') this.callInto(place)
        else if (step === 'update') this.update(place)
        else if (step === 'assign') this.assign(place)
        else {
          this.block(`if (${this.make('bool', place)})`, () =>
            step === 'update if' ? this.update(place) : this.assign(place),
          )
        }
      }
      place.depth--
      place.loops--
      place.times /= trips
    })
    place.variables.length = known
  }

  /** One of the statements of a plain loop. */
  private plainStep(place: Place): void {
    const { random, plain } = this
    const at = this.at(place)
    const way = random.below(10)
    if (way > 3) return this.line(plain.effect(at))
    if (way === 3 && place.depth < 4) return this.kernel(place)
    const test = plain.truth(1, at)
    if (way > 0) return this.line(`if (${test}) { ${plain.effect(at)} }`)
    const jumps = ['break', 'continue', 'throw "thrown"']
    if (place.returns === 'num') jumps.push(`return ${plain.number('num', 1, at)}`)
    this.line(`if (${test}) { ${random.pick(jumps)} }`)
  }

  /** A function that uses the variables around it, to be called in loops there; seen until the function around ends. */
  private plainClosure(place: Place): void {
    const { random, outer } = this
    const name = this.name('f')
    const parameter = { name: this.name('p'), type: 'num', writable: true } as const
    const inner = this.place([parameter], { returns: 'num', limit: 6 })
    this.block(`${name} = fn(${parameter.name})`, () => {
      this.outer = [...place.variables, ...outer]
      for (let count = random.between(0, 2); count > 0; count--) this.line(this.plain.effect(this.at(inner)))
      this.line(`return ${this.plain.number('num', 1, this.at(inner))}`)
      this.outer = outer
    })
    this.functions.push({ name, parameters: ['num'], returns: 'num', cost: 6 })
  }

  /** A variable gets, or is changed by, what a function gives. */
  private callInto(place: Place): void {
    const type = this.random.pick(['int', 'num', 'float'] as const)
    const target = this.expressions.target(type, this.at(place))
    const call = this.expressions.call(type, 1, this.at(place))
    if (target === null || call === null) return this.update(place)
    this.line(`${target.name} = ${this.random.chance(0.5) ? `${target.name} + ` : ''}${call}`)
  }

  /** A function that callers take into themselves: at most an effect and a result. */
  private smallFunction(file: Place): void {
    const { random } = this
    const name = this.name('f')
    const parameters = Array.from({ length: random.between(0, 2) }, () => {
      return {
        name: this.name('p'),
        type: random.pick(['int', 'num', 'num', 'float', 'arr'] as const),
        writable: true,
      }
    })
    const returns = random.pick(['int', 'num', 'num', 'float'] as const)
    const place = this.place([...parameters], { returns, limit: 6 })
    place.depth = 3
    const plain = this.kind === 'plain' || random.chance(0.7)
    const define = (): void =>
      this.block(`${name} = fn(${parameters.map((parameter) => parameter.name).join(', ')})`, () => {
        if (plain) {
          for (let count = random.below(3); count > 0; count--) this.line(this.plain.effect(this.at(place)))
          return this.line(`return ${this.plain.number(returns, 2, this.at(place))}`)
        }
        const step = random.pick(['nothing', 'update', 'update', 'assign', 'store', 'throw', 'jump'] as const)
        if (step === 'update') this.update(place)
        else if (step === 'assign') this.assign(place)
        else if (step === 'store') this.store(place)
        else if (step === 'throw') this.throwStatement(place)
        else if (step === 'jump') this.jump(place)
        this.line(`return ${this.make(returns, place, random.between(1, 2))}`)
      })
    define()
    // Now and then the name will mean another function, in the middle of a loop.
    if (random.chance(0.2)) this.redefinitions.push(define)
    this.functions.push({ name, parameters: parameters.map(({ type }) => type), returns, cost: 6 })
    file.cost += 1
  }

  private switchStatement(place: Place): void {
    const { random } = this
    const type = random.pick(['int', 'num', 'str', 'any'] as const)
    const value = type === 'int' ? `(${this.make('int', place)} % 4)` : this.make(type, place)
    const known = place.variables.length
    // `break` would leave the switch, which is of no interest; `continue` would be that of the loop around.
    this.block(`switch (${value})`, () => {
      for (let count = random.between(1, 3); count > 0; count--) {
        const test = type === 'int' ? `${random.below(4)}` : this.expressions.make(type, 0, this.at(place))
        this.block(`case ${test}:`, () => this.body(place, random.between(1, 2)))
        place.variables.length = known
      }
      if (random.chance(0.7)) this.block('default:', () => this.body(place, 1))
    })
  }

  private tryStatement(place: Place): void {
    const { random } = this
    const parts = random.pick(['catch', 'catch', 'typed', 'finally', 'both'])
    const caught = this.name('e')
    this.block('try', () => this.body(place, random.between(1, 3)), '}')
    if (parts !== 'finally') {
      const type = parts === 'typed' ? `${random.pick(ERRORS)} ` : ''
      this.block(`catch (${type}${caught})`, () => {
        // What a catch clause binds is its own, so it declares nothing that would be read outside.
        const message = this.expressions.target('str', this.at(place))
        if (message !== null) this.line(`${message.name} = substr(${caught}.type + ${caught}.message, 0, 40)`)
        this.body(place, 1)
      })
    }
    if (parts === 'finally' || parts === 'both') this.block('finally', () => this.body(place, 1))
  }

  /** A method taken from its object, and called. */
  private boundMethod(place: Place): void {
    const object = this.expressions.object(this.at(place))
    if (object === null) return this.callInto(place)
    const [method, result] = [this.name('m'), this.name('v')]
    this.line(`${method} = ${object}.step`)
    this.line(`${result} = ${method}(${this.make('num', place)})`)
    place.cost += place.times * 12
    place.variables.push({ name: result, type: 'num', writable: true })
  }

  private throwStatement(place: Place): void {
    const { random } = this
    // At the top of a file nothing catches it.
    if (place.returns === null && this.kind === 'typed') return this.update(place)
    const value = random.chance(0.5)
      ? `${random.pick(ERRORS)}(${this.make('str', place)})`
      : this.make('any', place)
    this.line(`if (${this.make('bool', place)}) { throw ${value} }`)
  }

  /** A function that uses the variables around it, and calls of it. */
  private closure(place: Place): void {
    const { random } = this
    const returns = random.pick(RETURNS)
    const name = this.name('f')
    const { outer } = this
    const parameter = { name: this.name('p'), type: 'num', writable: true } as const
    const inner = this.place([parameter], { returns, limit: 20 })
    inner.depth = place.depth
    this.block(`${name} = fn(${parameter.name})`, () => {
      if (place.variables !== this.globals) this.outer = [...place.variables, ...outer]
      this.body(inner, random.between(1, 2))
      this.line(`return ${this.make(returns, inner)}`)
      this.outer = outer
    })
    place.cost += inner.cost * place.times * 2
    const result = this.name('v')
    this.line(`${result} = ${name}(${this.make('num', place)})`)
    place.variables.push({ name: result, type: returns, writable: true })
  }

  private functionDeclaration(file: Place): void {
    const { random } = this
    const name = this.name('f')
    const parameters = Array.from({ length: random.between(1, 3) }, () => {
      const type = random.pick(this.kind === 'plain' ? PLAIN_PARAMETERS : PARAMETERS)
      return {
        name: this.name('p'),
        type: type === 'obj' && this.classes.length === 0 ? 'num' : type,
        writable: true,
      }
    })
    const returns = this.kind === 'plain' ? 'num' : random.pick(RETURNS)
    const place = this.place([...parameters], { returns, limit: FUNCTION_LIMIT })
    const recursive = random.chance(0.2)
    const known = this.functions.length
    const names = parameters.map((parameter) => parameter.name)
    const depth = this.name('n')
    const list = (recursive ? [depth, ...names] : names).join(', ')
    const body = (): void => {
      if (recursive)
        this.line(`if (!(${depth} > 0 && ${depth} < 6)) { return ${this.make(returns, place, 1)} }`)
      for (const type of SET_UP) if (random.chance(0.5)) this.declare(place, type)
      if (random.chance(0.5)) this.plainClosure(place)
      if (random.chance(0.7)) this.kernel(place)
      if (random.chance(0.3)) this.kernel(place)
      this.body(place, random.between(0, 3))
      if (recursive) {
        place.cost *= 2
        const given = parameters.map(({ type }) => this.make(type, place, 1))
        const call = `${name}(${[`${depth} - 1`, ...given].join(', ')})`
        this.line(random.chance(0.3) ? `return ${call}` : `r = ${call}`)
      }
      this.line(`return ${this.make(returns, place)}`)
    }
    if (recursive) place.variables.push({ name: depth, type: 'int', writable: false })
    this.block(random.chance(0.5) ? `fn ${name}(${list})` : `${name} = fn(${list})`, body)
    this.functions.length = known
    if (recursive) {
      // To callers it looks like the others: how deep it goes is not theirs to say.
      const wrapper = this.name('f')
      const start = random.between(1, 5)
      this.line(`${wrapper} = fn(${names.join(', ')}) { return ${name}(${[start, ...names].join(', ')}) }`)
      this.functions.push({
        name: wrapper,
        parameters: parameters.map(({ type }) => type),
        returns,
        cost: place.cost * start,
      })
    } else
      this.functions.push({
        name,
        parameters: parameters.map(({ type }) => type),
        returns,
        cost: place.cost + 2,
      })
    file.cost += 1
  }

  private classDeclaration(): void {
    const { random } = this
    const name = this.name('K')
    const superclass = this.classes.length > 0 && random.chance(0.7) ? random.pick(this.classes) : null
    this.block(superclass === null ? `class ${name}` : `class ${name} < ${superclass}`, () => {
      if (superclass === null || random.chance(0.5)) {
        this.block('fn initialize(p)', () => {
          if (superclass !== null) this.line('super(p)')
          this.line(`@a = ${random.pick(['p', 'p', '0', '1.5'])}`)
          this.line(`@b = ${random.pick(['p', '2', '0.5'])}`)
          if (random.chance(0.5)) this.line('@c = "c"')
        })
      }
      for (const { name, parameters } of METHODS) {
        if (superclass === null || random.chance(0.5)) this.method(name, parameters, superclass !== null)
      }
    })
    this.classes.push(name)
  }

  private method(name: string, types: readonly Type[], overrides: boolean): void {
    const { random } = this
    const parameters = types.map((type) => ({ name: this.name('p'), type, writable: type !== 'obj' }))
    const place: Place = { ...this.place([...parameters], { returns: 'num', limit: 8 }), inMethod: true }
    const list = parameters.map((parameter) => parameter.name)
    this.block(`fn ${name}(${list.join(', ')})`, () => {
      if (overrides && random.chance(0.5)) {
        this.line(`r = super(${list.join(', ')})`)
        place.variables.push({ name: 'r', type: 'num', writable: true })
      }
      const [usual, result] = USUAL[name] ?? []
      if (usual !== undefined && random.chance(0.5)) {
        if (usual !== '') this.line(`${usual}${list[0]}`)
        return this.line(`return ${result}`)
      }
      if (name === 'put') this.line(`@a = ${list[0]}`)
      if (name === 'mix') this.line(`@b = ${list[0]}.get()`)
      if (this.kind === 'plain' || random.chance(0.7)) {
        for (let count = random.below(3); count > 0; count--) this.line(this.plain.effect(this.at(place)))
        return this.line(`return ${this.plain.number('num', 1, this.at(place))}`)
      }
      this.body(place, random.between(0, 2))
      if (random.chance(0.9)) this.line(`return ${this.make('num', place)}`)
    })
  }

  /** What the program is for: many passes, with values that change their type in the middle. */
  private hotLoop(file: Place): void {
    const { random } = this
    const counter = this.name('i')
    const trips = random.pick([12, 20, 40, 60])
    const change = random.between(5, trips)
    const before = file.cost
    const inside: Place = { ...file, cost: 0, times: 1, limit: PROGRAM_LIMIT / trips, loops: 1, depth: 1 }
    const known = file.variables.length
    file.variables.push({ name: counter, type: 'int', writable: false })
    this.block(`for (${counter} = 0; ${counter} < ${trips}; ${counter} = ${counter} + 1)`, () => {
      if (random.chance(0.6)) this.changeTypes(inside, `${counter} == ${change}`)
      this.line(`if (${counter} % 4 == 0) { ${this.resets()} }`)
      const define = this.redefinitions.pop()
      if (define !== undefined) this.block(`if (${counter} == ${random.between(5, trips)})`, define)
      const guarded = (): void => {
        if (random.chance(0.5)) this.kernel(inside)
        for (let count = random.between(1, 3); count > 0; count--) this.statement(inside)
        for (let count = random.between(1, 2); count > 0; count--) this.observe(inside, counter)
      }
      if (random.chance(0.8)) {
        this.block('try', guarded)
        this.line(`catch (e) { print("caught", ${counter}, e.type, e.message, e.line) }`)
      } else guarded()
    })
    file.variables.length = known
    file.cost = before + inside.cost * trips
  }

  /** Small values for what loops add up, so that it shows what was added. */
  private resets(): string {
    const { random } = this
    const numbers = this.globals.filter(
      ({ type, writable }) => writable && (type === 'int' || type === 'num'),
    )
    return numbers
      .map(({ name, type }) => `${name} = ${random.pick(type === 'int' ? ['1', '7'] : ['2', '3', '0.5'])}`)
      .join('; ')
  }

  /** Global variables get values of other types than before. */
  private changeTypes(place: Place, when: string): void {
    const { random } = this
    const targets = this.globals.filter(
      ({ writable, type }) => writable && (type === 'num' || type === 'any' || type === 'fn'),
    )
    if (targets.length === 0) return
    this.block(`if (${when})`, () => {
      for (let count = random.between(1, 2); count > 0; count--) {
        const { name, type } = random.pick(targets)
        this.line(`${name} = ${this.make(type === 'num' ? random.pick(['int', 'float']) : type, place, 1)}`)
      }
    })
  }

  /** Prints a value: always, or now and then. */
  private observe(place: Place, counter: string): void {
    const { random } = this
    const type = this.kind === 'plain' ? 'num' : random.pick(RETURNS)
    const value = this.expressions.call(type, 2, this.at(place)) ?? this.make(type, place)
    if (random.chance(0.5)) return this.line(`print(${counter}, ${value})`)
    const result = this.name('v')
    this.line(`${result} = ${value}`)
    this.line(
      `if (${counter} % ${random.pick([7, 16, 19])} == 0) { print(${counter}, ${result}, ${random.pick(HASH_KEYS)}) }`,
    )
  }
}
