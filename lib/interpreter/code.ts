/**
 * Executable nodes. Before a function runs for the first time its syntax tree is turned into a tree
 * of these, one class per construct, whose `evaluate` methods say what the construct means.
 */
import type { Heap } from '../heap/heap.js'
import { SLOT_SIZE } from '../heap/layout.js'
import type { Runtime } from '../runtime/runtime.js'

/** How the evaluation of a node ended (errors are the JavaScript exception THROWN). */
export enum Completion {
  /** The value is in the node's destination. */
  NORMAL,
  BREAK,
  CONTINUE,
  /** The value is in `Activation.returned`. */
  RETURN,
}

export abstract class Code {
  /** How many JavaScript calls evaluation may nest: levels of nodes, and helpers in between. */
  height = 1
  /** Slots that evaluation may use from its destination on. */
  slots = 1
  protected readonly heap: Heap

  constructor(protected readonly rt: Runtime) {
    this.heap = rt.heap
  }

  /**
   * Evaluates the node in the frame at `base` and leaves its value in the slot `dst`. That slot and
   * those behind it are free for intermediate values; all slots of the frame below it have values.
   * So `dst` is also where the stack of the running program ends.
   *
   * Unless the completion is NORMAL, the caller returns it at once: jumps leave expressions too.
   */
  abstract evaluate(base: number, dst: number): Completion

  /**
   * Counts a child that is evaluated `offset` slots above this node's destination.
   *
   * @param calls JavaScript calls from `evaluate` to the child's
   */
  protected uses(child: Code, offset = 0, calls = 1): void {
    this.height = Math.max(this.height, child.height + calls)
    this.slots = Math.max(this.slots, child.slots + offset)
  }

  /** Counts children that `evaluateInOrder` evaluates. */
  protected usesInOrder(children: readonly Code[], offset = 0): void {
    children.forEach((child, i) => {
      this.uses(child, offset + i, 2)
    })
  }
}

/** A node that may fail, call or allocate, so that somebody may ask where the program stands. */
export abstract class LocatedCode extends Code {
  /** @param position a number in `Runtime.interpretedSites`, marked INTERPRETED */
  constructor(
    rt: Runtime,
    protected readonly position: number,
  ) {
    super(rt)
  }

  /** Says where the program stands, and that the slots below `top` have values. */
  protected stand(top: number): void {
    this.rt.position = this.position
    this.rt.top = top
  }
}

/**
 * Evaluates `list` into consecutive slots from `dst` on. A completion other than NORMAL ends it.
 */
export function evaluateInOrder(list: readonly Code[], base: number, dst: number): Completion {
  for (let i = 0; i < list.length; i++) {
    const completion = (list[i] as Code).evaluate(base, dst + i * SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
  }
  return Completion.NORMAL
}
