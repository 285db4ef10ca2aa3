/** Functions as the interpreter runs them, and what happens when a scope is entered. */
import { frameSlots } from '../bytecode/compile.js'
import type { FunctionInfo, Variable } from '../bytecode/scopes.js'
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { createCell } from '../heap/objects.js'
import { builtinIndex } from '../runtime/builtins/registry.js'
import { frameCharge } from '../runtime/frames.js'
import type { Runtime } from '../runtime/runtime.js'
import { safepoint } from '../runtime/safepoint.js'
import { buildBody } from './build.js'
import { type Code, Completion } from './code.js'
import type { InterpretedUnit, Interpreter } from './interpreter.js'

/** Where bytecode needs more slots than the nodes here, for copies and errors, it is no more than this. */
export const MORE_IN_BYTECODE = 4

/** Gives the variables of a function or catch clause their first state. */
export class ScopeEntry {
  private readonly steps: readonly { variable: Variable; builtin: number }[]

  /** @param globals address of file-level variable 0 */
  constructor(
    private readonly rt: Runtime,
    private readonly globals: number,
    variables: Iterable<Variable>,
  ) {
    this.steps = [...variables]
      .filter((variable) => variable.builtin || !variable.global)
      .map((variable) => ({ variable, builtin: variable.builtin ? builtinIndex(variable.name) : -1 }))
  }

  enter(base: number): void {
    const { heap } = this.rt
    for (const { variable, builtin } of this.steps) {
      const slot = (variable.global ? this.globals : base) + variable.slot * SLOT_SIZE
      if (builtin >= 0) heap.setBuiltin(slot, builtin)
      else if (!variable.parameter) heap.setEmpty(slot)
      if (variable.captured) heap.setReference(slot, Tag.CELL, createCell(heap, slot))
    }
  }
}

/** A prepared function body. */
export interface Body {
  code: Code
  hiddenLocals: number
  scope: ScopeEntry
  /** Where the function stands before it does anything. */
  position: number
}

export class FunctionCode {
  private body: Body | null = null
  private readonly parameterBytes: number
  private readonly localBytes: number
  /** See `Code.height`. Known once prepared. */
  height = 0
  /** What a call takes from `Runtime.depth`. Known once prepared. */
  charge = 0

  constructor(
    private readonly interpreter: Interpreter,
    private readonly program: InterpretedUnit,
    private readonly info: FunctionInfo,
  ) {
    const { node } = info
    const parameters = node.type === 'Program' ? 0 : node.parameters.length + (info.method ? 1 : 0)
    this.parameterBytes = parameters * SLOT_SIZE
    this.localBytes = info.locals * SLOT_SIZE
  }

  /** Builds the executable nodes if the function has none yet: many functions are never called. */
  prepare(): this {
    if (this.body === null) {
      this.body = buildBody(this.interpreter, this.program, this.info)
      this.height = this.body.code.height
      this.charge = this.chargeOf(this.body)
    }
    return this
  }

  /** What the VM charges, so that the stack overflows at the same depth in every tier. */
  private chargeOf({ code, hiddenLocals }: Body): number {
    const { info } = this
    const most = info.locals + hiddenLocals + code.slots + MORE_IN_BYTECODE
    return frameCharge(most) === 1 ? 1 : frameCharge(frameSlots(this.program.scopes, info))
  }

  /** Runs the body in a frame whose parameters are set; the result goes to the slot `result`. */
  run(base: number, result: number): void {
    const { interpreter } = this
    const { rt } = interpreter
    const { heap } = rt
    const { code, scope, position } = this.body as Body
    const top = base + this.localBytes
    for (let slot = base + this.parameterBytes; slot < top; slot += SLOT_SIZE) heap.setEmpty(slot)
    rt.position = position
    rt.top = top
    safepoint(rt)
    scope.enter(base)
    const completion = code.evaluate(base, top)
    heap.copy(result, completion === Completion.RETURN ? interpreter.returned : top)
  }
}
