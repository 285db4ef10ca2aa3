/** Random expressions of a wanted type, from the variables and functions at hand. */

import type { Random } from './random.js'
import {
  ARRAY_LENGTH,
  accepts,
  type Callable,
  HASH_KEYS,
  type Place,
  TYPES,
  type Type,
  type Variable,
} from './scope.js'
import { COMPARISONS } from './text.js'

const INTEGERS = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '7',
  '8',
  '10',
  '16',
  '63',
  '100',
  '255',
  '1000',
  '(-1)',
  '(-2)',
  '(-7)',
]
/** Where something overflows or loses digits: 31, 32, 53, 62 and 63 bits. */
const EDGES = [
  '2147483647',
  '2147483648',
  '(-2147483648)',
  '4294967296',
  '9007199254740993',
  '4611686018427387904',
  '9223372036854775807',
  '(-9223372036854775807 - 1)',
  '(-9223372036854775807)',
]
const FLOATS = ['0.5', '1.5', '2.0', '0.1', '3.75', '100.0', '(-0.5)', '(-2.0)', '0.0', '(-0.0)', '0.001']
const FLOAT_EDGES = [
  '(2.0).pow(53)',
  '(2.0).pow(63)',
  '(-(2.0).pow(63))',
  '(2.0).pow(1023)',
  '(2.0).pow(1024)',
  '((-8.0).pow(0.5))',
  '(2.0).pow(-1074)',
  '4503599627370497.5',
]
const STRINGS = [
  '""',
  '"a"',
  '"b"',
  '"abc"',
  '"10"',
  '"9"',
  '"né"',
  '"日本語"',
  '"x\u{1F600}y"',
  '"null"',
  '"-"',
]
const DIVISORS = ['2', '3', '4', '7', '8', '10', '16', '64', '1024', '(-3)', '(-4)', '0.5', '2.0', '4.0']
const POWERS = ['2', '4', '8', '16', '256', '1024', '1073741824']

/** Types of which literals are long and variables say more. */
const LITERALS: ReadonlySet<Type> = new Set<Type>(['arr', 'hash', 'bool', 'fn'])

/** What all classes answer to, with a number. */
export const METHODS: readonly { name: string; parameters: readonly Type[] }[] = [
  { name: 'get', parameters: [] },
  { name: 'step', parameters: ['num'] },
  { name: 'put', parameters: ['num'] },
  { name: 'mix', parameters: ['obj'] },
]
/** Statements that a call of a method executes, roughly. */
const METHOD_COST = 12
/** The same of a function that is a value. */
const VALUE_COST = 4

export interface Surroundings {
  readonly place: Place
  /** Of places around: they can be used and, unless they are counters, assigned. */
  readonly outer: readonly Variable[]
  readonly functions: readonly Callable[]
  readonly classes: readonly string[]
}

export class Expressions {
  /** @param confusion how often something of another type stands where one is wanted, 0 … 1 */
  constructor(
    private readonly random: Random,
    private readonly confusion: number,
  ) {}

  /** @param size more lets it be larger */
  make(type: Type, size: number, at: Surroundings): string {
    const { random } = this
    const wanted = random.chance(this.confusion) ? random.pick(TYPES) : type
    if (size <= 0 || random.chance(0.25)) return this.leaf(wanted, at)
    if (random.chance(0.04)) return this.choice(wanted, size, at)
    switch (wanted) {
      case 'int':
        return this.integer(size, at)
      case 'float':
        return this.float(size, at)
      case 'num':
        return this.number(size, at)
      case 'str':
        return this.text(size, at)
      case 'bool':
        return this.truth(size, at)
      case 'arr':
        return this.array(size, at)
      case 'hash':
        return this.hash(size, at)
      case 'obj':
      case 'fn':
        return this.leaf(wanted, at)
      case 'any':
        return this.anything(size, at)
    }
  }

  /** A variable that may be assigned, or null. */
  target(type: Type, at: Surroundings): Variable | null {
    return this.variable((variable) => variable.writable && accepts(variable.type, type), at)
  }

  /** An index within the bounds of all arrays, mostly. */
  index(at: Surroundings): string {
    const { random } = this
    const counter = this.variable(({ writable, type }) => !writable && type === 'int', at)
    if (counter !== null && random.chance(0.6)) {
      return random.chance(0.5)
        ? `${counter.name} % ${ARRAY_LENGTH}`
        : `(${counter.name} + 1) % ${ARRAY_LENGTH}`
    }
    if (random.chance(0.02)) return `${ARRAY_LENGTH}`
    if (random.chance(0.05)) return `${random.below(ARRAY_LENGTH)}.0`
    return `${random.below(ARRAY_LENGTH)}`
  }

  key(at: Surroundings): string {
    const { random } = this
    const counter = this.variable(({ writable, type }) => !writable && type === 'int', at)
    if (counter !== null && random.chance(0.5)) {
      const { name } = counter
      return random.pick([
        `${name} % 5`,
        `"k" + ${name} % 5`,
        name,
        `"k" + ${name}`,
        `${name} * 0.5`,
        `-${name}`,
      ])
    }
    return random.pick(HASH_KEYS)
  }

  private variable(fits: (variable: Variable) => boolean, { place, outer }: Surroundings): Variable | null {
    // The places around offer many variables, and those at hand should not be rare among them.
    const near = place.variables.filter(fits)
    const far = outer.filter(fits)
    const from = near.length > 0 && (far.length === 0 || this.random.chance(0.7)) ? near : far
    return from.length === 0 ? null : this.random.pick(from)
  }

  private leaf(type: Type, at: Surroundings): string {
    const { random } = this
    const variable = this.variable((variable) => accepts(type, variable.type), at)
    if (variable !== null && random.chance(type === 'obj' ? 0.4 : LITERALS.has(type) ? 0.95 : 0.75))
      return variable.name
    if (at.place.inMethod && (type === 'num' || type === 'any') && random.chance(0.6)) {
      return random.pick(type === 'num' ? ['@a', '@b'] : ['@a', '@b', '@c', '@d'])
    }
    switch (type) {
      case 'int':
        return random.chance(0.2) ? random.pick(EDGES) : random.pick(INTEGERS)
      case 'float':
        return random.chance(0.12) ? random.pick(FLOAT_EDGES) : random.pick(FLOATS)
      case 'num':
        return this.leaf(random.chance(0.6) ? 'int' : 'float', at)
      case 'str':
        return random.pick(STRINGS)
      case 'bool':
        // What never changes makes dead code of all behind it.
        if (random.chance(0.1)) return random.pick(['true', 'false'])
        return `(${this.leaf('num', at)} ${random.pick(COMPARISONS)} ${this.leaf('num', at)})`
      case 'arr':
        return `[${Array.from({ length: ARRAY_LENGTH }, () => this.literalNumber()).join(', ')}]`
      case 'hash': {
        const count = random.below(4)
        return `{${Array.from({ length: count }, () => `${random.pick(HASH_KEYS)}: ${this.literalNumber()}`).join(', ')}}`
      }
      case 'obj':
        if (at.place.inMethod && random.chance(0.3)) return 'self'
        if (at.classes.length === 0) return 'null'
        return `${random.pick(at.classes)}.new(${this.literalNumber()})`
      case 'fn':
        return this.functionValue(at)
      case 'any':
        return random.chance(0.15)
          ? 'null'
          : this.leaf(random.pick(['int', 'float', 'str', 'bool', 'arr']), at)
    }
  }

  private literalNumber(): string {
    const { random } = this
    return random.chance(0.6) ? random.pick(INTEGERS) : random.pick(FLOATS)
  }

  private choice(type: Type, size: number, at: Surroundings): string {
    const [test, yes, no] = [
      this.make('bool', size - 1, at),
      this.make(type, size - 1, at),
      this.make(type, size - 1, at),
    ]
    return `(if (${test}) { ${yes} } else { ${no} })`
  }

  private integer(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'int'): string => this.make(type, size - 1, at)
    switch (random.below(12)) {
      case 11:
        return `ord((${part('str')} + "a")[0])`
      case 0:
      case 1:
        return `(${part()} + ${part()})`
      case 2:
        return `(${part()} - ${part()})`
      case 3:
        return `(${part()} * ${part()})`
      case 4:
        return `(${part()} % ${random.chance(0.9) ? random.pick(POWERS.concat('3', '7', '10')) : part()})`
      case 5:
        return `builtin_floor(${part()} / ${random.pick(POWERS)})`
      case 6:
        return `len(${part(random.pick(['str', 'arr', 'hash']))})`
      case 7:
        return `(-${part()})`
      case 8:
        return `builtin_abs(${part()})`
      case 9:
        return this.call('int', size, at) ?? `(${part()} + 1)`
      default:
        return `${random.pick(['builtin_min', 'builtin_max'])}(${part()}, ${part()})`
    }
  }

  private float(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'float'): string => this.make(type, size - 1, at)
    switch (random.below(8)) {
      case 0:
        return `(${part()} + ${part('num')})`
      case 1:
        return `(${part('num')} - ${part()})`
      case 2:
        return `(${part()} * ${part('num')})`
      case 3:
      case 4:
        return `(${part('num')} / ${random.chance(0.9) ? random.pick(DIVISORS) : part('num')})`
      case 5:
        return `(${part()} % ${random.pick(DIVISORS)})`
      case 6:
        return `${part()}.${random.pick(['floor', 'ceil', 'round', 'abs'])}()`
      default:
        return this.call('float', size, at) ?? `builtin_sqrt(builtin_abs(${part()}))`
    }
  }

  private number(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'num'): string => this.make(type, size - 1, at)
    switch (random.below(18)) {
      case 16:
      case 17:
        return this.callOfValue(size, at) ?? this.call('num', size, at) ?? part('int')
      case 0:
      case 1:
        return `(${part()} ${random.pick(['+', '-', '*'])} ${part()})`
      case 2:
        return `(${part()} % ${random.pick(DIVISORS)})`
      case 3:
        return `(-${part()})`
      case 4:
      case 5:
        return `${part('arr')}[${this.index(at)}]`
      case 6:
        return `${part('hash')}.get(${this.key(at)}, ${part()})`
      case 7:
        return this.method(size, at) ?? part('int')
      case 8:
        return this.call('num', size, at) ?? part('float')
      case 9:
        return `${random.pick(['builtin_min', 'builtin_max'])}(${part()}, ${part()})`
      case 10:
        return `${random.pick(['builtin_floor', 'builtin_ceil', 'builtin_round', 'builtin_abs'])}(${part()})`
      case 11:
        return this.reduction(size, at)
      case 12:
        return `(${part()} ${random.pick(['+', '-', '*'])} ${random.pick(['1', '0.5', '3'])})`
      case 13:
        return part('int')
      case 14:
        return part('float')
      default:
        return `(${part('int')} / ${random.pick(DIVISORS)})${random.chance(0.5) ? '.floor()' : ''}`
    }
  }

  private text(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'str'): string => this.make(type, size - 1, at)
    switch (random.below(10)) {
      case 9:
        return `(${part()} + "xyz")[${random.chance(0.5) ? random.below(4) : `builtin_abs(${part('int')}) % 3`}]`
      case 0:
      case 1:
        return `substr(${part()} + ${part()}, 0, 24)`
      case 2:
        return `("" + ${part('num')})`
      case 3:
        return `substr(${part()} + ${part('any')}, ${random.below(3)}, 20)`
      case 4:
        return `${part()}.substr(${random.between(-1, 3)}, ${random.between(0, 6)})`
      case 5:
        return `${part()}.${random.pick(['upper', 'lower', 'trim'])}()`
      case 6:
        return `type(${part('any')})`
      case 7:
        return `substr(to_string(${part(random.pick(['num', 'arr', 'hash']))}), 0, 30)`
      default:
        return random.chance(0.5)
          ? `${part()}.replace(${random.pick(STRINGS)}, ${random.pick(STRINGS)})`
          : `substr(${random.pick(STRINGS)}.join(${part('arr')}), 0, 30)`
    }
  }

  private truth(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'bool'): string => this.make(type, size - 1, at)
    switch (random.below(9)) {
      case 0:
      case 1:
        return `(${part('num')} ${random.pick(COMPARISONS)} ${part('num')})`
      case 2:
        return `(${part('int')} ${random.pick(COMPARISONS)} ${part('int')})`
      case 3:
        return `(${part('int')} % ${random.pick(['2', '3', '4', '8'])} ${random.pick(['==', '!='])} 0)`
      case 4:
        return `(${part()} ${random.pick(['&&', '||'])} ${part()})`
      case 5:
        return `!${part()}`
      case 6:
        return `(${part('any')} ${random.pick(['==', '!='])} ${part('any')})`
      case 7:
        return `(${part('str')} ${random.pick(COMPARISONS)} ${part('str')})`
      default:
        return random.pick([
          `${part('hash')}.has_key?(${this.key(at)})`,
          `${part('arr')}.includes?(${part('num')})`,
          `${part('str')}.contains?(${random.pick(STRINGS)})`,
          `(${part('any')} == null)`,
        ])
    }
  }

  private array(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'arr'): string => this.make(type, size - 1, at)
    switch (random.below(8)) {
      case 6:
        return `${part()}.slice(0, ${ARRAY_LENGTH})`
      case 7:
        return `slice(${part()}, 0, ${ARRAY_LENGTH})`
      case 0:
        return `${part()}.map(${this.callback(['num'], 'num', size, at)})`
      case 1:
        return `${part()}.reverse()`
      case 2:
        return `${part()}.sort()`
      case 3:
        return `slice(push(${part()}, ${part('num')}), 1, ${ARRAY_LENGTH + 1})`
      case 4:
        return `[${Array.from({ length: ARRAY_LENGTH }, () => this.make('num', size - 3, at)).join(', ')}]`
      default:
        return this.call('arr', size, at) ?? this.leaf('arr', at)
    }
  }

  private hash(size: number, at: Surroundings): string {
    const { random } = this
    const part = (type: Type = 'hash'): string => this.make(type, size - 1, at)
    switch (random.below(5)) {
      case 0:
        return `${part()}.set(${this.key(at)}, ${part('num')})`
      case 1:
        return `${part()}.delete(${this.key(at)})`
      case 2:
        return `${part()}.merge(${part()})`
      case 3:
        return `${part()}.map_values(${this.callback(['num'], 'num', size, at)})`
      default:
        return `{${Array.from({ length: 3 }, () => `${this.key(at)}: ${part('num')}`).join(', ')}}`
    }
  }

  private anything(size: number, at: Surroundings): string {
    const { random } = this
    const call = random.chance(0.3) ? this.call('any', size, at) : null
    if (call !== null) return call
    if (random.chance(0.1)) return `${this.make('hash', size - 1, at)}[${this.key(at)}]`
    if (random.chance(0.1))
      return `${this.make('hash', size - 1, at)}.${random.pick(['keys', 'values', 'length', 'to_array()', 'invert()'])}`
    if (random.chance(0.08))
      return `${this.make('arr', size - 1, at)}.filter(${this.callback(['num'], 'bool', size, at)})`
    if (random.chance(0.06))
      return `${this.make('arr', size - 1, at)}.find(${this.callback(['num'], 'bool', size, at)})`
    return this.make(random.pick(['int', 'float', 'str', 'bool', 'num']), size, at)
  }

  private reduction(size: number, at: Surroundings): string {
    const start = this.make('num', size - 1, at)
    return `${this.make('arr', size - 1, at)}.reduce(${this.callback(['num', 'num'], 'num', size, at)}, ${start})`
  }

  /** A function for each element of an array or a hash. */
  private callback(types: readonly Type[], returns: Type, size: number, at: Surroundings): string {
    const { place } = at
    const parameters = types.map((type, index) => ({ name: `p${size}${'xy'[index]}`, type, writable: false }))
    const times = place.times * ARRAY_LENGTH
    const inner: Place = {
      ...place,
      variables: parameters,
      times,
      cost: place.cost + times,
      returns: null,
      loops: 0,
    }
    const body = this.make(returns, Math.min(size - 1, 2), {
      ...at,
      place: inner,
      outer: [...at.outer, ...place.variables],
    })
    place.cost = inner.cost
    return `fn(${parameters.map(({ name }) => name).join(', ')}) { ${body} }`
  }

  /** A function that calls no other: else one might call itself without end. */
  private functionValue(at: Surroundings): string {
    const { place } = at
    const parameter = { name: 'q', type: 'num', writable: true } as const
    const inner: Place = { ...place, variables: [parameter], cost: 1, limit: 0, returns: null, loops: 0 }
    const surroundings = { ...at, place: inner, outer: [...at.outer, ...place.variables], classes: [] }
    const target = this.random.chance(0.5) ? this.target('num', surroundings) : null
    const value = this.make('num', 1, surroundings)
    const before = target === null ? '' : `${target.name} = ${this.make(target.type, 1, surroundings)}; `
    return `fn(q) { ${before}${value} }`
  }

  private callOfValue(size: number, at: Surroundings): string | null {
    const { place } = at
    if (place.cost + VALUE_COST * place.times > place.limit) return null
    const callee = this.variable(({ type }) => type === 'fn', at)
    if (callee === null) return null
    place.cost += VALUE_COST * place.times
    return `${callee.name}(${this.make('num', size - 1, at)})`
  }

  /** An object that a variable holds, or null where methods must not be called. */
  object(at: Surroundings): string | null {
    const { place } = at
    // Methods that called each other at will would not end.
    if (place.inMethod || place.cost + METHOD_COST * place.times > place.limit) return null
    return this.variable(({ type }) => type === 'obj', at)?.name ?? null
  }

  private method(size: number, at: Surroundings): string | null {
    const { place } = at
    const object = this.object(at)
    if (object === null) return null
    const { name, parameters } = this.random.pick(METHODS)
    place.cost += METHOD_COST * place.times
    return `${object}.${name}(${parameters.map((type) => this.make(type, size - 1, at)).join(', ')})`
  }

  /** Null if there is no such function, or if it would take too long. */
  call(type: Type, size: number, at: Surroundings): string | null {
    const { place } = at
    const possible = at.functions.filter(
      ({ returns, cost }) => accepts(type, returns) && place.cost + cost * place.times <= place.limit,
    )
    if (possible.length === 0) return null
    const { name, parameters, cost } = this.random.pick(possible)
    place.cost += cost * place.times
    return `${name}(${parameters.map((parameter) => this.make(parameter, size - 1, at)).join(', ')})`
  }
}
