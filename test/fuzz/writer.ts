/** The text of a program while it grows, and what is known at its present place. */
import { Expressions, type Surroundings } from './expressions.js'
import { Plain } from './plain.js'
import type { Random } from './random.js'
import type { Callable, Place, Type, Variable } from './scope.js'
import { Text } from './text.js'

/** `typed`: operands mostly fit their operators; `plain`: only what `Plain` makes; `wild`: anything stands anywhere. */
export type Kind = 'typed' | 'plain' | 'wild'

const CONFUSION: Readonly<Record<Kind, number>> = { typed: 0.002, plain: 0, wild: 0.06 }
/** Types of variables that come into being, as often as they stand here. */
export const LOCALS: readonly Type[] = [
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

export class Writer extends Text {
  protected readonly functions: Callable[] = []
  protected readonly classes: string[] = []
  protected readonly expressions: Expressions
  protected readonly plain: Plain
  /** Variables of the file. */
  protected readonly globals: Variable[] = []
  /** Variables of the functions around the present one. */
  protected outer: readonly Variable[] = []

  constructor(
    random: Random,
    protected readonly kind: Kind,
  ) {
    super(random)
    this.plain = new Plain(random)
    this.expressions = new Expressions(random, CONFUSION[kind])
  }

  protected place(variables: Variable[], { returns, limit }: { returns: Type | null; limit: number }): Place {
    return { variables, times: 1, cost: 0, limit, depth: 0, loops: 0, returns, inMethod: false }
  }

  protected at(place: Place): Surroundings {
    const { functions, classes } = this
    const outer = place.variables === this.globals ? [] : [...this.outer, ...this.globals]
    return { place, outer, functions, classes }
  }

  protected make(type: Type, place: Place, size = 2): string {
    const at = this.at(place)
    if (this.kind !== 'plain') return this.expressions.make(type, size, at)
    if (type === 'int' || type === 'float' || type === 'num') return this.plain.number(type, size, at)
    return type === 'bool' ? this.plain.truth(size, at) : this.expressions.make(type, 0, at)
  }

  protected override name(prefix: string): string {
    // Seldom the same name again, so that scopes hide each other's variables.
    if (this.kind === 'wild' && prefix === 'v' && this.random.chance(0.1)) return `w${this.random.below(3)}`
    return super.name(prefix)
  }

  protected declare(place: Place, type: Type = this.random.pick(LOCALS)): void {
    if (type === 'obj' && this.classes.length === 0) return
    const value = this.make(type, place)
    const name = this.name('v')
    this.line(`${name} = ${value}`)
    place.variables.push({ name, type, writable: true })
  }
}
