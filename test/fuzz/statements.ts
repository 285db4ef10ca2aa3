/** Random statements: what blocks and bodies are made of. */

import type { Place, Type } from './scope.js'
import { LOCALS, Writer } from './writer.js'

const ERRORS = ['Error', 'TypeError', 'ValidationError', 'OwnError']
/** What functions give, as often as it stands here. */
export const RETURNS: readonly Type[] = ['int', 'num', 'num', 'num', 'float', 'any', 'str', 'arr']

export class Statements extends Writer {
  /** Statements; what they declare is not seen behind them, as it may have no value there. */
  protected body(place: Place, count: number): void {
    const known = place.variables.length
    place.depth++
    for (let left = count; left > 0; left--) this.statement(place)
    place.depth--
    if (place.returns !== null || this.kind === 'typed') place.variables.length = known
  }

  protected statement(place: Place): void {
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

  protected assign(place: Place): void {
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
  protected update(place: Place): void {
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

  protected store(place: Place): void {
    const at = this.at(place)
    const array = this.expressions.target(this.random.pick(['arr', 'hash']), at)
    if (array === null || (array.type !== 'arr' && array.type !== 'hash')) return this.declare(place, 'arr')
    const value = this.make('num', place)
    const where = array.type === 'arr' ? this.expressions.index(at) : this.expressions.key(at)
    this.line(`${array.name}[${where}] = ${value}`)
  }

  /** Out of a loop or a function, seldom without a condition. */
  protected jump(place: Place): void {
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
    const test = this.make('bool', place)
    const isTwofold = random.chance(0.5)
    const body = (): void => this.body(place, random.between(1, 2))
    this.block(`if (${test})`, body, isTwofold ? null : '}')
    if (isTwofold) this.block('} else', body)
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
      // Two ways lead to the head of the loop.
      if (random.chance(0.4)) this.condition(place)
      const and = random.chance(0.2) ? ` && ${this.make('bool', place)}` : ''
      this.block(`while (${counter} < ${bound}${and})`, () => {
        this.line(`${counter} = ${counter} + 1`)
        inside()
      })
    }
  }

  /** A loop of the kind that compilers are made for: sums, elements of arrays, a condition now and then. */
  protected kernel(place: Place): void {
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
  protected plainClosure(place: Place): void {
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

  protected throwStatement(place: Place): void {
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
}
