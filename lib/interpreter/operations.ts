/** Operators, indexing and properties: operands are evaluated from the left, then the runtime acts. */
import { SLOT_SIZE } from '../heap/layout.js'
import { indexGet, indexSet } from '../runtime/indexing.js'
import type { BinaryOperator, UnaryOperator } from '../runtime/operators.js'
import { getProperty } from '../runtime/properties.js'
import type { Runtime } from '../runtime/runtime.js'
import { Code, Completion, LocatedCode } from './code.js'

export class Unary extends LocatedCode {
  private readonly apply: UnaryOperator['apply']

  constructor(
    rt: Runtime,
    position: number,
    operator: UnaryOperator,
    private readonly operand: Code,
  ) {
    super(rt, position)
    this.apply = operator.apply
    this.uses(operand)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.operand.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst + SLOT_SIZE)
    this.apply(this.rt, dst, dst)
    return Completion.NORMAL
  }
}

export class Binary extends LocatedCode {
  private readonly apply: BinaryOperator['apply']

  constructor(
    rt: Runtime,
    position: number,
    operator: BinaryOperator,
    private readonly left: Code,
    private readonly right: Code,
  ) {
    super(rt, position)
    this.apply = operator.apply
    this.uses(left)
    this.uses(right, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    let completion = this.left.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    completion = this.right.evaluate(base, dst + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst + 2 * SLOT_SIZE)
    this.apply(this.rt, dst, dst, dst + SLOT_SIZE)
    return Completion.NORMAL
  }
}

/** `&&` and `||`: give a boolean, and evaluate the right side only if the left does not decide. */
export class Logical extends Code {
  /** @param decisive the truth value of the left side that decides: true for `||` */
  constructor(
    rt: Runtime,
    private readonly decisive: boolean,
    private readonly left: Code,
    private readonly right: Code,
  ) {
    super(rt)
    this.uses(left)
    this.uses(right)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, decisive } = this
    let completion = this.left.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    if (heap.isTruthy(dst) !== decisive) {
      completion = this.right.evaluate(base, dst)
      if (completion !== Completion.NORMAL) return completion
    }
    heap.setBoolean(dst, heap.isTruthy(dst))
    return Completion.NORMAL
  }
}

/** `object[index]` */
export class IndexRead extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly object: Code,
    private readonly index: Code,
  ) {
    super(rt, position)
    this.uses(object)
    this.uses(index, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    let completion = this.object.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    completion = this.index.evaluate(base, dst + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst + 2 * SLOT_SIZE)
    indexGet(this.rt, dst, dst, dst + SLOT_SIZE)
    return Completion.NORMAL
  }
}

/** `object[index] = value`; its own value is the value assigned. */
export class IndexWrite extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly object: Code,
    private readonly index: Code,
    private readonly value: Code,
  ) {
    super(rt, position)
    this.uses(object)
    this.uses(index, 1)
    this.uses(value, 2)
  }

  override evaluate(base: number, dst: number): Completion {
    let completion = this.object.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    completion = this.index.evaluate(base, dst + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    const value = dst + 2 * SLOT_SIZE
    completion = this.value.evaluate(base, value)
    if (completion !== Completion.NORMAL) return completion
    this.stand(value + SLOT_SIZE)
    indexSet(this.rt, dst, dst + SLOT_SIZE, value)
    this.heap.copy(dst, value)
    return Completion.NORMAL
  }
}

/** `object.name` without a call. */
export class PropertyRead extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly object: Code,
    private readonly name: string,
  ) {
    super(rt, position)
    this.uses(object)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.object.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst + SLOT_SIZE)
    getProperty(this.rt, dst, dst, this.name)
    return Completion.NORMAL
  }
}
