import t from 'tap'
import {
  copyHash,
  copyWithout,
  createHash,
  entryAddress,
  findEntry,
  findStringEntry,
  hashCount,
  setEntry,
  setStringEntry,
} from '../../lib/heap/hashes.js'
import { Heap } from '../../lib/heap/heap.js'
import { HASH_ENTRY_VALUE, Tag } from '../../lib/heap/layout.js'
import { internString, newString, setString, toJsString } from '../../lib/heap/strings.js'

type Key = number | bigint | string | boolean

/** bigint stands for INTEGER, number for FLOAT. */
function setKey(heap: Heap, slot: number, key: Key): void {
  if (typeof key === 'string') setString(heap, slot, key)
  else if (typeof key === 'boolean') heap.setBoolean(slot, key)
  else if (typeof key === 'bigint') heap.setBigInteger(slot, key)
  else heap.setFloat(slot, key)
}

function keyText(heap: Heap, slot: number): string {
  const tag = heap.tagOf(slot)
  if (tag === Tag.STRING) return `s${toJsString(heap, heap.referenceOf(slot))}`
  if (tag === Tag.BOOLEAN) return `b${heap.referenceOf(slot) !== 0}`
  return tag === Tag.INTEGER ? `i${heap.bigIntegerOf(slot)}` : `f${heap.floatOf(slot)}`
}

const modelKey = (key: Key): string =>
  typeof key === 'string'
    ? `s${key}`
    : typeof key === 'boolean'
      ? `b${key}`
      : typeof key === 'bigint'
        ? `i${key}`
        : `f${key}`

t.test('random operations agree with a Map', async (t) => {
  const heap = new Heap({ maxHeap: 128 << 20, maxDepth: 100, stress: true })
  const [root, other, key, value] = [0, 1, 2, 3].map(() => heap.allocateRootSlots(1)) as [
    number,
    number,
    number,
    number,
  ]
  let seed = 99
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >> 8) % n
  }
  const someKey = (range: number): Key => {
    const n = random(range)
    switch (random(5)) {
      case 0:
        return BigInt(n)
      case 1:
        return BigInt(n) << 40n
      case 2:
        return n / 2
      case 3:
        return n < 4 ? n % 2 === 0 : `k${n % 7}${n}`
      default:
        return String(n)
    }
  }
  const same = (slot: number, model: Map<string, number>): boolean => {
    const hash = heap.referenceOf(slot)
    const got = Array.from({ length: hashCount(heap, hash) }, (_, i) => {
      const entry = entryAddress(heap, hash, i)
      return `${keyText(heap, entry)}=${heap.integerAsNumber(entry + HASH_ENTRY_VALUE)}`
    })
    return got.join() === [...model].map(([k, v]) => `${k}=${v}`).join()
  }
  for (const range of [3, 12, 300, 3000]) {
    let model = new Map<string, number>()
    createHash(heap, root, 0)
    for (let step = 0; step < 3000; step++) {
      const k = someKey(range)
      setKey(heap, key, k)
      const action = random(range < 100 ? 10 : 400)
      if (action === 0) {
        copyWithout(heap, root, heap.referenceOf(root), key)
        model = new Map(model)
        model.delete(modelKey(k))
      } else if (action === 1) {
        copyHash(heap, other, heap.referenceOf(root), random(20))
        heap.setInteger(value, -1)
        setEntry(heap, heap.referenceOf(root), key, value)
        if (!same(other, model)) t.fail('a copy changed with the original')
        heap.copy(root, other)
      } else if (action === 2) heap.collect()
      else {
        heap.setInteger(value, step)
        setEntry(heap, heap.referenceOf(root), key, value)
        model.set(modelKey(k), step)
      }
      setKey(heap, key, someKey(range))
      const entry = findEntry(heap, heap.referenceOf(root), key)
      const expected = model.get(keyText(heap, key))
      const got = entry === 0 ? undefined : heap.integerAsNumber(entry + HASH_ENTRY_VALUE)
      if (got !== expected) t.fail(`lookup of ${keyText(heap, key)}: ${got} instead of ${expected}`)
    }
    t.ok(same(root, model), `keys out of ${range}`)
  }
})

t.test('keys: type and value; zeros and NaNs are one key each', async (t) => {
  const heap = new Heap({ maxHeap: 1 << 20, maxDepth: 100 })
  const [root, key] = [heap.allocateRootSlots(1), heap.allocateRootSlots(1)] as const
  const hash = createHash(heap, root, 0)
  const keys: Key[] = [1n, 1, '1', true, 'true', 0n, 0, -0, Number.NaN, -Number.NaN, 2n ** 62n, -(2n ** 62n)]
  for (const k of keys) {
    setKey(heap, key, k)
    setEntry(heap, hash, key, key)
  }
  t.equal(hashCount(heap, hash), 10)
})

t.test('lookup by string address finds only strings, in small and large hashes', async (t) => {
  const heap = new Heap({ maxHeap: 1 << 20, maxDepth: 100 })
  const [root, value] = [heap.allocateRootSlots(1), heap.allocateRootSlots(1)] as const
  const hash = createHash(heap, root, 0)
  for (let i = 0; i < 40; i++) {
    heap.setInteger(value, i)
    setStringEntry(heap, hash, internString(heap, `n${i}`), value)
    heap.setInteger(value, i + 1)
    setStringEntry(heap, hash, newString(heap, `n${i}`), value)
    t.equal(hashCount(heap, hash), i + 1)
    for (let j = 0; j <= i; j++) {
      const entry = findStringEntry(heap, hash, newString(heap, `n${j}`))
      if (entry === 0 || heap.integerAsNumber(entry + HASH_ENTRY_VALUE) !== j + 1) t.fail(`n${j} of ${i}`)
    }
    t.equal(findStringEntry(heap, hash, internString(heap, 'absent')), 0)
  }
})
