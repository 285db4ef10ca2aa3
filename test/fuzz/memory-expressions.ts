/** What small functions about memory read and change: expressions and statements of one line. */
import { COMPARISONS, Text } from './text.js'

/** What there is to name at a place. */
export interface Scope {
  readonly numbers: readonly string[]
  readonly arrays: readonly string[]
  readonly objects: readonly string[]
  readonly hashes: readonly string[]
  readonly strings: readonly string[]
  readonly subject: Subject
  /** Loop counters: nothing assigns them. */
  readonly counters: readonly string[]
  readonly inMethod: boolean
  /** Functions that may be called: those that come before. */
  readonly functions: readonly Small[]
}

/** A function that may be called. */
export interface Small {
  readonly name: string
  readonly parameters: readonly Sort[]
}

/** Of parameters, as often as they stand here. */
export const SORTS = ['number', 'number', 'array', 'object', 'object', 'hash', 'string'] as const
export type Sort = (typeof SORTS)[number]

/** Of arrays. */
export const LENGTH = 6
export const SMALL = ['0', '1', '2', '3', '5', '7', '0.5', '1.5', '-1', '100']
export const KEYS = ['"k"', '"l"', '1', '2', '0.5', 'true']

/** What a function is mostly about, so that the same memory is met again under another name. */
export const SUBJECTS = ['all', 'all', 'fields', 'fields', 'elements', 'variables', 'hashes'] as const
type Subject = (typeof SUBJECTS)[number]

/** Cases of `effect` and `value` by subject. */
const EFFECTS: Readonly<Record<Subject, readonly number[]>> = {
  all: [],
  fields: [3, 3, 3, 12, 4],
  elements: [0],
  variables: [8],
  hashes: [5],
}
const READS: Readonly<Record<Subject, readonly number[]>> = {
  all: [],
  fields: [3, 3, 3, 12],
  elements: [1],
  variables: [5],
  hashes: [4],
}

export class MemoryExpressions extends Text {
  /** What a function or a method gives goes somewhere. */
  protected useCall(scope: Scope): string {
    const { random } = this
    const method = `${this.object(scope)}.${random.pick(['mix', 'both'])}(${this.value(scope, 0)}, ${this.object(scope)})`
    const call = random.chance(0.3) ? method : this.call(scope, 1)
    const name = scope.numbers[0] ?? 'g0'
    return random.chance(0.3) ? call : `${name} = (${name} ${random.pick(['+', '-'])} ${call}) % 1000`
  }

  /** Something is read, perhaps changed under another name, and read again. */
  protected rereading(scope: Scope): { read: string; write: string } {
    const { random } = this
    const index = this.index(scope)
    const key = this.key(scope)
    const value = this.value(scope, 0)
    const [array, hash] = [this.array(scope), random.pick(scope.hashes)]
    return random.pick([
      { read: `${this.object(scope)}.x()`, write: `${this.object(scope)}.add(1)` },
      { read: `${this.object(scope)}.x()`, write: `${this.object(scope)}.put(${value})` },
      { read: `${this.object(scope)}.x()`, write: `${this.object(scope)}.put(${value})` },
      { read: `${this.array(scope)}[${index}]`, write: `${array}[${index}] = ${array}[${index}] + 1` },
      { read: `${this.array(scope)}[${index}]`, write: `${array}[${this.index(scope)}] = ${value}` },
      { read: `${random.pick(scope.hashes)}[${key}]`, write: `${hash}[${key}] = ${value}` },
    ])
  }

  protected conditional(scope: Scope): string {
    const { random } = this
    const otherwise = random.chance(0.4) ? ` else { ${this.effect(scope)} }` : ''
    return `if (${this.truth(scope)}) { ${this.effect(scope)} }${otherwise}`
  }

  /** Something in memory changes. */
  protected effect(scope: Scope): string {
    const { random } = this
    const bounded = (place: string): string => {
      const value = this.value(scope, random.between(0, 2))
      // What doubles in each pass is soon infinite and hides everything else.
      if (random.chance(0.4)) return `${place} = ${value}`
      return `${place} = (${place} ${random.pick(['+', '+', '-'])} ${value})${random.chance(0.7) ? ' % 1000' : ''}`
    }
    const ways = EFFECTS[scope.subject].filter((way) => way < 12 || scope.inMethod)
    const way =
      ways.length > 0 && random.chance(0.7) ? random.pick(ways) : random.below(scope.inMethod ? 16 : 12)
    if (way >= 12) return bounded(random.pick(['@x', '@x', '@y', '@z']))
    switch (way) {
      case 0:
      case 1:
      case 2:
        return bounded(`${this.array(scope)}[${this.index(scope)}]`)
      case 3:
        return `${this.object(scope)}.${random.pick(['put', 'put', 'add'])}(${this.value(scope, 1)})`
      case 4:
        return `${this.object(scope)}.${random.pick(
          scope.inMethod
            ? ['share(a0)', 'link(o)']
            : [
                `link(${this.object(scope)})`,
                `share(${this.array(scope)})`,
                `mix(${this.value(scope, 1)}, ${this.object(scope)})`,
                `both(${this.value(scope, 1)}, ${this.object(scope)})`,
              ],
        )}`
      case 5:
        return bounded(`${random.pick(scope.hashes)}[${this.key(scope)}]`)
      case 6:
        return this.call(scope, 1)
      case 7:
        if (random.chance(0.4)) {
          const name = random.pick(scope.strings)
          return `${name} = ${random.pick([`substr(${this.string(scope)} + ${name}, 0, 6)`, this.string(scope)])}`
        }
        return bounded(random.pick(scope.numbers))
      default:
        return bounded(random.pick(scope.numbers))
    }
  }

  protected value(scope: Scope, size: number): string {
    const { random } = this
    const reads = READS[scope.subject]
    const way = reads.length > 0 && random.chance(0.5) ? random.pick(reads) : random.below(size <= 0 ? 8 : 17)
    switch (way) {
      case 0:
        return random.pick(SMALL)
      case 1:
      case 2:
        return `${this.array(scope)}[${this.index(scope)}]`
      case 3:
        return `${this.object(scope)}.x()`
      case 4:
        return `${random.pick(scope.hashes)}[${this.key(scope)}]`
      case 5:
      case 6:
      case 7:
        return scope.counters.length > 0 && random.chance(0.4)
          ? random.pick(scope.counters)
          : random.pick(scope.numbers)
      case 8:
        return this.call(scope, size)
      case 9:
        return `(${this.value(scope, size - 1)} * ${random.pick(['2', '3', '0.5', '-1'])})`
      case 10:
        return `(${this.value(scope, size - 1)} % ${random.pick(['7', '8', '2.5'])})`
      case 11:
        return this.computed(scope)
      case 12:
        return scope.inMethod ? random.pick(['@x', '@x', '@y']) : `${this.object(scope)}.x()`
      default:
        return `(${this.value(scope, size - 1)} ${random.pick(['+', '-'])} ${this.value(scope, size - 1)})`
    }
  }

  /** By built-in functions that are a few machine operations. */
  protected computed(scope: Scope): string {
    const { random } = this
    const value = (): string => this.value(scope, 0)
    return random.pick([
      `len(${this.string(scope)})`,
      `ord(${this.string(scope)}[0])`,
      `len(${this.array(scope)})`,
      `builtin_min(${value()}, ${value()})`,
      `builtin_max(${value()}, ${value()})`,
      `builtin_floor(${value()} / 2)`,
      `builtin_round(${value()})`,
      `${random.pick(scope.numbers)}.abs()`,
      `builtin_sqrt(${value()})`,
      `(${value()} / ${random.pick(['2', '3', '0.5', ...scope.numbers])})`,
    ])
  }

  protected truth(scope: Scope): string {
    const { random } = this
    const counter = scope.counters[0]
    if (counter !== undefined && random.chance(0.4))
      return `${counter} % ${random.pick(['2', '3', '4'])} == ${random.below(2)}`
    if (random.chance(0.2))
      return random.pick([
        `${this.string(scope)} ${random.pick(COMPARISONS)} ${this.string(scope)}`,
        `${this.object(scope)} ${random.pick(['==', '!='])} ${this.object(scope)}`,
        `${this.array(scope)} == ${this.array(scope)}`,
        `${random.pick(scope.numbers)} == null`,
        random.pick(scope.numbers),
        `!${random.pick(scope.numbers)}`,
        `${this.value(scope, 0)} > 1 && ${this.value(scope, 0)} < 9`,
      ])
    return `${this.value(scope, 0)} ${random.pick(COMPARISONS)} ${this.value(scope, 1)}`
  }

  protected call(scope: Scope, size: number): string {
    const { random } = this
    if (scope.functions.length === 0) return random.pick(scope.numbers)
    const { name, parameters } = random.pick(scope.functions)
    return `${name}(${parameters.map((sort) => this.argument(sort, scope, size)).join(', ')})`
  }

  protected argument(sort: Sort, scope: Scope, size: number): string {
    if (sort === 'array') return this.array(scope)
    if (sort === 'object') return this.object(scope)
    if (sort === 'string') return this.string(scope)
    if (sort === 'hash') return this.random.pick(scope.hashes)
    return this.value(scope, size - 1)
  }

  protected string(scope: Scope): string {
    const { random } = this
    const name = random.pick(scope.strings)
    const counter = scope.counters[0] ?? random.pick(['0', '1', '2'])
    switch (random.below(8)) {
      case 0:
        return random.pick(['"abc"', '"k"', '"l"', '"x"', '"10"'])
      case 1:
        return `${name}[${counter} % 3]`
      case 2:
        return `substr(${name} + ${random.pick(scope.strings)}, ${counter} % 2, 5)`
      case 3:
        return `("" + ${random.pick(scope.numbers)})`
      default:
        return name
    }
  }

  protected array(scope: Scope): string {
    if (scope.inMethod && this.random.chance(0.6)) return '@list'
    if (this.random.chance(0.1)) return `${this.object(scope)}.list()`
    return this.random.pick(scope.arrays)
  }

  protected object(scope: Scope): string {
    const object = this.random.pick(scope.objects)
    return this.random.chance(0.1) && !object.startsWith('@') ? `${object}.next()` : object
  }

  protected index(scope: Scope): string {
    const { random } = this
    const counter = scope.counters[0]
    if (counter !== undefined && random.chance(0.6)) return `${random.pick(scope.counters)} % ${LENGTH}`
    if (random.chance(0.02)) return `${LENGTH}`
    return `${random.below(LENGTH)}`
  }

  protected key(scope: Scope): string {
    const counter = scope.counters[0]
    if (counter !== undefined && this.random.chance(0.2)) return `${counter} % 3`
    if (this.random.chance(0.15)) return this.random.pick(scope.strings)
    return this.random.pick(KEYS)
  }
}
