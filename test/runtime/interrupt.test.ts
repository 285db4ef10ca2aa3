import t from 'tap'
import { analyseScopes } from '../../lib/bytecode/scopes.js'
import { Heap } from '../../lib/heap/heap.js'
import { requestInterrupt } from '../../lib/heap/interrupt.js'
import { Context, FunctionLayout } from '../../lib/heap/layout.js'
import { createFunction } from '../../lib/heap/objects.js'
import { Interpreter } from '../../lib/interpreter/interpreter.js'
import { loadProgram } from '../../lib/modules/load.js'
import { makeHandOver } from '../../lib/run/hand-over.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { Runtime } from '../../lib/runtime/runtime.js'
import { Interrupted, registerStackRoots } from '../../lib/runtime/safepoint.js'

const LIMIT = Context.ALLOCATION_LIMIT >> 2

/** A runtime in which the output of `stop` asks for an interrupt, as another thread would. */
class Machine {
  output = ''
  readonly heap: Heap
  readonly rt: Runtime
  private readonly interpreter: Interpreter

  /** @param handOverHeight 0: everything runs in the VM */
  constructor(handOverHeight?: number, stress = false) {
    this.heap = new Heap({ maxHeap: 8 << 20, maxDepth: 2000, stress })
    const write = (text: string): void => {
      this.output += text
      if (text === 'stop\n') requestInterrupt(this.heap.I32)
    }
    this.rt = new Runtime(this.heap, { write }, { maxDepth: 2000 })
    registerStackRoots(this.rt)
    this.interpreter = new Interpreter(this.rt, { handOverHeight, handOver: makeHandOver(this.rt) })
    this.rt.tier = this.interpreter
  }

  run(text: string): void {
    const { document } = loadProgram(text, 'test.rush')
    const { unit } = this.interpreter.load(
      document,
      analyseScopes(document, (name) => builtinIndex(name) >= 0),
    )
    this.interpreter.run(unit)
  }
}

const ENDLESS = [
  'while (true) { }',
  'for (;;) { continue }',
  'f = fn(n) { if (n == 0) { return 0 }; f(n - 1); return f(n - 1) }; f(1000)',
  'a = [1]; g = fn(x) { x }; while (true) { a.map(g) }',
  'class C { fn m() { 1 } }; c = C.new(); while (true) { c.m() }',
]

for (const [tier, height] of [
  ['interpreter', undefined],
  ['VM', 0],
] as const) {
  t.test(`${tier}: an interrupt ends the program, and neither catch nor finally sees it`, async (t) => {
    const machine = new Machine(height)
    for (const loop of ENDLESS) {
      machine.output = ''
      const text = `print("start")
try { print("stop"); ${loop} } catch (e) { print("caught") } finally { print("finally") }`
      t.throws(() => machine.run(text), { name: 'Interrupted' }, loop)
      t.equal(machine.output, 'start\nstop\n', loop)
      machine.rt.abandon()
      machine.heap.clearInterrupt()
    }
    machine.output = ''
    machine.run('n = 0; while (n < 1000) { n = n + 1 }; print(n)')
    t.equal(machine.output, '1000\n', 'afterwards other programs run')
  })
}

t.test('a request is not lost by a collection, and no limit stays behind', async (t) => {
  const machine = new Machine()
  const { heap } = machine
  requestInterrupt(heap.I32, 7)
  t.equal(heap.interruptRequest, 7)
  heap.collect()
  t.equal(heap.I32[LIMIT], -1)
  t.throws(() => machine.run('while (true) { }'), Interrupted)
  machine.rt.abandon()
  heap.clearInterrupt()
  t.equal(heap.interruptRequest, 0)
  t.ok((heap.I32[LIMIT] as number) > 0)
})

t.test('native functions, which do not poll, lead to the VM as long as a request stands', async (t) => {
  const { heap } = new Machine()
  const shape = { index: 0, parameters: 0, method: false }
  const records = [1, 2, 3].map(() => createFunction(heap, shape))
  const entries = (): number[] => records.map((record) => heap.getPointer(record + FunctionLayout.ENTRY))
  const [first, second, third] = records as [number, number, number]
  const callVm = 0x1000
  for (const [record, native] of [
    [first, 0x2000],
    [second, 0],
    [third, 0x3000],
  ] as const) {
    heap.setPointer(record + FunctionLayout.ENTRY, native === 0 ? callVm : native)
    heap.I32[(record + FunctionLayout.NATIVE) >> 2] = native
  }
  const signature = 2 ** 31 - 1
  heap.I32[(third + FunctionLayout.SIGNATURE) >> 2] = signature
  const signatures = (): number[] =>
    [first, third].map((record) => heap.I32[(record + FunctionLayout.SIGNATURE) >> 2] as number)
  requestInterrupt(heap.I32)
  t.same(entries(), [0x2000, callVm, 0x3000], 'nothing to lead there yet')
  heap.setPointer(Context.CALL_VM, callVm)
  requestInterrupt(heap.I32)
  requestInterrupt(heap.I32)
  t.same(entries(), [callVm, callVm, callVm])
  t.ok(
    signatures().every((found) => found < 0),
    'nor do they take arguments in registers',
  )
  heap.clearInterrupt()
  t.same(entries(), [0x2000, callVm, 0x3000])
  t.same(signatures(), [0, signature])
})

t.test('interrupts come through GC stress, too', async (t) => {
  const machine = new Machine(0, true)
  t.throws(() => machine.run('print("stop"); while (true) { }'), Interrupted)
})

t.test('garbage of callbacks is collected', async (t) => {
  for (const height of [undefined, 0]) {
    const machine = new Machine(height)
    machine.run(`a = []
for (i = 0; i < 20000; i = i + 1) { a = push(a, i) }
text = "a text that is long enough to fill the heap soon if nobody ever collects it "
print(a.reduce(fn(n, x) { s = text + text + text + text + text + text + text + x; n + 1 }, 0))`)
    t.equal(machine.output, '20000\n')
  }
})
