/** Runs programs in the interpreter for tests. */
import { analyseScopes } from '../../lib/bytecode/scopes.js'
import { Heap, type HeapOptions } from '../../lib/heap/heap.js'
import { Interpreter } from '../../lib/interpreter/interpreter.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { type ErrorParts, errorParts } from '../../lib/runtime/errors.js'
import { Runtime, THROWN, type Tier } from '../../lib/runtime/runtime.js'
import { registerStackRoots } from '../../lib/runtime/safepoint.js'
import { parse } from '../../lib/syntax/index.js'

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
  /** What takes over deep calls; without it such programs are a test failure. */
  handOver?: (rt: Runtime) => Tier
  handOverHeight?: number
}

export function runProgram(text: string, options: RunOptions = {}): Outcome {
  const heapOptions = { ...HEAP, ...options.heap }
  let output = ''
  const heap = new Heap(heapOptions)
  const rt = new Runtime(heap, { write: (piece) => void (output += piece) }, heapOptions)
  registerStackRoots(rt)
  const { program, diagnostics } = parse(text, 'test.rush')
  if (diagnostics.length > 0) {
    return { output, error: null, messages: ['Parse errors:', ...diagnostics.map(({ message }) => message)], rt }
  }
  const scopes = analyseScopes(program, (name) => builtinIndex(name) >= 0)
  const document = { format: 'rush-ast', version: 1, source: { file: 'test.rush', text, hash: '' }, program } as const
  const interpreter = new Interpreter(rt, document, scopes, {
    handOverHeight: options.handOverHeight,
    handOver: () => {
      if (options.handOver === undefined) throw new Error('handed over')
      return options.handOver(rt)
    },
  })
  const unsupported = interpreter.unsupported().map(({ line, column, message }) => `${line}:${column} ${message}`)
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
