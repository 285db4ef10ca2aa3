/** Runs programs in the interpreter for tests. */
import { compileResolved } from '../../lib/bytecode/compile.js'
import { analyseScopes } from '../../lib/bytecode/scopes.js'
import { Heap, type HeapOptions } from '../../lib/heap/heap.js'
import { Interpreter } from '../../lib/interpreter/interpreter.js'
import { loadProgram } from '../../lib/modules/load.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { type ErrorParts, errorParts } from '../../lib/runtime/errors.js'
import { Runtime, THROWN, type Tier } from '../../lib/runtime/runtime.js'
import { registerStackRoots } from '../../lib/runtime/safepoint.js'
import { Vm } from '../../lib/vm/vm.js'

const HEAP: HeapOptions = { maxHeap: 8 << 20, maxDepth: 2000 }

export interface Outcome {
  output: string
  /** The uncaught error. */
  error: ErrorParts | null
  /** Parse errors or things not supported; then nothing ran. */
  messages: string[]
  rt: Runtime
}

export interface RunOptions {
  heap?: Partial<HeapOptions>
  /** What takes over deep calls: the VM, unless given. */
  handOver?: (rt: Runtime) => Tier
  /** 0: everything runs in the VM; 40: most programs run partly here and partly there. */
  handOverHeight?: number
}

export function runProgram(text: string, options: RunOptions = {}): Outcome {
  const heapOptions = { ...HEAP, ...options.heap }
  let output = ''
  const heap = new Heap(heapOptions)
  const write = (piece: string): void => {
    output += piece
  }
  const rt = new Runtime(heap, { write }, heapOptions)
  registerStackRoots(rt)
  const { document, diagnostics } = loadProgram(text, 'test.rush')
  if (diagnostics.length > 0) {
    return {
      output,
      error: null,
      messages: ['Parse errors:', ...diagnostics.map(({ message }) => message)],
      rt,
    }
  }
  const scopes = analyseScopes(document, (name) => builtinIndex(name) >= 0)
  let vm: Tier | null = null
  const interpreter = new Interpreter(rt, document, scopes, {
    handOverHeight: options.handOverHeight,
    handOver: () => {
      if (vm === null) vm = options.handOver === undefined ? makeVm() : options.handOver(rt)
      return vm
    },
  })
  const makeVm = (): Tier => {
    const made = new Vm(rt)
    made.load(compileResolved(document, scopes).program, interpreter.unit)
    return made
  }
  const unsupported = interpreter
    .unsupported()
    .map(({ line, column, message }) => `${line}:${column} ${message}`)
  if (unsupported.length > 0) return { output, error: null, messages: unsupported, rt }
  rt.tier = interpreter
  try {
    interpreter.run()
    return { output, error: null, messages: [], rt }
  } catch (error) {
    if (error !== THROWN) throw error
    return { output, error: errorParts(rt, rt.errorSlot), messages: [], rt }
  }
}
