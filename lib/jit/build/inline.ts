/**
 * Inlining of small functions. What is inlined never leaves native code but as if the call had not happened yet:
 * all its guards go back to the call instruction of the function that is compiled, so no frames have to be made
 * up. That is right as long as nothing has been changed before; so what it stores is kept back until it is sure to
 * go through, and functions that call others or have loops are not inlined.
 */
import type { BytecodeFunction } from '../../bytecode/program.js'
import { frameCharge } from '../../runtime/frames.js'
import { isSmall } from '../inlinable.js'
import { isStore, newObjectOf } from '../ir/effects.js'
import { type Instruction, type MemoryClass, Snapshot, type Value } from '../ir/graph.js'
import type { ExitReason } from '../reasons.js'
import type { Builder } from './builder.js'
import type { Abstract, FrameState, PendingStore } from './state.js'

/** Words of bytecode of all together that are inlined in one function. */
export const LARGEST_SUM = 600
/** Inlined calls within each other. */
const DEEPEST = 4

/** The call of the compiled function in place of which something is inlined. */
export interface InlineSite {
  readonly caller: Builder
  /** State at the outermost call. */
  readonly snapshot: Snapshot
  /** Position of the outermost call. */
  readonly position: number
  /** What is being inlined, outermost first. */
  readonly chain: readonly BytecodeFunction[]
  /** Depth that the calls would take. */
  readonly charge: number
  /** If only a part is inlined: blocks of the function in place of which it is called. */
  readonly called: ReadonlySet<number> | null
}

/** A function turns out to do more than can be inlined. */
export class InlineFailed extends Error {}

/** What a call runs, as far as it is known. */
export interface Callee {
  /** Number of the function in the program. */
  readonly target: number
  readonly closure: Value
  /** Home class of the closure if it is a certain closure, else 0. */
  readonly home: number
}

/**
 * Inlines the call whose callee slot and arguments are the topmost `size` operands; the arguments, with `self` of
 * methods, are all but the first.
 *
 * @param before what leaves at the call, if that is not what the state tells
 * @returns whether that was possible; otherwise nothing has changed
 */
export function inlineCall(
  b: Builder,
  size: number,
  { target, closure, home }: Callee,
  before: Snapshot | null = null,
): boolean {
  const fn = b.input.program.functions[target]
  const feedback = b.input.world.feedbackOf(target)
  if (fn === undefined || feedback === null || !mayInline(b, fn)) return false
  const chain = b.site?.chain ?? []
  const charge = (b.site?.charge ?? 0) + frameCharge(fn.locals + fn.maxStack)
  const site: InlineSite = {
    caller: b,
    snapshot: b.site?.snapshot ?? inlinedExit(before ?? b.snapshot(null), null),
    position: b.site?.position ?? b.position,
    chain: [...chain, fn],
    charge,
    called: null,
  }
  const undo = b.savePoint()
  try {
    const guard = b.emit('guard.depth', [], BigInt(charge))
    guard.snapshot = b.site === null ? inlinedExit(site.snapshot, 'noDepth') : b.snapshot('noDepth')
    const { program, world, disabledPasses } = b.input
    const input = { program, fn, feedback, world, home, entry: null, disabledPasses }
    const result = b.buildInlined(b.prepareInlined(input, site, closure, size))
    b.inlinedWords += fn.code.length
    b.state.pop(size)
    b.state.push(result)
    return true
  } catch (error) {
    // The outermost call takes everything back.
    if (!(error instanceof InlineFailed) || b.site !== null) throw error
    undo()
    return false
  }
}

/** In inlined code: the calls in place of which it stands could be made. */
export function guardDepth(b: Builder, charge: number): void {
  b.guard('guard.depth', [], 'noDepth', BigInt(charge))
}

/** Whether the function may be inlined at the present position, if all that it does can be. */
export function mayInline(b: Builder, fn: BytecodeFunction): boolean {
  const chain = b.site?.chain ?? []
  if (b.input.disabledPasses.has('inline-calls') || b.feedbackAt(b.position).noInline) return false
  if (b.isSeldom(b.position) || !isSmall(fn) || chain.includes(fn) || fn === b.fn) return false
  return chain.length < DEEPEST && b.inlinedWords + fn.code.length <= LARGEST_SUM
}

/** The exit of inlined code that leaves at the call with what the frame holds there. */
export function inlinedExit({ position, slots, variables }: Snapshot, reason: ExitReason | null): Snapshot {
  return new Snapshot(position, slots, variables, reason, true)
}

/** Operations with a snapshot that are as good in inlined code: they need no frame of its own. */
const FRAMELESS: ReadonlySet<string> = new Set(['leave', 'alloc'])

/**
 * Whether an inlined instruction changes memory that anybody can see; one that does what cannot be inlined ends the
 * attempt.
 */
export function changesMemory(instruction: Instruction, effect: boolean, snapshot: boolean): boolean {
  if (isStore(instruction)) return newObjectOf(instruction) === null
  const { op } = instruction
  if (
    op === 'call' ||
    op === 'frame.put' ||
    (effect && snapshot && !op.startsWith('guard.') && !FRAMELESS.has(op))
  )
    throw new InlineFailed(op)
  return false
}

/** Keeps a store of inlined code back. */
export function delayStore(state: FrameState, store: PendingStore): void {
  const isSamePlace = ({ pointer, offset, memory }: PendingStore): boolean =>
    pointer === store.pointer && offset === store.offset && memory === store.memory
  const before = state.pending.find(isSamePlace)
  // What the store before this one has not written yet is not there.
  const sameTag = store.sameTag === true && (before === undefined || before.sameTag === true)
  state.pending = [...state.pending.filter((other) => !isSamePlace(other)), { ...store, sameTag }]
}

/** What a load in inlined code finds of the stores that are kept back; null: memory tells. */
export function delayedValue(
  { pending }: FrameState,
  pointer: Value,
  offset: number,
  memory: MemoryClass,
): Abstract | null {
  // The latest first: it may have overwritten what the others stored.
  for (let i = pending.length - 1; i >= 0; i--) {
    const store = pending[i] as PendingStore
    if (store.memory !== memory || store.offset !== offset) continue
    if (store.pointer === pointer) return store.value
    // File-level variables have addresses of their own; anything else may be the same object.
    if (memory !== 'globals') throw new InlineFailed('a load may see a store that is kept back')
  }
  return null
}
