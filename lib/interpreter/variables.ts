/** Names: variables by where they live, built-in functions, and names that nothing binds. */
import { CellLayout, ClosureLayout, SLOT_TAG, Tag } from '../heap/layout.js'
import { unboundName } from '../runtime/builtins/registry.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import { Code, Completion, LocatedCode } from './code.js'

/** A variable is read and assigned through the address of the slot that holds its value. */
export abstract class Variable extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    readonly name: string,
  ) {
    super(rt, position)
  }

  abstract address(base: number): number

  override evaluate(base: number, dst: number): Completion {
    const value = this.address(base)
    if (this.heap.I32[(value + SLOT_TAG) >> 2] === Tag.EMPTY) this.failEmpty(dst)
    this.heap.copy(dst, value)
    return Completion.NORMAL
  }

  private failEmpty(top: number): never {
    this.stand(top)
    failRuntime(this.rt, MESSAGES.identifierNotFound(this.name))
  }
}

export class GlobalVariable extends Variable {
  constructor(
    rt: Runtime,
    position: number,
    name: string,
    private readonly slot: number,
  ) {
    super(rt, position, name)
  }

  override address(): number {
    return this.slot
  }
}

/** A variable of the running function that no other function uses. */
export class LocalVariable extends Variable {
  /** @param offset bytes from the frame's base */
  constructor(
    rt: Runtime,
    position: number,
    name: string,
    private readonly offset: number,
  ) {
    super(rt, position, name)
  }

  override address(base: number): number {
    return base + this.offset
  }
}

/** A variable of the running function that closures share: the frame holds its cell. */
export class CellVariable extends Variable {
  constructor(
    rt: Runtime,
    position: number,
    name: string,
    private readonly offset: number,
  ) {
    super(rt, position, name)
  }

  override address(base: number): number {
    return (this.heap.I32[(base + this.offset) >> 2] as number) + CellLayout.VALUE
  }
}

/** A variable of a function around: the running closure holds its cell. */
export class CapturedVariable extends Variable {
  private readonly offset: number

  constructor(rt: Runtime, position: number, name: string, index: number) {
    super(rt, position, name)
    this.offset = ClosureLayout.CELLS + index * 8
  }

  override address(base: number): number {
    const { I32 } = this.heap
    const closure = I32[(base - 16) >> 2] as number
    return (I32[(closure + this.offset) >> 2] as number) + CellLayout.VALUE
  }
}

/** A name that the program does not bind but that is a built-in function's. */
export class BuiltinName extends Code {
  constructor(
    rt: Runtime,
    private readonly index: number,
  ) {
    super(rt)
  }

  override evaluate(_base: number, dst: number): Completion {
    this.heap.setBuiltin(dst, this.index)
    return Completion.NORMAL
  }
}

/** A name bound nowhere: fails, or constructs errors if it looks like an error type. */
export class UnboundName extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly name: string,
  ) {
    super(rt, position)
  }

  override evaluate(_base: number, dst: number): Completion {
    this.stand(dst)
    unboundName(this.rt, dst, this.name)
    return Completion.NORMAL
  }
}
