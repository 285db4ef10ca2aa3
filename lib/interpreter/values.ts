/** Literals, and values that are put together from others. */

import type { Capture } from '../bytecode/program.js'
import { appendElement, createArray } from '../heap/arrays.js'
import { createHash, setEntry } from '../heap/hashes.js'
import { ClosureLayout, SLOT_SIZE } from '../heap/layout.js'
import { closureCell, createClosure, setClosureCell } from '../heap/objects.js'
import { checkKey } from '../runtime/indexing.js'
import type { Runtime } from '../runtime/runtime.js'
import { Code, Completion, evaluateInOrder, LocatedCode } from './code.js'

/** Literals longer than this are built in steps, so that frames stay small; as in the compiler. */
const LITERAL_CHUNK = 64

/** A value that never changes. */
export class Constant extends Code {
  /** @param slot holds the value, for ever */
  constructor(
    rt: Runtime,
    private readonly slot: number,
  ) {
    super(rt)
  }

  override evaluate(_base: number, dst: number): Completion {
    this.heap.copy(dst, this.slot)
    return Completion.NORMAL
  }
}

function chunksOf<T>(list: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let start = 0; start < list.length; start += size) chunks.push(list.slice(start, start + size))
  return chunks
}

/** `[a, b, ...]` */
export class ArrayLiteral extends LocatedCode {
  private readonly chunks: readonly Code[][]

  constructor(
    rt: Runtime,
    position: number,
    private readonly elements: readonly Code[],
  ) {
    super(rt, position)
    this.chunks = chunksOf(elements, LITERAL_CHUNK)
    for (const chunk of this.chunks) this.usesInOrder(chunk, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    this.stand(dst)
    const array = createArray(this.heap, dst, this.elements.length)
    for (const chunk of this.chunks) {
      const completion = evaluateInOrder(chunk, base, dst + SLOT_SIZE)
      if (completion !== Completion.NORMAL) return completion
      const end = dst + SLOT_SIZE * (chunk.length + 1)
      this.stand(end)
      for (let element = dst + SLOT_SIZE; element < end; element += SLOT_SIZE) {
        appendElement(this.heap, array, element)
      }
    }
    return Completion.NORMAL
  }
}

/** `{key: value, ...}`; a key that is repeated keeps its first place and gets the last value. */
export class HashLiteral extends LocatedCode {
  private readonly chunks: readonly Code[][]

  /** @param parts key, value, key, value, ... */
  constructor(
    rt: Runtime,
    position: number,
    private readonly parts: readonly Code[],
  ) {
    super(rt, position)
    this.chunks = chunksOf(parts, 2 * LITERAL_CHUNK)
    for (const chunk of this.chunks) this.usesInOrder(chunk, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    this.stand(dst)
    const hash = createHash(this.heap, dst, this.parts.length / 2)
    for (const chunk of this.chunks) {
      const completion = evaluateInOrder(chunk, base, dst + SLOT_SIZE)
      if (completion !== Completion.NORMAL) return completion
      const end = dst + SLOT_SIZE * (chunk.length + 1)
      this.stand(end)
      for (let key = dst + SLOT_SIZE; key < end; key += 2 * SLOT_SIZE) {
        checkKey(this.rt, key)
        setEntry(this.heap, hash, key, key + SLOT_SIZE)
      }
    }
    return Completion.NORMAL
  }
}

/**
 * `fn(...) { ... }`: makes a closure, which shares the cells of the variables it captures. Inside a
 * method it has the method's home class, for `super`.
 */
export class FunctionLiteral extends LocatedCode {
  /** @param record address of the FUNCTION record */
  constructor(
    rt: Runtime,
    position: number,
    private readonly record: number,
    private readonly captures: readonly Capture[],
  ) {
    super(rt, position)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, captures } = this
    this.stand(dst)
    const closure = createClosure(heap, dst, this.record, captures.length)
    const running = heap.referenceOf(base - SLOT_SIZE)
    heap.setPointer(closure + ClosureLayout.HOME, heap.getPointer(running + ClosureLayout.HOME))
    for (let i = 0; i < captures.length; i++) {
      const { from, index } = captures[i] as Capture
      const cell =
        from === 'local' ? heap.referenceOf(base + index * SLOT_SIZE) : closureCell(heap, running, index)
      setClosureCell(heap, closure, i, cell)
    }
    return Completion.NORMAL
  }
}
