/** `try` with `catch` clauses, and `try` with `finally`; a statement with both is one inside the other. */
import { SLOT_SIZE } from '../heap/layout.js'
import { errorIs } from '../runtime/errors.js'
import { THROWN } from '../runtime/runtime.js'
import { Code, Completion } from './code.js'
import type { ScopeEntry } from './function-code.js'
import type { Interpreter } from './interpreter.js'

/** `catch (type parameter) { body }` */
export interface CatchClause {
  /** null: takes every error. */
  type: string | null
  /** Bytes from the frame's base to the catch variable. */
  parameter: number
  scope: ScopeEntry
  body: Code
}

export class TryCatch extends Code {
  constructor(
    private readonly interpreter: Interpreter,
    private readonly block: Code,
    private readonly clauses: readonly CatchClause[],
  ) {
    super(interpreter.rt)
    this.uses(block)
    for (const { body } of clauses) this.uses(body)
  }

  override evaluate(base: number, dst: number): Completion {
    try {
      return this.block.evaluate(base, dst)
    } catch (error) {
      this.interpreter.land(error)
    }
    const { rt, heap } = this
    for (const { type, parameter, scope, body } of this.clauses) {
      if (type !== null && !errorIs(rt, rt.errorSlot, type)) continue
      rt.top = dst
      heap.copy(base + parameter, rt.errorSlot)
      scope.enter(base)
      return body.evaluate(base, dst)
    }
    throw THROWN
  }
}

/**
 * However the block ends, the finalizer runs; then what was under way goes on, unless the finalizer
 * itself ended in a jump, `return` or error. What waits meanwhile lies in the destination: the
 * statement's value, the value of a `return`, or the error.
 */
export class TryFinally extends Code {
  constructor(
    private readonly interpreter: Interpreter,
    private readonly block: Code,
    private readonly finalizer: Code,
  ) {
    super(interpreter.rt)
    this.uses(block)
    this.uses(finalizer, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, rt, interpreter } = this
    let completion: Completion | null = null
    try {
      completion = this.block.evaluate(base, dst)
    } catch (error) {
      interpreter.land(error)
    }
    if (completion === null) heap.copy(dst, rt.errorSlot)
    else if (completion === Completion.RETURN) heap.copy(dst, interpreter.returned)
    else if (completion !== Completion.NORMAL) heap.setNull(dst)
    const end = this.finalizer.evaluate(base, dst + SLOT_SIZE)
    if (end !== Completion.NORMAL) return end
    if (completion === null) {
      heap.copy(rt.errorSlot, dst)
      throw THROWN
    }
    if (completion === Completion.RETURN) heap.copy(interpreter.returned, dst)
    return completion
  }
}
