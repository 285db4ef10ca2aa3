/** Which parts of functions stand in their callers, and that they do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ControlFlow, instructionPositions } from '../../lib/bytecode/instructions.js'
import { Opcode } from '../../lib/bytecode/opcodes.js'
import { type Candidate, leaveOthers, shareOfReturns } from '../../lib/jit/build/partial-inlining.js'
import { hostTargetName } from '../../lib/jit/host.js'
import { SiteFeedback } from '../../lib/vm/feedback.js'
import { runTool } from '../tools/run-tool.js'
import { functionOf, programOf } from './tools.js'

/** Function `f`, whose branches in order of the text were true and false so often. */
function candidate(text: string, ...counts: readonly [number, number][]): Candidate {
  const fn = functionOf(programOf(text), 'f')
  const branches = instructionPositions(fn.code).filter((position) =>
    [Opcode.JumpIfFalse, Opcode.JumpIfTrue].includes(fn.code[position] as never),
  )
  const feedback = new Map<number, SiteFeedback>()
  counts.forEach(([whenTrue, whenFalse], i) => {
    feedback.set(branches[i] as number, Object.assign(new SiteFeedback(), { whenTrue, whenFalse }))
  })
  return { fn, flow: new ControlFlow(fn), feedback }
}

/** The share of its calls that return before this is called, or before a loop or an error. */
function quickShare(one: Candidate, isCalled: (opcode: number) => boolean = () => false): number {
  const { fn, flow } = one
  const called = new Set(
    instructionPositions(fn.code)
      .filter((position) => isCalled(fn.code[position] as number))
      .map((position) => flow.blockOf(position)),
  )
  leaveOthers(one, called)
  return called.has(0) ? 0 : shareOfReturns(one, called)
}

const isCall = (opcode: number): boolean => opcode === Opcode.Call

t.test('the share of quick returns is what was seen of the branches before them', async (t) => {
  const recursive = 'f = fn(m, n) { if (m == 0) { return n } if (n == 0) { return 1 } f(m - 1, f(m, n)) }'
  t.equal(quickShare(candidate(recursive, [30, 70], [35, 35]), isCall), 0.65)
  t.equal(quickShare(candidate(recursive, [30, 70])), 0.3, 'what was not seen is nothing')
  t.equal(quickShare(candidate(recursive), isCall), 0)
  t.equal(quickShare(candidate('f = fn(n) { n + 1 }')), 1)
  t.equal(quickShare(candidate('f = fn(n) { f(n) }'), isCall), 0)
})

t.test('blocks behind which there are only calls are left to the call, too', async (t) => {
  const text = 'f = fn(m, n) { if (m == 0) { return n } if (n == 0) { return f(m - 1, 1) } f(m - 1, n) }'
  const one = candidate(text, [1, 1], [1, 1])
  const called = new Set<number>()
  const { fn, flow } = one
  for (const position of instructionPositions(fn.code))
    if (isCall(fn.code[position] as number)) called.add(flow.blockOf(position))
  t.equal(called.size, 2)
  leaveOthers(one, called)
  const left = Array.from({ length: flow.count }, (_, block) => block).filter((block) => !called.has(block))
  t.equal(left.length, 2, 'the first test, and the return behind it')
  t.equal(shareOfReturns(one, called), 0.5)
})

t.test('loops and errors are no quick ways, what is before them is', async (t) => {
  const loop = 'f = fn(n) { if (n < 0) { return n } for (i = 0; i < n; i = i + 1) { n = n + 1 } return n }'
  t.equal(quickShare(candidate(loop, [40, 60], [0, 60])), 0.4)
  const error = 'f = fn(n) { if (n < 0) { throw "less" } return n }'
  t.equal(quickShare(candidate(error, [40, 60])), 0.6)
})

const isNative = hostTargetName() !== null

t.test('quick ways stand in callers where they are taken often', { skip: !isNative }, (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(
    join(cwd, 'quick.rush'),
    `sum = fn(n, least) {
      if (n <= least) { return n }
      return sum(n - 1, least) + n
    }
    total = 0
    for (r = 0; r < 300; r = r + 1) { total = total + sum(r % 3, 1) }
    print(total)
    fib = fn(n) { if (n < 2) { return n } fib(n - 1) + fib(n - 2) }
    print(fib(16))`,
  )
  /** Checks of depth, which inlined code makes, and calls in the code of a function. */
  const made = (name: string, ...more: string[]): [number, number] => {
    const words = ['-jit', '-dump', 'ir', '-dump-function', name, ...more, 'quick.rush']
    const { stdout, stderr } = runTool('rush-run', words, '', { cwd })
    t.equal(stdout, '400\n987\n')
    const count = (pattern: RegExp): number => [...stderr.matchAll(pattern)].length
    return [count(/ guard\.depth /g), count(/ = call /g)]
  }
  t.same(made('sum'), [1, 1])
  t.same(made('fib'), [2, 2])
  t.same(made('fib', '-jit-disable-pass', 'inline-quick-ways'), [0, 2])
  t.end()
})
