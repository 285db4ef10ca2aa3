/** The thread of `watchdog.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { writeError } from '../files/streams.js'
import { requestInterrupt } from '../heap/interrupt.js'
import { viewSharedHeap } from './shared-heap.js'
import { GRACE, RUNNING, timeoutText, type WatchdogSettings } from './time-limit.js'

const { memory, seconds, control } = workerData as WatchdogSettings
const I32 = await viewSharedHeap(memory)
parentPort?.postMessage('ready')

/** Whether the program is still running after so many milliseconds. */
function isRunningAfter(milliseconds: number): boolean {
  return Atomics.wait(control, 0, RUNNING, milliseconds) === 'timed-out'
}

if (isRunningAfter(seconds * 1000)) {
  requestInterrupt(I32)
  if (isRunningAfter(GRACE)) {
    writeError(`${timeoutText(seconds)}\n`)
    await endProcess()
  }
}

/** `process.exit` would end only this thread. */
async function endProcess(): Promise<void> {
  try {
    const { nativeSystem } = await import('../native/system.js')
    nativeSystem().exit(1)
  } catch {
    process.kill(process.pid, 'SIGKILL')
  }
}
