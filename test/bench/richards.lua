-- Objects with state: Martin Richards' simulation of the kernel of an operating system.
-- The words of a task's state are booleans, and toggle() stands for exclusive or: Rush has no bit operators.
local ROUNDS = 800
local COUNT = 1000
local floor = math.floor

local IDLE = 0
local WORKER = 1
local HANDLER_A = 2
local HANDLER_B = 3
local DEVICE_A = 4
local DEVICE_B = 5

local DEVICE_PACKET = 0
local WORK_PACKET = 1
local PACKET_SIZE = 4

local function class()
  local c = {}
  c.__index = c
  return c
end

local Packet = class()
function Packet.new(link, id, kind)
  return setmetatable({ _link = link, _id = id, _kind = kind, _datum = 0, _data = { 0, 0, 0, 0 } }, Packet)
end
function Packet:link() return self._link end
function Packet:set_link(link) self._link = link end
function Packet:id() return self._id end
function Packet:set_id(id) self._id = id end
function Packet:kind() return self._kind end
function Packet:datum() return self._datum end
function Packet:set_datum(datum) self._datum = datum end
function Packet:data() return self._data end

-- Puts this packet at the end of a queue; answers the queue.
function Packet:add_to(queue)
  self._link = nil
  if queue == nil then return self end
  local last = queue
  local next = last:link()
  while next ~= nil do
    last = next
    next = last:link()
  end
  last:set_link(self)
  return queue
end

local Task = class()
function Task.new(link, id, priority, queue, work)
  return setmetatable({
    _link = link,
    _id = id,
    _priority = priority,
    _queue = queue,
    _work = work,
    _pending = queue ~= nil,
    _waiting = true,
    _holding = false,
  }, Task)
end
function Task:link() return self._link end
function Task:id() return self._id end
function Task:priority() return self._priority end
function Task:set_running()
  self._pending = false
  self._waiting = false
  self._holding = false
end
function Task:hold() self._holding = true end
function Task:release() self._holding = false end
function Task:wait() self._waiting = true end
function Task:is_blocked() return self._holding or (not self._pending and self._waiting) end

-- Runs until it gives up control; answers the task to run next.
function Task:run()
  local packet = nil
  if self._pending and self._waiting and not self._holding then
    packet = self._queue
    self._queue = packet:link()
    self:set_running()
    self._pending = self._queue ~= nil
  end
  return self._work:run(packet)
end

-- Takes a packet; answers the task to go on with.
function Task:add(packet, current)
  if self._queue == nil then
    self._queue = packet
    self._pending = true
    if self._priority > current:priority() then return self end
  else
    self._queue = packet:add_to(self._queue)
  end
  return current
end

local Scheduler = class()
function Scheduler.new()
  return setmetatable({ _queued = 0, _held = 0, _tasks = {}, _list = nil, _current = nil, _current_id = 0 }, Scheduler)
end
function Scheduler:result() return self._queued * 1000 + self._held end

function Scheduler:add(id, priority, queue, work)
  self._list = Task.new(self._list, id, priority, queue, work)
  self._tasks[id + 1] = self._list
  return self._list
end

function Scheduler:schedule()
  self._current = self._list
  while self._current ~= nil do
    if self._current:is_blocked() then
      self._current = self._current:link()
    else
      self._current_id = self._current:id()
      self._current = self._current:run()
    end
  end
end

function Scheduler:release(id)
  local task = self._tasks[id + 1]
  task:release()
  if task:priority() > self._current:priority() then return task end
  return self._current
end

function Scheduler:hold_current()
  self._held = self._held + 1
  self._current:hold()
  return self._current:link()
end

function Scheduler:suspend_current()
  self._current:wait()
  return self._current
end

function Scheduler:queue(packet)
  local task = self._tasks[packet:id() + 1]
  self._queued = self._queued + 1
  packet:set_link(nil)
  packet:set_id(self._current_id)
  return task:add(packet, self._current)
end

local function toggle(value, bit)
  if value % (2 * bit) >= bit then return value - bit end
  return value + bit
end

local IdleWork = class()
function IdleWork.new(scheduler, seed, count)
  return setmetatable({ _scheduler = scheduler, _seed = seed, _count = count }, IdleWork)
end
function IdleWork:run(packet)
  self._count = self._count - 1
  if self._count == 0 then return self._scheduler:hold_current() end
  local odd = self._seed % 2 == 1
  self._seed = floor(self._seed / 2)
  if not odd then return self._scheduler:release(DEVICE_A) end
  self._seed = toggle(toggle(toggle(toggle(self._seed, 32768), 16384), 4096), 8)
  return self._scheduler:release(DEVICE_B)
end

local DeviceWork = class()
function DeviceWork.new(scheduler)
  return setmetatable({ _scheduler = scheduler, _packet = nil }, DeviceWork)
end
function DeviceWork:run(packet)
  if packet == nil then
    if self._packet == nil then return self._scheduler:suspend_current() end
    packet = self._packet
    self._packet = nil
    return self._scheduler:queue(packet)
  end
  self._packet = packet
  return self._scheduler:hold_current()
end

local WorkerWork = class()
function WorkerWork.new(scheduler, handler, datum)
  return setmetatable({ _scheduler = scheduler, _handler = handler, _datum = datum }, WorkerWork)
end
function WorkerWork:run(packet)
  if packet == nil then return self._scheduler:suspend_current() end
  if self._handler == HANDLER_A then self._handler = HANDLER_B else self._handler = HANDLER_A end
  packet:set_id(self._handler)
  packet:set_datum(0)
  local data = packet:data()
  for i = 1, PACKET_SIZE do
    self._datum = self._datum + 1
    if self._datum > 26 then self._datum = 1 end
    data[i] = self._datum
  end
  return self._scheduler:queue(packet)
end

local HandlerWork = class()
function HandlerWork.new(scheduler)
  return setmetatable({ _scheduler = scheduler, _work = nil, _devices = nil }, HandlerWork)
end
function HandlerWork:run(packet)
  if packet ~= nil then
    if packet:kind() == WORK_PACKET then
      self._work = packet:add_to(self._work)
    else
      self._devices = packet:add_to(self._devices)
    end
  end
  if self._work ~= nil then
    local work = self._work
    local count = work:datum()
    if count >= PACKET_SIZE then
      self._work = work:link()
      return self._scheduler:queue(work)
    end
    if self._devices ~= nil then
      local device = self._devices
      self._devices = device:link()
      device:set_datum(work:data()[count + 1])
      work:set_datum(count + 1)
      return self._scheduler:queue(device)
    end
  end
  return self._scheduler:suspend_current()
end

local function run()
  local scheduler = Scheduler.new()
  scheduler:add(IDLE, 0, nil, IdleWork.new(scheduler, 1, COUNT)):set_running()
  local queue = Packet.new(nil, WORKER, WORK_PACKET)
  queue = Packet.new(queue, WORKER, WORK_PACKET)
  scheduler:add(WORKER, 1000, queue, WorkerWork.new(scheduler, HANDLER_A, 0))
  queue = Packet.new(nil, DEVICE_A, DEVICE_PACKET)
  queue = Packet.new(queue, DEVICE_A, DEVICE_PACKET)
  queue = Packet.new(queue, DEVICE_A, DEVICE_PACKET)
  scheduler:add(HANDLER_A, 2000, queue, HandlerWork.new(scheduler))
  queue = Packet.new(nil, DEVICE_B, DEVICE_PACKET)
  queue = Packet.new(queue, DEVICE_B, DEVICE_PACKET)
  queue = Packet.new(queue, DEVICE_B, DEVICE_PACKET)
  scheduler:add(HANDLER_B, 3000, queue, HandlerWork.new(scheduler))
  scheduler:add(DEVICE_A, 4000, nil, DeviceWork.new(scheduler))
  scheduler:add(DEVICE_B, 5000, nil, DeviceWork.new(scheduler))
  scheduler:schedule()
  return scheduler:result()
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + run() end
print(checksum)
