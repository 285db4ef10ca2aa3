/**
 * A map that is copied when it is first written, not when it is cloned: what is known on one way is mostly known, and
 * never changed, on the ways that it leads to.
 */

const EMPTY: ReadonlyMap<never, never> = new Map<never, never>()

export class SharedMap<K, V> {
  private map: ReadonlyMap<K, V> = EMPTY
  /** The same map while it is this one's alone, else null. */
  private own: Map<K, V> | null = null

  get size(): number {
    return this.map.size
  }

  get(key: K): V | undefined {
    return this.map.get(key)
  }

  has(key: K): boolean {
    return this.map.has(key)
  }

  entries(): Iterable<[K, V]> {
    return this.map
  }

  keys(): Iterable<K> {
    return this.map.keys()
  }

  set(key: K, value: V): void {
    this.ownMap().set(key, value)
  }

  delete(key: K): void {
    this.ownMap().delete(key)
  }

  clear(): void {
    this.map = EMPTY
    this.own = null
  }

  /** Becomes what another is now. */
  take(other: SharedMap<K, V>): void {
    other.own = null
    this.map = other.map
    this.own = null
  }

  clone(): SharedMap<K, V> {
    const made = new SharedMap<K, V>()
    made.take(this)
    return made
  }

  private ownMap(): Map<K, V> {
    if (this.own === null) {
      this.own = new Map(this.map)
      this.map = this.own
    }
    return this.own
  }
}
