/** `import` and `export`. */
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { createClosure } from '../heap/objects.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import { beginImport, endImport, failImport } from '../runtime/modules.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Unit } from '../runtime/unit.js'
import { Code, type Completion, Completion as End, LocatedCode } from './code.js'
import type { Interpreter } from './interpreter.js'
import type { Variable } from './variables.js'

export interface ImportedName {
  name: string
  /** Slot of the export; 0 if the module's text exports no such name. */
  from: number
  to: Variable
}

/** What the body takes of the JavaScript stack is counted by the call itself. */
export class Import extends LocatedCode {
  /**
   * @param place as written
   * @param module number of the module in the unit, or -1 if it surely has run
   */
  constructor(
    private readonly interpreter: Interpreter,
    private readonly unit: Unit,
    position: number,
    private readonly place: string,
    private readonly module: number,
    private readonly items: readonly ImportedName[],
  ) {
    super(interpreter.rt, position)
    this.slots = 2
  }

  override evaluate(base: number, dst: number): Completion {
    const { rt, heap, module, place } = this
    this.stand(dst)
    if (module >= 0 && !beginImport(rt, this.unit, module, place)) this.run(dst)
    this.stand(dst)
    for (const { name, from, to } of this.items) {
      if (from === 0 || heap.tagOf(from) === Tag.EMPTY) failRuntime(rt, MESSAGES.noExport(place, name))
      heap.copy(to.address(base), from)
    }
    heap.setNull(dst)
    return End.NORMAL
  }

  private run(dst: number): void {
    const { rt, heap, interpreter, unit, module } = this
    createClosure(heap, dst, interpreter.recordOf(unit, unit.modules[module]?.main ?? 0), 0)
    rt.top = dst + SLOT_SIZE
    try {
      interpreter.callClosure(dst, 0, MESSAGES.argumentCount)
    } catch (error) {
      interpreter.land(error)
      this.stand(dst)
      failImport(rt, unit, module, this.place, rt.errorSlot)
    }
    endImport(rt, unit, module)
  }
}

/** The file-level variable in `export name`. */
export class ExportedVariable extends LocatedCode {
  constructor(
    rt: Runtime,
    position: number,
    private readonly slot: number,
    private readonly name: string,
  ) {
    super(rt, position)
  }

  override evaluate(_base: number, dst: number): Completion {
    const { heap, slot } = this
    this.stand(dst)
    if (heap.tagOf(slot) === Tag.EMPTY) failRuntime(this.rt, MESSAGES.exportUndefined(this.name))
    heap.copy(dst, slot)
    return End.NORMAL
  }
}

export class Export extends Code {
  /**
   * @param source gives the value that is exported
   * @param slot where it goes; 0: nothing is exported here
   * @param hasValue whether the statement's value is the exported one, or null
   */
  constructor(
    rt: Runtime,
    private readonly source: Code,
    private readonly slot: number,
    private readonly hasValue: boolean,
  ) {
    super(rt)
    this.uses(source)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.source.evaluate(base, dst)
    if (completion !== End.NORMAL) return completion
    if (this.slot !== 0) this.heap.copy(this.slot, dst)
    if (!this.hasValue) this.heap.setNull(dst)
    return End.NORMAL
  }
}
