/**
 * Statements. Every statement leaves its value (core.md section 8) in its destination, null if it has
 * none: the value of a block is that of its last statement.
 */
import { SLOT_SIZE } from '../heap/layout.js'
import { failRuntime, throwValue } from '../runtime/errors.js'
import { strictEqual } from '../runtime/operators.js'
import type { Runtime } from '../runtime/runtime.js'
import { safepoint } from '../runtime/safepoint.js'
import { Code, Completion, LocatedCode } from './code.js'
import type { Interpreter } from './interpreter.js'
import type { Variable } from './variables.js'

/** Statements one after the other. */
export class Sequence extends Code {
  constructor(
    rt: Runtime,
    private readonly statements: readonly Code[],
  ) {
    super(rt)
    for (const statement of statements) this.uses(statement)
  }

  override evaluate(base: number, dst: number): Completion {
    const { statements } = this
    if (statements.length === 0) this.heap.setNull(dst)
    for (let i = 0; i < statements.length; i++) {
      const completion = (statements[i] as Code).evaluate(base, dst)
      if (completion !== Completion.NORMAL) return completion
    }
    return Completion.NORMAL
  }
}

/** `name = value`, also by `fn name`, `class` and `export`. */
export class Assignment extends Code {
  constructor(
    rt: Runtime,
    private readonly variable: Variable,
    private readonly value: Code,
  ) {
    super(rt)
    this.uses(value)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.value.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    this.heap.copy(this.variable.address(base), dst)
    return Completion.NORMAL
  }
}

export interface Branch {
  test: Code
  body: Code
}

/** `if`, `else if`, `else`: an expression; null if no branch is taken. */
export class If extends Code {
  constructor(
    rt: Runtime,
    private readonly branches: readonly Branch[],
    private readonly otherwise: Code | null,
  ) {
    super(rt)
    for (const { test, body } of branches) {
      this.uses(test)
      this.uses(body)
    }
    if (otherwise !== null) this.uses(otherwise)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, branches, otherwise } = this
    for (let i = 0; i < branches.length; i++) {
      const { test, body } = branches[i] as Branch
      const completion = test.evaluate(base, dst)
      if (completion !== Completion.NORMAL) return completion
      if (heap.isTruthy(dst)) return body.evaluate(base, dst)
    }
    if (otherwise !== null) return otherwise.evaluate(base, dst)
    heap.setNull(dst)
    return Completion.NORMAL
  }
}

/**
 * `while`, and `for` without its init part. Jumps inside condition and update part belong to the loop
 * as well.
 */
export class Loop extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly test: Code | null,
    private readonly body: Code,
    private readonly update: Code | null,
  ) {
    super(rt, position)
    for (const part of [test, body, update]) if (part !== null) this.uses(part, 0, 2)
  }

  override evaluate(base: number, dst: number): Completion {
    for (;;) {
      let completion = this.pass(base, dst)
      while (
        this.update !== null &&
        (completion === Completion.NORMAL || completion === Completion.CONTINUE)
      ) {
        completion = this.update.evaluate(base, dst)
        if (completion === Completion.NORMAL) break
        this.comeToSafepoint(dst)
      }
      if (completion === Completion.RETURN) return completion
      if (completion === Completion.BREAK) break
      this.comeToSafepoint(dst)
    }
    this.heap.setNull(dst)
    return Completion.NORMAL
  }

  /** Condition and body; BREAK also if the condition is false. */
  private pass(base: number, dst: number): Completion {
    const { test } = this
    if (test !== null) {
      const completion = test.evaluate(base, dst)
      if (completion !== Completion.NORMAL) return completion
      if (!this.heap.isTruthy(dst)) return Completion.BREAK
    }
    return this.body.evaluate(base, dst)
  }

  private comeToSafepoint(dst: number): void {
    this.stand(dst)
    safepoint(this.rt)
  }
}

export interface Case {
  tests: readonly Code[]
  body: Code
}

/** `switch`: the first case that matches strictly, else the default. `break` leaves it. */
export class Switch extends Code {
  /** @param fallback the body of `default`, wherever it stands */
  constructor(
    rt: Runtime,
    private readonly value: Code,
    private readonly cases: readonly Case[],
    private readonly fallback: Code | null,
  ) {
    super(rt)
    this.uses(value)
    for (const { tests, body } of cases) {
      for (const test of tests) this.uses(test, 1)
      this.uses(body)
    }
    if (fallback !== null) this.uses(fallback)
  }

  override evaluate(base: number, dst: number): Completion {
    let completion = this.value.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    let body = this.fallback
    search: for (const candidate of this.cases) {
      for (const test of candidate.tests) {
        completion = test.evaluate(base, dst + SLOT_SIZE)
        if (completion !== Completion.NORMAL) return completion
        if (!strictEqual(this.rt, dst, dst + SLOT_SIZE)) continue
        body = candidate.body
        break search
      }
    }
    completion = body === null ? Completion.BREAK : body.evaluate(base, dst)
    if (completion !== Completion.BREAK) return completion
    this.heap.setNull(dst)
    return Completion.NORMAL
  }
}

export class Return extends Code {
  constructor(
    private readonly interpreter: Interpreter,
    private readonly value: Code,
  ) {
    super(interpreter.rt)
    this.uses(value)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.value.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    this.heap.copy(this.interpreter.returned, dst)
    return Completion.RETURN
  }
}

/** `break` or `continue` that has a loop or switch to go to. */
export class Jump extends Code {
  constructor(
    rt: Runtime,
    private readonly completion: Completion,
  ) {
    super(rt)
  }

  override evaluate(): Completion {
    return this.completion
  }
}

export class Throw extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly value: Code,
  ) {
    super(rt, position)
    this.uses(value)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.value.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst + SLOT_SIZE)
    throwValue(this.rt, dst)
  }
}

/** What is known from the text to be wrong, if it is ever executed: fails behind its operands. */
export class Failure extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly message: string,
    private readonly operands: Code,
  ) {
    super(rt, position)
    this.uses(operands)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.operands.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst)
    failRuntime(this.rt, this.message)
  }
}
