/** The thread of `watchdog.ts`. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { writeError } from '../files/streams.js'
import { requestInterrupt } from '../heap/interrupt.js'
import { type SharedHeap, viewSharedHeap } from './shared-heap.js'
import { GRACE, RunState, timeoutText, type WatchdogSettings } from './time-limit.js'

if (parentPort === null) throw new Error('not in a worker thread')
const { seconds, control } = workerData as WatchdogSettings
const deadline = performance.now() + seconds * 1000
parentPort.postMessage('ready')

/** Whether the run is still in this state at a moment. */
function lasts(state: number, until: number): boolean {
  return Atomics.wait(control, 0, state, Math.max(0, until - performance.now())) === 'timed-out'
}

if (lasts(RunState.LOADING, deadline)) await endProcess()
const heap = receiveMessageOnPort(parentPort)
if (heap !== undefined) {
  const I32 = await viewSharedHeap(heap.message as SharedHeap)
  const { RUNNING, ASKING, ASKED } = RunState
  if (lasts(RUNNING, deadline) && Atomics.compareExchange(control, 0, RUNNING, ASKING) === RUNNING) {
    requestInterrupt(I32)
    Atomics.store(control, 0, ASKED)
    Atomics.notify(control, 0)
    if (lasts(ASKED, deadline + GRACE)) await endProcess()
  }
}

/** `process.exit` would end only this thread. */
async function endProcess(): Promise<void> {
  writeError(`${timeoutText(seconds)}\n`)
  try {
    const { nativeSystem } = await import('../native/system.js')
    nativeSystem().exit(1)
  } catch {
    process.kill(process.pid, 'SIGKILL')
  }
}
