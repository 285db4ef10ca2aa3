// Objects with state: Martin Richards' simulation of the kernel of an operating system.
// The words of a task's state are booleans, and toggle() stands for exclusive or: Rush has no bit operators.
const ROUNDS = 800
const COUNT = 1000

const IDLE = 0
const WORKER = 1
const HANDLER_A = 2
const HANDLER_B = 3
const DEVICE_A = 4
const DEVICE_B = 5

const DEVICE_PACKET = 0
const WORK_PACKET = 1
const PACKET_SIZE = 4

class Packet {
  constructor(link, id, kind) {
    this._link = link
    this._id = id
    this._kind = kind
    this._datum = 0
    this._data = [0, 0, 0, 0]
  }
  link() { return this._link }
  setLink(link) { this._link = link }
  id() { return this._id }
  setId(id) { this._id = id }
  kind() { return this._kind }
  datum() { return this._datum }
  setDatum(datum) { this._datum = datum }
  data() { return this._data }

  // Puts this packet at the end of a queue; answers the queue.
  addTo(queue) {
    this._link = null
    if (queue === null) return this
    let last = queue
    let next = last.link()
    while (next !== null) {
      last = next
      next = last.link()
    }
    last.setLink(this)
    return queue
  }
}

class Task {
  constructor(link, id, priority, queue, work) {
    this._link = link
    this._id = id
    this._priority = priority
    this._queue = queue
    this._work = work
    this._pending = queue !== null
    this._waiting = true
    this._holding = false
  }
  link() { return this._link }
  id() { return this._id }
  priority() { return this._priority }
  setRunning() {
    this._pending = false
    this._waiting = false
    this._holding = false
  }
  hold() { this._holding = true }
  release() { this._holding = false }
  wait() { this._waiting = true }
  isBlocked() { return this._holding || (!this._pending && this._waiting) }

  // Runs until it gives up control; answers the task to run next.
  run() {
    let packet = null
    if (this._pending && this._waiting && !this._holding) {
      packet = this._queue
      this._queue = packet.link()
      this.setRunning()
      this._pending = this._queue !== null
    }
    return this._work.run(packet)
  }

  // Takes a packet; answers the task to go on with.
  add(packet, current) {
    if (this._queue === null) {
      this._queue = packet
      this._pending = true
      if (this._priority > current.priority()) return this
    } else {
      this._queue = packet.addTo(this._queue)
    }
    return current
  }
}

class Scheduler {
  constructor() {
    this._queued = 0
    this._held = 0
    this._tasks = [null, null, null, null, null, null]
    this._list = null
    this._current = null
    this._currentId = 0
  }
  result() { return this._queued * 1000 + this._held }

  add(id, priority, queue, work) {
    this._list = new Task(this._list, id, priority, queue, work)
    this._tasks[id] = this._list
    return this._list
  }

  schedule() {
    this._current = this._list
    while (this._current !== null) {
      if (this._current.isBlocked()) {
        this._current = this._current.link()
      } else {
        this._currentId = this._current.id()
        this._current = this._current.run()
      }
    }
  }

  release(id) {
    const task = this._tasks[id]
    task.release()
    if (task.priority() > this._current.priority()) return task
    return this._current
  }

  holdCurrent() {
    this._held = this._held + 1
    this._current.hold()
    return this._current.link()
  }

  suspendCurrent() {
    this._current.wait()
    return this._current
  }

  queue(packet) {
    const task = this._tasks[packet.id()]
    this._queued = this._queued + 1
    packet.setLink(null)
    packet.setId(this._currentId)
    return task.add(packet, this._current)
  }
}

function toggle(value, bit) {
  if (value % (2 * bit) >= bit) return value - bit
  return value + bit
}

class IdleWork {
  constructor(scheduler, seed, count) {
    this._scheduler = scheduler
    this._seed = seed
    this._count = count
  }
  run(packet) {
    this._count = this._count - 1
    if (this._count === 0) return this._scheduler.holdCurrent()
    const odd = this._seed % 2 === 1
    this._seed = Math.floor(this._seed / 2)
    if (!odd) return this._scheduler.release(DEVICE_A)
    this._seed = toggle(toggle(toggle(toggle(this._seed, 32768), 16384), 4096), 8)
    return this._scheduler.release(DEVICE_B)
  }
}

class DeviceWork {
  constructor(scheduler) {
    this._scheduler = scheduler
    this._packet = null
  }
  run(packet) {
    if (packet === null) {
      if (this._packet === null) return this._scheduler.suspendCurrent()
      packet = this._packet
      this._packet = null
      return this._scheduler.queue(packet)
    }
    this._packet = packet
    return this._scheduler.holdCurrent()
  }
}

class WorkerWork {
  constructor(scheduler, handler, datum) {
    this._scheduler = scheduler
    this._handler = handler
    this._datum = datum
  }
  run(packet) {
    if (packet === null) return this._scheduler.suspendCurrent()
    if (this._handler === HANDLER_A) this._handler = HANDLER_B
    else this._handler = HANDLER_A
    packet.setId(this._handler)
    packet.setDatum(0)
    const data = packet.data()
    for (let i = 0; i < PACKET_SIZE; i = i + 1) {
      this._datum = this._datum + 1
      if (this._datum > 26) this._datum = 1
      data[i] = this._datum
    }
    return this._scheduler.queue(packet)
  }
}

class HandlerWork {
  constructor(scheduler) {
    this._scheduler = scheduler
    this._work = null
    this._devices = null
  }
  run(packet) {
    if (packet !== null) {
      if (packet.kind() === WORK_PACKET) this._work = packet.addTo(this._work)
      else this._devices = packet.addTo(this._devices)
    }
    if (this._work !== null) {
      const work = this._work
      const count = work.datum()
      if (count >= PACKET_SIZE) {
        this._work = work.link()
        return this._scheduler.queue(work)
      }
      if (this._devices !== null) {
        const device = this._devices
        this._devices = device.link()
        device.setDatum(work.data()[count])
        work.setDatum(count + 1)
        return this._scheduler.queue(device)
      }
    }
    return this._scheduler.suspendCurrent()
  }
}

function run() {
  const scheduler = new Scheduler()
  scheduler.add(IDLE, 0, null, new IdleWork(scheduler, 1, COUNT)).setRunning()
  let queue = new Packet(null, WORKER, WORK_PACKET)
  queue = new Packet(queue, WORKER, WORK_PACKET)
  scheduler.add(WORKER, 1000, queue, new WorkerWork(scheduler, HANDLER_A, 0))
  queue = new Packet(null, DEVICE_A, DEVICE_PACKET)
  queue = new Packet(queue, DEVICE_A, DEVICE_PACKET)
  queue = new Packet(queue, DEVICE_A, DEVICE_PACKET)
  scheduler.add(HANDLER_A, 2000, queue, new HandlerWork(scheduler))
  queue = new Packet(null, DEVICE_B, DEVICE_PACKET)
  queue = new Packet(queue, DEVICE_B, DEVICE_PACKET)
  queue = new Packet(queue, DEVICE_B, DEVICE_PACKET)
  scheduler.add(HANDLER_B, 3000, queue, new HandlerWork(scheduler))
  scheduler.add(DEVICE_A, 4000, null, new DeviceWork(scheduler))
  scheduler.add(DEVICE_B, 5000, null, new DeviceWork(scheduler))
  scheduler.schedule()
  return scheduler.result()
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + run()
console.log(checksum)
