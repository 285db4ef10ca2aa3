/** From the syntax tree of one function to its executable nodes: what all constructs need. */
import { errorPoint } from '../bytecode/points.js'
import type { FunctionInfo, Reference, Variable as ScopeVariable } from '../bytecode/scopes.js'
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { internString } from '../heap/strings.js'
import { builtinIndex } from '../runtime/builtins/registry.js'
import { LINK_INTERPRETED } from '../runtime/frames.js'
import type { Runtime } from '../runtime/runtime.js'
import type * as ast from '../syntax/ast.js'
import { buildSequence } from './build-statements.js'
import type { Code } from './code.js'
import { type Body, ScopeEntry } from './function-code.js'
import type { InterpretedUnit, Interpreter } from './interpreter.js'
import { Constant } from './values.js'
import {
  BuiltinName,
  CapturedVariable,
  CellVariable,
  GlobalVariable,
  LocalVariable,
  UnboundName,
  Variable,
} from './variables.js'

export function buildBody(interpreter: Interpreter, program: InterpretedUnit, info: FunctionInfo): Body {
  const builder = new Builder(interpreter, program, info)
  const { node } = info
  const code = buildSequence(builder, node.type === 'Program' ? node.body : node.body.body)
  return {
    code,
    hiddenLocals: builder.hiddenLocals,
    scope: builder.scopeEntry(info.scope.variables.values()),
    position: builder.site(node.position.start, info.name),
  }
}

export class Builder {
  readonly rt: Runtime
  /** Locals of the function's bytecode for what waits in a `switch` or for a finalizer. */
  hiddenLocals = 0
  /** Whether `break` and `continue` have somewhere to go where the builder is. */
  canBreak = false
  canContinue = false

  constructor(
    readonly interpreter: Interpreter,
    readonly program: InterpretedUnit,
    readonly info: FunctionInfo,
  ) {
    this.rt = interpreter.rt
  }

  /** Builds something inside a loop or `switch`. */
  inside<T>(kind: 'loop' | 'switch', build: () => T): T {
    const { canBreak, canContinue } = this
    this.canBreak = true
    if (kind === 'loop') this.canContinue = true
    const result = build()
    this.canBreak = canBreak
    this.canContinue = canContinue
    return result
  }

  /** A position for `Runtime.position`; `name` is for calls. */
  site({ line, column }: ast.Point, name = this.info.name): number {
    return (this.rt.interpretedSites.push({ name, line, column }) - 1) | LINK_INTERPRETED
  }

  /** The position at which errors of a node are reported. */
  errorSite(node: ast.Node): number {
    return this.site(errorPoint(node))
  }

  scopeEntry(variables: Iterable<ScopeVariable>): ScopeEntry {
    return new ScopeEntry(this.rt, this.program.unit.globals, variables)
  }

  constant(write: (slot: number) => void): Constant {
    const slot = this.rt.heap.allocateRootSlots(1)
    write(slot)
    return new Constant(this.rt, slot)
  }

  null(): Constant {
    return this.constant((slot) => this.rt.heap.setNull(slot))
  }

  string(text: string): Constant {
    const { heap } = this.rt
    return this.constant((slot) => heap.setReference(slot, Tag.STRING, internString(heap, text)))
  }

  reference(node: ast.Node): Reference {
    const reference = this.program.scopes.references.get(node)
    if (reference === undefined) throw new Error(`unresolved ${node.type}`)
    return reference
  }

  /** Where a file-level variable lives. */
  globalSlot({ slot }: ScopeVariable): number {
    return this.program.unit.globals + slot * SLOT_SIZE
  }

  /** What a name means; failing reads are reported at `position`. */
  name(reference: Reference, position: number): Code {
    const { rt } = this
    if (reference.kind === 'builtin') return new BuiltinName(rt, builtinIndex(reference.name))
    if (reference.kind === 'unbound') return new UnboundName(rt, position, reference.name)
    const { name, slot, captured } = reference.variable
    const offset = slot * SLOT_SIZE
    if (reference.kind === 'global')
      return new GlobalVariable(rt, position, name, this.globalSlot(reference.variable))
    if (reference.kind === 'upvalue') return new CapturedVariable(rt, position, name, reference.index)
    return captured
      ? new CellVariable(rt, position, name, offset)
      : new LocalVariable(rt, position, name, offset)
  }

  /** A name that something is assigned to. */
  target(node: ast.Identifier): Variable {
    const code = this.name(this.reference(node), this.errorSite(node))
    if (!(code instanceof Variable)) throw new Error(`assignment to ${node.name}`)
    return code
  }
}
