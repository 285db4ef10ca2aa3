/** The program-wide tables that code refers to by number. */
import type { Constant } from './program.js'

/** A table without duplicates, by key. */
class Interner<T> {
  readonly list: T[] = []
  private readonly numbers = new Map<string, number>()

  add(key: string, value: T): number {
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.list.length)
    return this.list.push(value) - 1
  }
}

export class ConstantTable {
  private readonly constants = new Interner<Constant>()
  private readonly builtinNames = new Interner<string>()

  get list(): Constant[] {
    return this.constants.list
  }

  get builtins(): string[] {
    return this.builtinNames.list
  }

  string(value: string): number {
    return this.constants.add(`s${value}`, { type: 'string', value })
  }

  integer(value: number | string): number {
    return this.constants.add(`i${value}`, { type: 'integer', value })
  }

  float(value: number): number {
    return this.constants.add(`f${Object.is(value, -0) ? '-0' : value}`, { type: 'float', value })
  }

  builtin(name: string): number {
    return this.builtinNames.add(name, name)
  }
}
