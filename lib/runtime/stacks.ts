/** `e.stack` of errors: a line per call, innermost first; empty at top level. */
import type { Heap } from '../heap/heap.js'
import { internString, newString } from '../heap/strings.js'
import type { FrameView } from './frames.js'
import type { Runtime } from './runtime.js'
import { functionOf, siteOf, walkFrames } from './trace.js'

/** Stacks of more frames are made anew each time. */
const MOST_FRAMES = 64

/**
 * Makes stacks, and keeps the last one: a program that throws over and over does so at few places, where the stack is
 * always the same.
 */
export class Stacks {
  /** Of each frame of the stack kept: the FUNCTION record and, but for the innermost, the position. */
  private readonly known: number[] = []
  private text = 0

  constructor(private readonly heap: Heap) {
    heap.addRoots((marker) => marker.object(this.text))
  }

  /** The stack of the frames that `rt` describes, a STRING. */
  stackHere(rt: Runtime): number {
    const frames: FrameView[] = []
    let isKnown = true
    for (const frame of walkFrames(rt)) {
      const at = frames.length * 2
      const position = at === 0 ? 0 : frame.position
      isKnown &&= this.known[at] === frame.function && this.known[at + 1] === position
      frames.push(frame)
      // A module's body is top level, too.
      if (functionOf(rt, frame).body) break
    }
    if (isKnown && this.known.length === frames.length * 2) return this.text
    return this.makeStack(rt, frames)
  }

  private makeStack(rt: Runtime, frames: readonly FrameView[]): number {
    const lines = frames.slice(1).map((frame) => {
      const { name, line, column } = siteOf(rt, frame)
      return `  at ${name} (line ${line}:${column})`
    })
    const { heap, known } = this
    known.length = 0
    const text = lines.length === 0 ? internString(heap, '') : newString(heap, lines.join('\n'))
    if (frames.length > MOST_FRAMES) return text
    frames.forEach((frame, i) => {
      known.push(frame.function, i === 0 ? 0 : frame.position)
    })
    this.text = text
    return text
  }
}
