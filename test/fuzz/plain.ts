/**
 * Expressions and statements for which native code has short ways: numbers, elements, fields, captured and file-level
 * variables, small functions and methods. Nothing else stands between them, since whatever the VM has to do makes the
 * compiler forget all it knows of memory.
 */

import { METHODS, type Surroundings } from './expressions.js'
import type { Random } from './random.js'
import { ARRAY_LENGTH, accepts, type Type, type Variable } from './scope.js'
import { COMPARISONS } from './text.js'

export type NumberType = 'int' | 'float' | 'num'

const SMALL = ['0', '1', '2', '3', '5', '8', '100']
const FRACTIONS = ['0.5', '1.5', '0.25', '3.0', '(-0.5)']
const POWERS = ['2', '4', '8', '16', '1024']

export class Plain {
  constructor(private readonly random: Random) {}

  number(type: NumberType, size: number, at: Surroundings): string {
    const { random } = this
    if (size <= 0 || random.chance(0.3)) return this.leaf(type, at)
    const part = (wanted: NumberType = type): string => this.number(wanted, size - 1, at)
    switch (random.below(10)) {
      case 0:
      case 1:
        return `(${part()} ${random.pick(['+', '-'])} ${part()})`
      case 2:
        // Products of floats would soon be infinite, and then nothing shows any more.
        return `(${part()} * ${type === 'int' ? part() : random.pick(['0.5', '0.25', '-0.5'])})`
      case 3:
        return type === 'int'
          ? `(${part()} % ${random.pick(POWERS)})`
          : `(${part('num')} / ${random.pick(['2', '3', '4.0'])})`
      case 4:
        return type === 'int' ? `builtin_floor(${part()} / ${random.pick(POWERS)})` : `(-${part()})`
      case 5:
      case 6:
        return type === 'num' ? (this.element(at) ?? part('int')) : part()
      case 7:
        return type === 'num' ? (this.method(at, size) ?? part('float')) : part()
      default:
        return this.call(type, size, at) ?? part()
    }
  }

  truth(size: number, at: Surroundings): string {
    const { random } = this
    if (random.chance(0.3)) return `${this.number('int', size, at)} % ${random.pick(['2', '3', '4'])} == 0`
    const type = random.pick(['int', 'num'] as const)
    return `${this.number(type, size, at)} ${random.pick(COMPARISONS)} ${this.number(type, size, at)}`
  }

  /** A statement that changes something, in one line. */
  effect(at: Surroundings): string {
    const { random } = this
    switch (random.below(8)) {
      case 0: {
        const array = this.variable(at, ({ type, writable }) => type === 'arr' && writable)
        if (array !== null) return `${array.name}[${this.index(at)}] = ${this.number('num', 1, at)}`
        break
      }
      case 1:
      case 2:
      case 3: {
        if (at.place.inMethod) return this.assignment(random.pick(['@a', '@b']), 'num', at)
        const method = this.method(at, 1)
        if (method !== null) return method
        break
      }
      default:
    }
    const target = this.variable(
      at,
      ({ type, writable }) => writable && (type === 'int' || type === 'float' || type === 'num'),
    )
    if (target === null) return 'null'
    return this.assignment(target.name, target.type as NumberType, at)
  }

  private assignment(name: string, type: NumberType, at: Surroundings): string {
    let value = this.number(type, 2, at)
    // What doubles in each pass is soon 0 or infinite, and hides everything else.
    for (let tries = 4; tries > 0 && value.includes(name); tries--) value = this.number(type, 1, at)
    return this.random.chance(0.6)
      ? `${name} = ${name} ${this.random.pick(['+', '-'])} ${value}`
      : `${name} = ${value}`
  }

  private leaf(type: NumberType, at: Surroundings): string {
    const { random } = this
    if (type === 'num' && at.place.inMethod && random.chance(0.5)) return random.pick(['@a', '@b'])
    const variable = this.variable(at, (candidate) => accepts(type, candidate.type))
    if (variable !== null && random.chance(0.85)) return variable.name
    return random.pick(type === 'float' ? FRACTIONS : SMALL)
  }

  private element(at: Surroundings): string | null {
    const array = this.variable(at, ({ type }) => type === 'arr')
    return array === null ? null : `${array.name}[${this.index(at)}]`
  }

  private index(at: Surroundings): string {
    const counter = this.variable(at, ({ type, writable }) => type === 'int' && !writable)
    if (counter === null || this.random.chance(0.4)) return `${this.random.below(ARRAY_LENGTH)}`
    return `${counter.name} % ${ARRAY_LENGTH}`
  }

  private method(at: Surroundings, size: number): string | null {
    const { place } = at
    const object = this.variable(at, ({ type }) => type === 'obj')
    if (object === null || place.inMethod) return null
    const { name, parameters } = this.random.pick(METHODS)
    const given = parameters.map((type) =>
      type === 'obj' ? this.object(at, object.name) : this.number('num', size - 1, at),
    )
    place.cost += 4 * place.times
    return `${object.name}.${name}(${given.join(', ')})`
  }

  private object(at: Surroundings, otherwise: string): string {
    return this.variable(at, ({ type }) => type === 'obj')?.name ?? otherwise
  }

  /** A call of a small function with numbers and arrays. */
  private call(type: NumberType, size: number, at: Surroundings): string | null {
    const { place } = at
    const possible = at.functions.filter(
      ({ returns, cost, parameters }) =>
        accepts(type, returns) && cost <= 8 && parameters.every((parameter) => isPlain(parameter)),
    )
    if (possible.length === 0 || place.cost + 8 * place.times > place.limit) return null
    const { name, parameters, cost } = this.random.pick(possible)
    const given = parameters.map((parameter) => {
      if (parameter !== 'arr') return this.number(parameter as NumberType, size - 1, at)
      return this.variable(at, ({ type }) => type === 'arr')?.name ?? '[1, 2, 3, 4, 5, 6, 7, 8]'
    })
    place.cost += cost * place.times
    return `${name}(${given.join(', ')})`
  }

  private variable({ place, outer }: Surroundings, fits: (variable: Variable) => boolean): Variable | null {
    const near = place.variables.filter(fits)
    const far = outer.filter(fits)
    const from = near.length > 0 && (far.length === 0 || this.random.chance(0.6)) ? near : far
    return from.length === 0 ? null : this.random.pick(from)
  }
}

function isPlain(type: Type): boolean {
  return type === 'int' || type === 'float' || type === 'num' || type === 'arr'
}
