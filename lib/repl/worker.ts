/** The thread of a session at a terminal in which the program runs. Started by `terminal.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { Output } from '../files/streams.js'
import { defaultRunOptions } from '../run/options.js'
import { shareHeap } from '../run/shared-heap.js'
import { complete } from './complete.js'
import { Conversation } from './conversation.js'
import type { Request, Response, WorkerSettings } from './protocol.js'
import { Session } from './session.js'

if (parentPort === null) throw new Error('not in a worker thread')
const port = parentPort
const { mode, options: plain } = workerData as WorkerSettings
// People want to see the output of a program while it runs.
const options = { ...defaultRunOptions(new Output(0)), ...plain }
const session = await Session.open(mode, options, true)
const conversation = new Conversation(session, options.output, options.errors)

function send(response: Response): void {
  port.postMessage(response)
}

async function serve(request: Request): Promise<void> {
  switch (request.kind) {
    case 'line':
      return send({ kind: 'reply', reply: await conversation.line(request.text, request.run) })
    case 'cancel':
      return conversation.cancel()
    case 'complete':
      return send({ kind: 'completion', completion: complete(session, request.text) })
  }
}

// One after the other, so that answers come in the order of the requests.
let served = Promise.resolve()
port.on('message', (request: Request) => {
  served = served.then(() => serve(request))
})
send({ kind: 'ready', memory: shareHeap(session.rt.heap) })
