/**
 * What the two threads of a session at a terminal tell each other. The main thread has readline and the
 * signals; the worker has the heap and runs the program, which blocks its event loop.
 */
import type { Mode, RunOptions } from '../run/options.js'
import type { SharedHeap } from '../run/shared-heap.js'
import type { Completion } from './complete.js'
import type { Reply } from './conversation.js'

type Plain = boolean | number | string | readonly string[]

/** Options that can be sent to another thread: all but functions and objects other than lists of words. */
export type PlainOptions = {
  [Name in keyof RunOptions as RunOptions[Name] extends Plain ? Name : never]: RunOptions[Name]
}

export function plainOptions(options: RunOptions): PlainOptions {
  const plain = Object.entries(options).filter(
    ([, value]) => ['boolean', 'number', 'string'].includes(typeof value) || Array.isArray(value),
  )
  return Object.fromEntries(plain) as PlainOptions
}

export interface WorkerSettings {
  mode: Mode
  options: PlainOptions
}

export type Request =
  /** `run` numbers the lines, from 1: an interrupt says which one it means. */
  { kind: 'line'; text: string; run: number } | { kind: 'cancel' } | { kind: 'complete'; text: string }

export type Response =
  /** Once, before anything is asked. */
  | { kind: 'ready'; memory: SharedHeap }
  /** To `line`. */
  | { kind: 'reply'; reply: Reply }
  /** To `complete`. */
  | { kind: 'completion'; completion: Completion }
