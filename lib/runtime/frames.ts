/**
 * Frames on the Rush stack, the one format of all three tiers.
 *
 * ```
 *   base-16   callee slot: the closure that runs; its spare words link to the caller
 *   base      local 0 (the first parameter, or `self`), local 1, ...
 *             operand stack (VM, native code) or temporaries (interpreter)
 * ```
 *
 * The *link* is the second half of the callee slot, 8 bytes, so that native code pushes a frame with
 * one store pair of the closure and a constant:
 *
 * - tag word (+8): bits 0-7 the tag CLOSURE, bits 8-31 the distance in slots from the caller's base
 *   to this base (0 = the outermost frame);
 * - spare word (+12): bits 0-29 the caller's position at the call (an instruction index in VM and
 *   native code, a call site number in the interpreter), bit 30 INTERPRETED: the caller is an
 *   interpreter frame, bit 31 BOUNDARY: returning from this frame leaves the run loop or crosses
 *   to native code, so the returning tier must look at its segment stack.
 */
import { SLOT_SHIFT, Tag } from '../heap/layout.js'

export const enum Frame {
  LINK_TAG = -8,
  LINK_POSITION = -4,
}
export const LINK_TAG = Frame.LINK_TAG as number
export const LINK_POSITION = Frame.LINK_POSITION as number
export const LINK_BOUNDARY = 0x80000000 | 0
export const LINK_INTERPRETED = 0x40000000
export const LINK_POSITION_MASK = 0x3fffffff

/** The tag word of the link of a frame `slots` slots above its caller's base. */
export function linkTag(slots: number): number {
  return Tag.CLOSURE | (slots << 8)
}

/** The base of the caller of the frame at `base`; `base` itself for the outermost frame. */
export function callerBase(I32: Int32Array, base: number): number {
  return base - (((I32[(base + LINK_TAG) >> 2] as number) >>> 8) << SLOT_SHIFT)
}

/** A frame as the collector, the unwinder and stack traces see it, innermost first. */
export interface FrameView {
  base: number
  /** Address of the FUNCTION record that runs. */
  function: number
  /** Where the frame stands: an instruction index or an interpreter call site. */
  position: number
  interpreted: boolean
  /** One past the last operand slot in use: the next frame's callee slot, or the stack's top. */
  end: number
}

/**
 * What a call costs of the depth limit: one unit per KiB of frame. The Rush stack has 1 KiB per unit,
 * so counting depth is the only overflow check that the VM and native code need.
 */
export function frameCharge(frameSlots: number): number {
  return (frameSlots >> 6) + 1
}
