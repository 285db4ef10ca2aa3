/** Shows what is compiled, as it is compiled: IR at the stages asked for, and the listing. */
import { pointAt } from '../../bytecode/positions.js'
import type { CompiledFunction } from '../compile.js'
import type { Graph } from '../ir/graph.js'
import { printFunction, printIrStage } from '../listing.js'
import { objectFunction } from '../object-code.js'
import type { IrStage } from '../pass-names.js'
import type { Target } from '../target.js'
import { AT_ENTRY, type CodeKey } from './code-cache.js'
import type { CompileWatcher } from './interface.js'

export interface DumpRequest {
  stages: readonly IrStage[]
  listing: boolean
  /** Only functions of this name; '' = all. */
  only: string
}

export class CompileDump implements CompileWatcher {
  constructor(
    private readonly target: Target,
    private readonly request: DumpRequest,
    private readonly write: (text: string) => void,
  ) {}

  ir(key: CodeKey, stage: IrStage, graph: Graph): void {
    if (!this.wants(key) || !this.request.stages.includes(stage)) return
    const { unit, index } = key.fn
    this.write(`${this.loopNote(key)}${printIrStage(unit.program, index - unit.firstFunction, stage, graph)}`)
  }

  code(key: CodeKey, compiled: CompiledFunction): void {
    if (!this.wants(key) || !this.request.listing) return
    const { fn } = key
    const entry = objectFunction(fn.index - fn.unit.firstFunction, fn.name, compiled)
    this.write(`${this.loopNote(key)}${printFunction(this.target, fn.unit.program, entry)}`)
  }

  private wants({ fn }: CodeKey): boolean {
    return this.request.only === '' || this.request.only === fn.name
  }

  /** What is compiled of a loop begins there. */
  private loopNote({ fn, header }: CodeKey): string {
    if (header === AT_ENTRY) return ''
    return `${this.target.instructionSet.comment} from the loop at line ${pointAt(fn.bytecode, header).line}\n`
  }
}
