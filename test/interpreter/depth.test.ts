/** The stack overflows at the same depth in the interpreter and in the VM. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { frameSlots } from '../../lib/bytecode/compile.js'
import { analyseScopes } from '../../lib/bytecode/scopes.js'
import { Heap } from '../../lib/heap/heap.js'
import { buildBody } from '../../lib/interpreter/build.js'
import { MORE_IN_BYTECODE } from '../../lib/interpreter/function-code.js'
import { Interpreter } from '../../lib/interpreter/interpreter.js'
import { loadProgram } from '../../lib/modules/load.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { Runtime } from '../../lib/runtime/runtime.js'
import { testPrograms } from '../support/mode-programs.js'
import { runProgram } from './run-program.js'

/** Bodies that call `f` again, with frames of different needs. */
const CALLS = [
  'f(0)',
  'f(1 + 2 * f(0))',
  'x[0] = [1, 2, f(0)]',
  'y = {1: f(0)}',
  'switch (1) { case f(0): 1 }',
  'try { f(0) } finally { 1 }',
  'try { try { throw 1 } finally { f(0) } } catch (StopError e) { 2 }',
  'K.new(f(0))',
  'if (true && f(0)) { 1 }',
]

t.test('functions around the sizes at which a frame takes more', async (t) => {
  for (const call of CALLS) {
    for (let locals = 50; locals < 66; locals++) {
      const variables = Array.from({ length: locals }, (_, i) => `v${i} = ${i}`).join(';')
      const text = `class K { fn initialize(x) { } }
n = 0
f = fn(x) { n = n + 1; ${variables}; ${call} }
try { f(0) } catch (e) { print(n, e, e.line, e.column) }`
      const heap = { maxDepth: 90 }
      const [here, there] = [runProgram(text, { heap }), runProgram(text, { heap, handOverHeight: 0 })]
      t.match(here.output, /^(44|45|89) RuntimeError: stack overflow/)
      t.equal(here.output, there.output, `${locals} variables, ${call}`)
    }
  }
})

t.test('what bytecode may need more than the nodes', async (t) => {
  for (const { path } of testPrograms()) {
    const { document, diagnostics } = loadProgram(readFileSync(path, 'utf8'), path)
    if (diagnostics.length > 0) continue
    const rt = new Runtime(new Heap({ maxHeap: 8 << 20, maxDepth: 100 }), { write() {} }, { maxDepth: 100 })
    const scopes = analyseScopes(document, (name) => builtinIndex(name) >= 0)
    const interpreter = new Interpreter(rt, {
      handOver: () => {
        throw new Error('nothing runs')
      },
    })
    const unit = interpreter.load(document, scopes)
    const above = scopes.functions.filter((info) => {
      const { code, hiddenLocals } = buildBody(interpreter, unit, info)
      return frameSlots(scopes, info) > info.locals + hiddenLocals + code.slots + MORE_IN_BYTECODE
    })
    t.same(
      above.map(({ name }) => name),
      [],
      path,
    )
  }
})
