/**
 * Random programs that print what they compute. They end: loops count to a small number with counters that nothing
 * else assigns, functions call those above them, and what a call costs is kept in view.
 */
import { METHODS } from './expressions.js'
import { HASH_KEYS, type Place, type Type } from './scope.js'
import { RETURNS, Statements } from './statements.js'

/** Statements that a call of a function, and the whole program, may execute, roughly. */
const FUNCTION_LIMIT = 200
const PROGRAM_LIMIT = 20_000

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
const PLAIN_PARAMETERS: readonly Type[] = ['int', 'num', 'num', 'float', 'arr', 'obj']
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

export class Generator extends Statements {
  /** Each writes a function of the program anew. */
  private readonly redefinitions: (() => void)[] = []

  program(): string {
    const { random } = this
    const file = this.place(this.globals, { returns: null, limit: PROGRAM_LIMIT })
    // Small programs are compiled sooner, so that there are more of them; large ones have more that meets.
    const most = random.chance(0.75) ? 1 : 3
    const repeat = (low: number, make: () => void): void => this.repeat(low, most, make)
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
    return this.text
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
