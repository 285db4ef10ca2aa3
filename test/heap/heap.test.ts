import t from 'tap'
import {
  appendElement,
  arrayFromSlots,
  arrayLength,
  createArray,
  elementAddress,
  elementForWrite,
  pushElement,
} from '../../lib/heap/arrays.js'
import { Heap, usableSize } from '../../lib/heap/heap.js'
import { BlockLayout, Context, Kind, PAGE_SIZE, SIZE_CLASSES, Tag } from '../../lib/heap/layout.js'
import {
  createCell,
  createClosure,
  createFunction,
  createHost,
  setClosureCell,
} from '../../lib/heap/objects.js'
import { setString, toJsString } from '../../lib/heap/strings.js'

const MiB = 1 << 20
const newHeap = (maxHeap = 8 * MiB, stress = false): Heap => new Heap({ maxHeap, maxDepth: 100, stress })

/** Cells in the free list of a class. */
function freeCells(heap: Heap, index: number): number[] {
  const cells: number[] = []
  for (
    let cell = heap.getPointer(Context.FREE_LISTS + index * 8);
    cell !== 0;
    cell = heap.getPointer(cell + 8)
  ) {
    cells.push(cell)
  }
  return cells
}

t.test(
  'size classes: every size gets the smallest cell that fits, 16-byte aligned and disjoint',
  async (t) => {
    const heap = newHeap()
    for (let bytes = 1; bytes <= 8176; bytes += 37) {
      const size = SIZE_CLASSES.find((s) => s >= bytes) as number
      t.equal(usableSize(bytes), size)
      const before = heap.I32[Context.ALLOCATED >> 2] as number
      const a = heap.allocate(Kind.BYTES, bytes)
      const b = heap.allocate(Kind.SLOTS, bytes)
      t.equal((heap.I32[Context.ALLOCATED >> 2] as number) - before, 2 * size)
      if (a % 16 !== 0 || Math.abs(a - b) < size) t.fail(`cells ${a} and ${b} of ${bytes} bytes`)
      t.equal(heap.I32[a >> 2], Kind.BYTES)
      t.equal(heap.I32[(a >> 2) + 1], 0)
    }
    t.equal(usableSize(8177), PAGE_SIZE)
    t.equal(usableSize(PAGE_SIZE + 1), 2 * PAGE_SIZE)
  },
)

t.test('native code may pop cells from the lists in the context block', async (t) => {
  const heap = newHeap()
  const first = heap.allocate(Tag.ERROR, 48)
  const list = freeCells(heap, 2)
  t.equal(list.length, Math.floor((PAGE_SIZE - 16) / 48) - 1)
  t.equal(list[0], first + 48)
  t.equal(heap.I32[((list[0] as number) + 12) >> 2], heap.baseHigh, 'links are absolute pointers')
  t.equal(heap.I32[(Context.FREE_LISTS + 2 * 8 + 4) >> 2], heap.baseHigh)
  t.equal(heap.allocate(Tag.ERROR, 48), list[0])
})

t.test('collection keeps what roots reach, frees the rest, and reuses it', async (t) => {
  const heap = newHeap()
  const root = heap.allocateRootSlots(2)
  setString(heap, root, 'kept text')
  const kept = heap.referenceOf(root)
  const lost = heap.allocate(Tag.CELL, 32)
  heap.setNull(lost + 16)
  heap.collect()
  t.equal(toJsString(heap, kept), 'kept text')
  t.equal(heap.U8[lost], Kind.FREE)
  t.ok(freeCells(heap, 1).includes(lost))
  t.equal(heap.stats.collections, 1)
  t.equal(heap.stats.liveBytes, 64)
  t.equal(heap.I32[Context.ALLOCATED >> 2], 0)
  for (let i = 0; i < 3; i++) heap.collect()
  t.equal(toJsString(heap, kept), 'kept text', 'each collection marks anew')
  t.equal(heap.stats.liveBytes, 64)
  heap.setNull(root)
  heap.collect()
  t.equal(heap.stats.liveBytes, 0)
})

t.test('cycles are freed; visitors are asked; cells and closures are traced', async (t) => {
  const heap = newHeap(8 * MiB, true)
  const root = heap.allocateRootSlots(1)
  const pages = heap.stats.heapBytes
  const array = createArray(heap, root, 2)
  appendElement(heap, array, root)
  appendElement(heap, array, root)
  heap.setNull(root)
  heap.collect()
  t.equal(heap.stats.liveBytes, 0)
  t.equal(heap.stats.heapBytes, pages, 'empty pages are given back')

  const record = createFunction(heap, { index: 0, parameters: 0, method: false })
  const slot = heap.allocateRootSlots(1)
  const closure = createClosure(heap, slot, record, 1)
  setString(heap, root, 'captured')
  setClosureCell(heap, closure, 0, createCell(heap, root))
  const string = heap.referenceOf(root)
  heap.setNull(root)
  heap.setNull(slot)
  let holds = true
  heap.addRoots((marker) => {
    if (holds) marker.object(closure)
  })
  heap.collect()
  t.equal(toJsString(heap, string), 'captured')
  holds = false
  heap.collect()
  t.equal(heap.U8[closure], 0xdb, 'on a page without survivors everything is poison')
  t.equal(heap.U8[string], 0xdb)
  t.equal(heap.U8[record], Kind.FUNCTION, 'FUNCTION records are never freed')
})

t.test('a long chain does not overflow the marker', async (t) => {
  const heap = newHeap(64 * MiB)
  const root = heap.allocateRootSlots(1)
  createArray(heap, root, 0)
  for (let i = 0; i < 200_000; i++) arrayFromSlots(heap, root, root, 1)
  heap.collect()
  let depth = 0
  for (let slot = root; arrayLength(heap, heap.referenceOf(slot)) > 0; depth++) {
    slot = elementAddress(heap, heap.referenceOf(slot), 0)
  }
  t.equal(depth, 200_000)
})

t.test('large objects take page runs, which are released and joined', async (t) => {
  const heap = newHeap(4 * MiB)
  const root = heap.allocateRootSlots(1)
  const start = heap.stats.heapBytes
  const big = heap.allocate(Kind.BYTES, MiB)
  t.equal(big % PAGE_SIZE, 0)
  heap.allocate(Kind.BYTES, MiB)
  createArray(heap, root, 60_000)
  t.throws(() => heap.allocate(Kind.BYTES, 2 * MiB), { message: /heap exhausted/ })
  heap.collect()
  t.equal(heap.stats.liveBytes, usableSize(16 + 60_000 * 16) + 16)
  t.equal(heap.allocate(Kind.BYTES, 2 * MiB), big, 'the two runs became one')
  heap.setNull(root)
  heap.collect()
  t.equal(heap.stats.heapBytes, start)
  t.throws(() => heap.allocate(Kind.BYTES, 2 ** 32), { message: /heap exhausted/ })
})

t.test('the heap survives churn in random sizes', async (t) => {
  const heap = newHeap(16 * MiB, true)
  const count = 64
  const roots = heap.allocateRootSlots(count)
  const texts: string[] = Array.from({ length: count }, () => '')
  let seed = 12345
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed % n
  }
  for (let i = 0; i < count; i++) setString(heap, roots + i * 16, '')
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 100; i++) {
      const at = random(count)
      texts[at] = String.fromCharCode(97 + random(26)).repeat(random(5) === 0 ? random(60_000) : random(400))
      setString(heap, roots + at * 16, texts[at] as string)
    }
    heap.collect()
    for (let i = 0; i < count; i++) {
      if (toJsString(heap, heap.referenceOf(roots + i * 16)) !== texts[i])
        t.fail(`text ${i} in round ${round}`)
    }
  }
  t.ok(heap.stats.heapBytes < 8 * MiB)
})

for (const stress of [false, true]) {
  t.test(
    `after each collection the lists have each free cell once, by address; stress: ${stress}`,
    async (t) => {
      const heap = newHeap(8 * MiB, stress)
      // Of 48 bytes, 340 to a page; enough for several pages.
      const [sizeClass, size, count] = [2, 48, 1500]
      const roots = heap.allocateRootSlots(count)
      const live = new Map<number, number>()
      const pages = new Set<number>()
      let seed = 99
      const random = (n: number): number => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
        return (seed >>> 8) % n
      }
      for (let round = 0; round < 300; round++) {
        // Few or many, at few or all places, so that some pages stay as they are, and some become full or empty.
        const span = random(3) === 0 ? count : 300
        const from = random(count - span + 1)
        for (let changes = random(2) === 0 ? random(4) : random(900); changes > 0; changes--) {
          const at = from + random(span)
          if (random(round % 100 < 60 ? 3 : 9) > 0 === round % 100 < 60) {
            const object = heap.allocate(Tag.BOUND_METHOD, size)
            for (const field of [8, 16, 24]) heap.setPointer(object + field, 0)
            heap.setReference(roots + at * 16, Tag.BOUND_METHOD, object)
            live.set(at, object)
            pages.add(Math.floor(object / PAGE_SIZE))
          } else {
            heap.setNull(roots + at * 16)
            live.delete(at)
          }
        }
        heap.collect()
        const used = new Set(live.values())
        const inUse = [...pages].filter((page) =>
          [...used].some((cell) => Math.floor(cell / PAGE_SIZE) === page),
        )
        const cells = inUse
          .sort((a, b) => a - b)
          .flatMap((page) =>
            Array.from(
              { length: Math.floor((PAGE_SIZE - 16) / size) },
              (_, i) => page * PAGE_SIZE + 16 + i * size,
            ),
          )
        const free = cells.filter((cell) => !used.has(cell))
        const list = freeCells(heap, sizeClass)
        if (list.join() !== free.join()) t.fail(`round ${round}: ${list.length} cells, not ${free.length}`)
        if (heap.stats.liveBytes !== used.size * size)
          t.fail(`round ${round}: ${heap.stats.liveBytes} bytes live`)
      }
      t.ok(pages.size >= 4, `${pages.size} pages`)
    },
  )
}

t.test('a page whose cells were used up and whose list went on in a page before it is swept', async (t) => {
  const heap = newHeap()
  const [sizeClass, size, perPage, some] = [2, 48, 341, 10]
  const roots = heap.allocateRootSlots(perPage + some)
  const low = heap.allocate(Kind.BYTES, 2 * PAGE_SIZE)
  const keep = (at: number): number => {
    const object = heap.allocate(Tag.BOUND_METHOD, size)
    for (const field of [8, 16, 24]) heap.setPointer(object + field, 0)
    heap.setReference(roots + at * 16, Tag.BOUND_METHOD, object)
    return object
  }
  const drop = (from: number): void => {
    for (let at = from; at < from + some; at++) heap.setNull(roots + at * 16)
  }
  for (let at = 0; at < perPage; at++) keep(at)
  drop(0)
  // The large object dies, and its pages come before the one of the small ones.
  heap.collect()
  t.equal(freeCells(heap, sizeClass).length, some)
  const refilled = Array.from({ length: some }, (_, at) => keep(at))
  t.ok(keep(perPage) < low + 2 * PAGE_SIZE)
  // As many die as came, so that the page has no more and no fewer live cells than before.
  drop(100)
  heap.collect()
  const free = freeCells(heap, sizeClass)
  t.equal(free.length, perPage - 1 + some)
  t.notOk(free.some((cell) => refilled.includes(cell)))
})

t.test('stress mode poisons what is freed and always wants to collect', async (t) => {
  const heap = newHeap(MiB, true)
  t.ok(heap.needsCollection())
  const root = heap.allocateRootSlots(1)
  setString(heap, root, 'keeps the page')
  const cell = heap.allocate(Tag.STRING, 32)
  heap.U8.fill(1, cell + 4, cell + 32)
  heap.collect()
  t.equal(heap.U8[cell], Kind.FREE)
  t.same([...heap.U8.subarray(cell + 16, cell + 32)], Array(16).fill(0xdb))
})

t.test('collection is due after 4 MiB, or more by what survived', async (t) => {
  const heap = newHeap(512 * MiB)
  const root = heap.allocateRootSlots(1)
  const limitWith = (elements: number): number => {
    createArray(heap, root, elements)
    heap.collect()
    return heap.U32[Context.ALLOCATION_LIMIT >> 2] as number
  }
  t.notOk(heap.needsCollection())
  heap.allocate(Kind.BYTES, 4 * MiB + 1)
  t.ok(heap.needsCollection())
  t.equal(limitWith(0), 4 * MiB)
  t.equal(limitWith(MiB / 16), 16 * heap.stats.liveBytes)
  t.ok(heap.stats.liveBytes > MiB)
  t.equal(limitWith(MiB), 32 * MiB)
  t.equal(limitWith(6 * MiB), heap.stats.liveBytes)
  t.ok(heap.stats.liveBytes > 96 * MiB)
})

t.test('the host hears of the end of host objects, also on pages without survivors', async (t) => {
  const heap = newHeap()
  const roots = heap.allocateRootSlots(2)
  const gone: string[] = []
  heap.onHostReleased = (type, index) => gone.push(`${type}/${index}`)
  createHost(heap, roots, 1, 10)
  createHost(heap, roots + 16, 2, 20)
  heap.setNull(roots)
  heap.collect()
  t.same(gone, ['1/10'])
  heap.setNull(roots + 16)
  heap.collect()
  heap.collect()
  t.same(gone, ['1/10', '2/20'])
})

t.test('root slots: contiguous, NULL, kept; larger than a page too', async (t) => {
  const heap = newHeap()
  const many = heap.allocateRootSlots(3000)
  for (let i = 0; i < 3000; i += 100) t.equal(heap.tagOf(many + i * 16), Tag.NULL)
  setString(heap, many + 2999 * 16, 'at the end')
  heap.collect()
  t.equal(toJsString(heap, heap.referenceOf(many + 2999 * 16)), 'at the end')
  t.not(heap.allocateRootSlots(1), many)
})

t.test('integers in slots: exact, with the conversions that do not allocate', async (t) => {
  const heap = newHeap()
  const slot = heap.allocateRootSlots(1)
  const cases = [
    0n,
    1n,
    -1n,
    2n ** 31n - 1n,
    2n ** 31n,
    -(2n ** 31n),
    -(2n ** 31n) - 1n,
    2n ** 32n,
    2n ** 53n,
    -(2n ** 53n),
    2n ** 63n - 1024n,
    -(2n ** 63n),
  ]
  for (const value of cases) {
    heap.setInteger(slot, Number(value))
    t.equal(heap.bigIntegerOf(slot), value)
    t.equal(heap.integerAsNumber(slot), Number(value))
    t.equal(heap.isSmallInteger(slot), BigInt.asIntN(32, value) === value, String(value))
    t.equal(heap.isSafeInteger(slot), Number.isSafeInteger(Number(value)))
  }
  heap.setBigInteger(slot, 2n ** 63n - 1n)
  t.equal(heap.integerAsNumber(slot), 2 ** 63)
  heap.setBigInteger(slot, 2n ** 53n + 1n)
  t.equal(heap.isSafeInteger(slot), false)
})

t.test('arrays: push shares the block, writes copy it', async (t) => {
  const heap = newHeap()
  const [a, b, c, value] = [0, 1, 2, 3].map(() => heap.allocateRootSlots(1)) as [
    number,
    number,
    number,
    number,
  ]
  const list = (slot: number): number[] => {
    const array = heap.referenceOf(slot)
    return Array.from({ length: arrayLength(heap, array) }, (_, i) =>
      heap.integerAsNumber(elementAddress(heap, array, i)),
    )
  }
  const push = (dst: number, from: number, n: number): void => {
    heap.setInteger(value, n)
    pushElement(heap, dst, heap.referenceOf(from), value)
  }
  const write = (slot: number, index: number, n: number): void =>
    heap.setInteger(elementForWrite(heap, heap.referenceOf(slot), index), n)
  heap.setInteger(value, 0)
  arrayFromSlots(heap, a, value, 1)
  push(b, a, 1)
  push(c, a, 2)
  write(b, 0, 9)
  t.same([list(a), list(b), list(c)], [[0], [9, 1], [0, 2]])
  write(a, 0, 5)
  t.same([list(a), list(b), list(c)], [[5], [9, 1], [0, 2]])
  write(c, 1, 7)
  push(b, b, 3)
  t.same([list(a), list(b), list(c)], [[5], [9, 1, 3], [0, 7]])
})

t.test(
  'arrays: pushing in a loop is linear, and a lone header owns its block after a collection',
  async (t) => {
    const heap = newHeap(64 * MiB)
    const a = heap.allocateRootSlots(1)
    const value = heap.allocateRootSlots(1)
    createArray(heap, a, 0)
    for (let i = 0; i < 100_000; i++) {
      heap.setInteger(value, i)
      pushElement(heap, a, heap.referenceOf(a), value)
    }
    t.ok(heap.stats.allocatedBytes < 100_000 * 16 * 6)
    const array = heap.referenceOf(a)
    const data = elementAddress(heap, array, 0)
    t.equal(heap.I32[(data - 16 + BlockLayout.SHARED) >> 2], 1)
    t.equal(elementForWrite(heap, array, 99_999), data + 99_999 * 16, 'no other array has this element')
    heap.collect()
    t.equal(heap.I32[(data - 16 + BlockLayout.SHARED) >> 2], 0)
    t.equal(elementForWrite(heap, array, 0), data)
    heap.setInteger(value, -1)
    const b = heap.allocateRootSlots(1)
    pushElement(heap, b, array, value)
    heap.collect()
    t.equal(heap.I32[(data - 16 + BlockLayout.SHARED) >> 2], 1, 'two headers: still shared')
    t.not(elementForWrite(heap, array, 99_999), data + 99_999 * 16)
  },
)

t.test('collections: their work stays in proportion to what is allocated', async (t) => {
  const heap = newHeap(1024 * MiB)
  const list = heap.allocateRootSlots(1)
  const value = heap.allocateRootSlots(1)
  createArray(heap, list, 0)
  for (let steps = 1; steps <= 800_000; steps++) {
    createArray(heap, value, 8)
    pushElement(heap, list, heap.referenceOf(list), value)
    if (heap.needsCollection()) heap.collect()
    if (steps % 100_000 !== 0) continue
    const { tracedBytes, allocatedBytes } = heap.stats
    t.ok(tracedBytes < 2 * allocatedBytes, `${tracedBytes} bytes traced, ${allocatedBytes} allocated`)
  }
  t.ok(heap.stats.collections >= 3, `${heap.stats.collections} collections`)
})
