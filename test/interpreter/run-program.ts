/** Runs programs in the interpreter for tests. */
import { refusals } from '../../lib/bytecode/refusals.js'
import { analyseScopes } from '../../lib/bytecode/scopes.js'
import { Heap, type HeapOptions } from '../../lib/heap/heap.js'
import { Interpreter } from '../../lib/interpreter/interpreter.js'
import { loadProgram } from '../../lib/modules/load.js'
import { makeHandOver } from '../../lib/run/hand-over.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { type ErrorParts, errorParts } from '../../lib/runtime/errors.js'
import { Runtime, THROWN, type Tier } from '../../lib/runtime/runtime.js'
import { registerStackRoots } from '../../lib/runtime/safepoint.js'

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
  const refused = refusals(document, scopes)
  const problems = refused.map(({ line, column, message }) => `${line}:${column} ${message}`)
  if (problems.length > 0) return { output, error: null, messages: problems, rt }
  const given = options.handOver?.(rt)
  const interpreter = new Interpreter(rt, {
    handOverHeight: options.handOverHeight,
    handOver: given === undefined ? makeHandOver(rt) : () => given,
  })
  const { unit } = interpreter.load(document, scopes)
  rt.tier = interpreter
  try {
    interpreter.run(unit)
    return { output, error: null, messages: [], rt }
  } catch (error) {
    if (error !== THROWN) throw error
    return { output, error: errorParts(rt, rt.errorSlot), messages: [], rt }
  }
}
