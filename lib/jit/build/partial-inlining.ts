/**
 * Partial inlining: of a function that cannot be inlined as a whole, the quick ways from its entry to a return stand
 * in the caller, and all else is the call itself. It begins anew, which is right since inlined code has changed
 * nothing before it returns; what was tested on the way to it is tested again. Recursive functions gain most: their
 * simplest cases need no call any more. (As GCC's ipa-split and Graal's partial inlining do; Muth and Debray, Partial
 * Inlining, 1997.)
 */
import { ControlFlow } from '../../bytecode/instructions.js'
import { Opcode } from '../../bytecode/opcodes.js'
import type { BytecodeFunction } from '../../bytecode/program.js'
import { frameCharge } from '../../runtime/frames.js'
import type { Builder } from './builder.js'
import { callClosure } from './calls.js'
import { type Callee, InlineFailed, type InlineSite, inlinedExit, LARGEST_SUM } from './inline.js'
import type { BuildInput } from './input.js'

/** Words of bytecode of the quick ways. */
const LARGEST_PART = 60
/** Of the calls, at least so many should take a quick way: all others lose by it. */
const LEAST_SHARE = 0.25

/**
 * Inlines quick ways of the function in place of a call, with the call for all else.
 *
 * @returns whether that was possible and seems to be worth it; otherwise nothing has changed
 */
export function inlinePartly(b: Builder, size: number, { target, closure, home }: Callee): boolean {
  const candidate = candidateOf(b, target, b.position)
  if (candidate === null) return false
  const { fn, feedback } = candidate
  const { program, world, disabledPasses } = b.input
  const input = { program, fn, feedback, world, home, entry: null, disabledPasses }
  const snapshot = inlinedExit(b.snapshot(null), null)
  const charge = frameCharge(fn.locals + fn.maxStack)
  const undo = b.savePoint()
  const called = new Set<number>()
  while (isWorthIt(b, candidate, called)) {
    const site: InlineSite = { caller: b, snapshot, position: b.position, chain: [fn], charge, called }
    const inner = b.prepareInlined(input, site, closure, size)
    try {
      b.buildPartly(inner, size, () => callClosure(b, size, closure, [target], false))
      b.inlinedWords += wordsOf(candidate.flow, called)
      return true
    } catch (error) {
      if (!(error instanceof InlineFailed) || called.has(inner.blockNumber)) throw error
      undo()
      called.add(inner.blockNumber)
    }
  }
  return false
}

/** Whether the call of the function at `position`, by the look of it, will be inlined in part. */
export function mayInlinePartly(b: Builder, target: number, position: number): boolean {
  const candidate = candidateOf(b, target, position)
  return candidate !== null && isWorthIt(b, candidate, new Set())
}

/** A function of which a part may be inlined. */
export interface Candidate {
  readonly fn: BytecodeFunction
  readonly flow: ControlFlow
  readonly feedback: BuildInput['feedback']
}

function candidateOf(b: Builder, target: number, position: number): Candidate | null {
  const fn = b.input.program.functions[target]
  const feedback = b.input.world.feedbackOf(target)
  if (b.site !== null || fn === undefined || feedback === null || fn.handlers.length > 0) return null
  if (b.isSeldom(position)) return null
  if (b.feedbackAt(position).noInline || b.input.disabledPasses.has('inline-quick-ways')) return null
  const flow = new ControlFlow(fn)
  // Of a single block there is no part.
  return flow.count > 1 ? { fn, feedback, flow } : null
}

/** @param called blocks that are known to be left to the call; gets those that lead to nothing else */
function isWorthIt(b: Builder, candidate: Candidate, called: Set<number>): boolean {
  leaveOthers(candidate, called)
  if (called.has(0)) return false
  const words = wordsOf(candidate.flow, called)
  if (words > LARGEST_PART || b.inlinedWords + words > LARGEST_SUM) return false
  return shareOfReturns(candidate, called) >= LEAST_SHARE
}

/** Adds loops, ends other than returns, and blocks behind which all is left to the call. */
export function leaveOthers(candidate: Candidate, called: Set<number>): void {
  const { fn, flow } = candidate
  for (let block = flow.count - 1; block >= 0; block--) {
    const successors = flow.successorsOf(block)
    const isEnd = successors.length === 0 && fn.code[flow.lastOf(block)] !== Opcode.Return
    const headers = successors.filter((successor) => successor <= block)
    const leads = successors.length === 0 || successors.some((successor) => !called.has(successor))
    if (isEnd || headers.length > 0 || !leads) called.add(block)
    for (const header of headers) called.add(header)
  }
}

function wordsOf({ starts, count }: ControlFlow, called: ReadonlySet<number>): number {
  let words = 0
  for (let block = 0; block < count; block++) {
    if (!called.has(block)) words += (starts[block + 1] as number) - (starts[block] as number)
  }
  return words
}

/** Of the calls, the share that returned on the ways that are inlined, as far as branches were seen. */
export function shareOfReturns(candidate: Candidate, called: ReadonlySet<number>): number {
  const { fn, flow, feedback } = candidate
  const shares = new Float64Array(flow.count + 1)
  shares[0] = 1
  let returned = 0
  for (let block = 0; block < flow.count; block++) {
    const share = shares[block] as number
    if (called.has(block) || share === 0) continue
    const [target, next] = flow.successorsOf(block)
    if (target === undefined) returned += share
    else if (next === undefined) shares[target] += share
    else {
      const last = flow.lastOf(block)
      const { whenTrue = 0, whenFalse = 0 } = feedback.get(last) ?? {}
      const [jumps, others] =
        fn.code[last] === Opcode.JumpIfTrue ? [whenTrue, whenFalse] : [whenFalse, whenTrue]
      const each = share / Math.max(1, whenTrue + whenFalse)
      shares[target] += jumps * each
      shares[next] += others * each
    }
  }
  return returned
}
