/**
 * Tier 0: runs a program from its syntax tree. This file has the calls and frames; what each
 * construct does is in the `evaluate` methods of its node class.
 */

import { sourceOf } from '../bytecode/compile.js'
import { NO_BODY } from '../bytecode/program.js'
import type { ScopeInfo } from '../bytecode/scopes.js'
import {
  BoundMethodLayout,
  ClosureLayout,
  Context,
  FunctionLayout,
  SLOT_SHIFT,
  SLOT_SIZE,
  Tag,
} from '../heap/layout.js'
import { createClosure } from '../heap/objects.js'
import { callBuiltin } from '../runtime/builtins/registry.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import { LINK_POSITION, LINK_TAG, linkTag } from '../runtime/frames.js'
import { callMethodValue } from '../runtime/properties.js'
import { type Runtime, type RuntimeFunction, THROWN, type Tier } from '../runtime/runtime.js'
import { safepoint } from '../runtime/safepoint.js'
import { placeCaught } from '../runtime/trace.js'
import { typeName } from '../runtime/types.js'
import { createUnit, type Unit } from '../runtime/unit.js'
import type { AstDocument } from '../syntax/ast.js'
import { printFunction } from '../syntax/index.js'
import { FunctionCode } from './function-code.js'

/**
 * The interpreter recurses on the JavaScript stack. It counts how deep its running functions may get
 * (`Code.height`), and gives calls beyond this limit to the VM, which does not recurse. Node's stack
 * of 984 KiB has room for at least four times as many (README.md), so that enough is left for the
 * runtime, and for building and compiling functions in the midst of the run.
 */
const HAND_OVER_HEIGHT = 1000
/** What a call takes besides the nodes of the function called; builtins may lie in between. */
const CALL_HEIGHT = 4

export interface InterpreterOptions {
  /** Gives the tier that takes over calls that are nested too deeply; it must know the units. */
  handOver: (units: readonly InterpretedUnit[]) => Tier
  /** Instead of HAND_OVER_HEIGHT, for tests. */
  handOverHeight?: number
}

/** A program, or a piece of an interactive session, as the interpreter runs it. */
export interface InterpretedUnit {
  readonly unit: Unit
  readonly document: AstDocument
  readonly scopes: ScopeInfo
}

export class Interpreter implements Tier {
  /** Root slot that holds the value on its way from a `return` to the end of the call. */
  readonly returned: number
  private readonly units: InterpretedUnit[] = []
  /** By function number, like `Runtime.functions`. */
  private readonly functions: FunctionCode[] = []
  /** How deep the running functions may get on the JavaScript stack. */
  private height = 0
  private readonly maxHeight: number

  constructor(
    readonly rt: Runtime,
    private readonly options: InterpreterOptions,
  ) {
    this.maxHeight = options.handOverHeight ?? HAND_OVER_HEIGHT
    this.returned = rt.heap.allocateRootSlots(1)
  }

  /**
   * Makes the program's unit in the runtime; nothing runs yet.
   *
   * @param globals see `createUnit`
   */
  load(document: AstDocument, scopes: ScopeInfo, globals = 0): InterpretedUnit {
    const { rt } = this
    const shapes = scopes.functions.map((info) => {
      const { node } = info
      return {
        name: info.name,
        parameters: node.type === 'Program' ? [] : node.parameters.map((parameter) => parameter.name),
        method: info.method,
        text: () => (node.type === 'Program' ? '' : printFunction(node)),
        body: node.type === 'Program',
        source: sourceOf(document, info),
        locals: info.locals,
      }
    })
    const globalNames = scopes.globals.map((variable) => variable.name)
    const modules = scopes.files.slice(1).map(({ name, error, body, globals }) => ({
      file: name,
      error,
      main: body?.index ?? NO_BODY,
      globals,
    }))
    const parts = { source: document.source, globalNames, shapes, modules }
    const loaded = { unit: createUnit(rt, parts, globals), document, scopes }
    scopes.functions.forEach((info, index) => {
      this.functions[loaded.unit.firstFunction + index] = new FunctionCode(this, loaded, info)
    })
    this.units.push(loaded)
    return loaded
  }

  /** Address of the FUNCTION record of a function of a unit. */
  recordOf(unit: Unit, index: number): number {
    return (this.rt.functions[unit.firstFunction + index] as RuntimeFunction).record
  }

  /**
   * Runs the body of the unit's main program. Throws THROWN if it ends in an error, which is then in
   * `Runtime.errorSlot` with its place.
   *
   * @returns the slot of the program's value, above the stack's top
   */
  run(unit: Unit): number {
    const { rt } = this
    const callee = rt.top
    createClosure(rt.heap, callee, this.recordOf(unit, 0), 0)
    rt.top = callee + SLOT_SIZE
    try {
      this.callClosure(callee, 0, MESSAGES.argumentCount)
    } finally {
      rt.top = callee
    }
    return callee
  }

  /** See `Tier`. */
  call(callee: number, argc: number): void {
    const { rt } = this
    const { heap } = rt
    switch (heap.tagOf(callee)) {
      case Tag.CLOSURE:
        return this.callClosure(callee, argc, MESSAGES.argumentCount)
      case Tag.BUILTIN:
        safepoint(rt)
        return callBuiltin(rt, heap.referenceOf(callee), callee + SLOT_SIZE, argc, callee)
      case Tag.BOUND_METHOD:
        return this.callBoundMethod(callee, argc)
      case Tag.METHOD_VALUE:
        safepoint(rt)
        return callMethodValue(rt, callee, heap.referenceOf(callee), callee + SLOT_SIZE, argc)
      default:
        failRuntime(rt, MESSAGES.notAFunction(typeName(rt, callee)))
    }
  }

  /** Puts the receiver between the method and the arguments. */
  private callBoundMethod(callee: number, argc: number): void {
    const { heap } = this.rt
    const bound = heap.referenceOf(callee)
    for (let slot = callee + argc * SLOT_SIZE; slot > callee; slot -= SLOT_SIZE)
      heap.copy(slot + SLOT_SIZE, slot)
    heap.setReference(callee + SLOT_SIZE, Tag.INSTANCE, heap.getPointer(bound + BoundMethodLayout.RECEIVER))
    heap.setReference(callee, Tag.CLOSURE, heap.getPointer(bound + BoundMethodLayout.METHOD))
    this.callClosure(callee, argc + 1, MESSAGES.argumentCount)
  }

  /**
   * Calls the closure in the slot `callee`; `argc` counts `self`, too.
   *
   * @param countMessage what to say if the number of arguments is wrong
   */
  callClosure(callee: number, argc: number, countMessage: (want: number, got: number) => string): void {
    const { rt } = this
    const { I32 } = rt.heap
    const top = callee + (argc + 1) * SLOT_SIZE
    const closure = I32[callee >> 2] as number
    const record = I32[(closure + ClosureLayout.FUNCTION) >> 2] as number
    const parameters = I32[(record + FunctionLayout.PARAMETERS) >> 2] as number
    if (argc !== parameters) {
      const self = I32[(record + FunctionLayout.METHOD) >> 2] as number
      failRuntime(rt, countMessage(parameters - self, argc - self))
    }
    const index = I32[(record + FunctionLayout.INDEX) >> 2] as number
    const code = (this.functions[index] as FunctionCode).prepare()
    const caller = rt.base
    const position = rt.position
    const depth = I32[Context.DEPTH >> 2] as number
    const height = this.height
    try {
      if (height + code.height + CALL_HEIGHT > this.maxHeight) {
        rt.top = top
        return this.options.handOver(this.units).call(callee, argc)
      }
      if (depth < code.charge) failRuntime(rt, MESSAGES.stackOverflow())
      const base = callee + SLOT_SIZE
      I32[(base + LINK_TAG) >> 2] = linkTag(caller === 0 ? 0 : (base - caller) >> SLOT_SHIFT)
      I32[(base + LINK_POSITION) >> 2] = position
      I32[Context.DEPTH >> 2] = depth - code.charge
      this.height = height + code.height + CALL_HEIGHT
      rt.base = base
      code.run(base, callee)
    } catch (error) {
      this.land(error)
      throw THROWN
    } finally {
      rt.base = caller
      rt.position = position
      rt.top = top
      I32[Context.DEPTH >> 2] = depth
      this.height = height
    }
  }

  /**
   * Where an error arrives whose frame is still there: gives it its place. Rethrows what is not an
   * error of the program.
   */
  land(error: unknown): void {
    placeCaught(this.rt, error)
  }
}
