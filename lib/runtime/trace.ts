/** Stack traces and places of errors, read from the frames that all tiers share. */

import { ClosureLayout, FunctionLayout } from '../heap/layout.js'
import { needsPlace, placeError, setError, setPlace, useReservedError } from './errors.js'
import { callerBase, type FrameView, LINK_INTERPRETED, LINK_POSITION, LINK_POSITION_MASK } from './frames.js'
import { exhaustionMessage } from './out-of-memory.js'
import { type Runtime, type RuntimeFunction, type Site, type SourceText, THROWN } from './runtime.js'

/** The frames of the program, innermost first. `rt.base`, `rt.position` and `rt.top` must be current. */
export function* walkFrames(rt: Runtime): Generator<FrameView> {
  const { I32 } = rt.heap
  let { base, position, top: end } = rt
  if (base === 0) return
  for (;;) {
    const closure = I32[(base - 16) >> 2] as number
    yield {
      base,
      function: I32[(closure + ClosureLayout.FUNCTION) >> 2] as number,
      position: position & LINK_POSITION_MASK,
      interpreted: (position & LINK_INTERPRETED) !== 0,
      end,
    }
    const caller = callerBase(I32, base)
    if (caller === base) return
    position = I32[(base + LINK_POSITION) >> 2] as number
    end = base - 16
    base = caller
  }
}

export function functionOf(rt: Runtime, frame: FrameView): RuntimeFunction {
  const index = rt.heap.I32[(frame.function + FunctionLayout.INDEX) >> 2] as number
  return rt.functions[index] as RuntimeFunction
}

/** What stands at a frame's position: a call's name and its place in the source. */
export function siteOf(rt: Runtime, frame: FrameView): Site {
  const fn = functionOf(rt, frame)
  if (frame.interpreted) return rt.interpretedSites[frame.position] as Site
  if (fn.sites === null) return { name: fn.name, line: 0, column: 0 }
  return fn.sites(frame.position)
}

export interface PlaceInSource {
  source: SourceText
  line: number
  column: number
}

/** Where the program stands; null if there is no telling. */
export function placeHere(rt: Runtime): PlaceInSource | null {
  for (const frame of walkFrames(rt)) {
    const { line, column } = siteOf(rt, frame)
    const source = rt.sources[functionOf(rt, frame).source]
    return source === undefined || line === 0 ? null : { source, line, column }
  }
  return null
}

/** Gives the error in flight its place and stack, unless it has them already (a rethrow). */
export function placeErrorHere(rt: Runtime): void {
  if (!needsPlace(rt)) return
  for (const frame of walkFrames(rt)) {
    const { line, column } = siteOf(rt, frame)
    return placeError(rt, functionOf(rt, frame).source, line, column, rt.stacks.stackHere(rt))
  }
}

/**
 * For a tier that caught a JavaScript exception while `rt` still describes the failing frame: afterwards
 * the error in flight is a Rush error with its place. Exhausted memory becomes one, once room is made for it;
 * anything else (an interrupt, a bug of ours) passes through.
 */
export function placeCaught(rt: Runtime, error: unknown): void {
  const message = error === THROWN ? null : exhaustionMessage(error)
  if (error !== THROWN && message === null) throw error
  try {
    if (message !== null) {
      // Room for the error.
      rt.heap.collect()
      setError(rt, 'RuntimeError', message)
    }
    placeErrorHere(rt)
  } catch (exhausted) {
    if (exhaustionMessage(exhausted) === null) throw exhausted
    // The program holds on to everything: not even an error fits in.
    useReservedError(rt)
    for (const frame of walkFrames(rt)) {
      const { line, column } = siteOf(rt, frame)
      return setPlace(rt, functionOf(rt, frame).source, line, column)
    }
  }
}
