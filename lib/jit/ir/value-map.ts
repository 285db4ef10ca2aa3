/** A map from values of one graph that finds by their ids: an array serves that faster than a hash table. */
import type { Value } from './graph.js'

export class ValueMap<T> implements Iterable<[Value, T]> {
  private readonly items: (T | undefined)[]
  private readonly values: Value[] = []

  /** @param count of the values: `Graph.valueCount` */
  constructor(count: number) {
    this.items = new Array(count)
  }

  get(value: Value): T | undefined {
    return this.items[value.id]
  }

  has(value: Value): boolean {
    return this.items[value.id] !== undefined
  }

  set(value: Value, item: T): void {
    if (this.items[value.id] === undefined) this.values.push(value)
    this.items[value.id] = item
  }

  *[Symbol.iterator](): Iterator<[Value, T]> {
    for (const value of this.values) yield [value, this.items[value.id] as T]
  }
}
