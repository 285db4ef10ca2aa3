-- Polymorphic objects: DeltaBlue, an incremental solver of one-way constraints. Strengths are numbers, 0 the strongest.
local ROUNDS = 800
local CHAIN = 30
local PROJECTIONS = 30

local REQUIRED = 0
local STRONG_PREFERRED = 1
local PREFERRED = 2
local STRONG_DEFAULT = 3
local NORMAL = 4
local WEAK_DEFAULT = 5
local WEAKEST = 6

local NONE = 0
local FORWARD = 1
local BACKWARD = 2

local floor = math.floor

-- A class starts with copies of its parent's methods.
local function class(parent)
  local c = {}
  for name, method in pairs(parent or {}) do c[name] = method end
  c.__index = c
  c.new = function(...) return setmetatable({}, c):init(...) end
  return c
end

-- A growing array that can also give its elements back.
local List = class()
function List:init()
  self._items = { false, false, false, false }
  self._capacity = 4
  self._size = 0
  return self
end
function List:size() return self._size end
function List:at(i) return self._items[i + 1] end

function List:add(item)
  if self._size == self._capacity then
    local larger = {}
    for i = 1, self._capacity do
      larger[i] = self._items[i]
      larger[self._capacity + i] = false
    end
    self._items = larger
    self._capacity = self._capacity * 2
  end
  self._items[self._size + 1] = item
  self._size = self._size + 1
end

function List:remove_last()
  self._size = self._size - 1
  local item = self._items[self._size + 1]
  self._items[self._size + 1] = false
  return item
end

function List:remove(item)
  local kept = 0
  for i = 0, self._size - 1 do
    if self._items[i + 1] ~= item then
      self._items[kept + 1] = self._items[i + 1]
      kept = kept + 1
    end
  end
  for i = kept, self._size - 1 do self._items[i + 1] = false end
  self._size = kept
end

local Variable = class()
function Variable:init(value)
  self._value = value
  self._constraints = List.new()
  self._determined_by = nil
  self._mark = 0
  self._walk_strength = WEAKEST
  self._stay = true
  return self
end
function Variable:value() return self._value end
function Variable:set_value(value) self._value = value end
function Variable:constraints() return self._constraints end
function Variable:determined_by() return self._determined_by end
function Variable:set_determined_by(constraint) self._determined_by = constraint end
function Variable:mark() return self._mark end
function Variable:set_mark(mark) self._mark = mark end
function Variable:walk_strength() return self._walk_strength end
function Variable:set_walk_strength(strength) self._walk_strength = strength end
function Variable:is_stay() return self._stay end
function Variable:set_stay(stay) self._stay = stay end

function Variable:add(constraint) self._constraints:add(constraint) end
function Variable:remove(constraint)
  self._constraints:remove(constraint)
  if self._determined_by == constraint then self._determined_by = nil end
end

local Constraint = class()
function Constraint:strength() return self._strength end
function Constraint:is_input() return false end

function Constraint:add_to(planner)
  self:add_to_graph()
  planner:incremental_add(self)
  return self
end

function Constraint:destroy(planner)
  if self:is_satisfied() then planner:incremental_remove(self) else self:remove_from_graph() end
end

-- Tries to satisfy this constraint; answers the one that had to give way, or null.
function Constraint:satisfy(mark, planner)
  self:choose_method(mark)
  if not self:is_satisfied() then return nil end
  self:mark_inputs(mark)
  local out = self:output()
  local overridden = out:determined_by()
  if overridden ~= nil then overridden:mark_unsatisfied() end
  out:set_determined_by(self)
  planner:add_propagate(self, mark)
  out:set_mark(mark)
  return overridden
end

local UnaryConstraint = class(Constraint)
function UnaryConstraint:init(variable, strength)
  self._strength = strength
  self._output = variable
  self._satisfied = false
  return self
end
function UnaryConstraint:add_to_graph()
  self._output:add(self)
  self._satisfied = false
end
function UnaryConstraint:remove_from_graph()
  self._output:remove(self)
  self._satisfied = false
end
function UnaryConstraint:choose_method(mark) self._satisfied = self._output:mark() ~= mark and self._strength < self._output:walk_strength() end
function UnaryConstraint:is_satisfied() return self._satisfied end
function UnaryConstraint:mark_unsatisfied() self._satisfied = false end
function UnaryConstraint:mark_inputs(mark) end
function UnaryConstraint:is_inputs_known(mark) return true end
function UnaryConstraint:output() return self._output end
function UnaryConstraint:recalculate()
  self._output:set_walk_strength(self._strength)
  self._output:set_stay(not self:is_input())
  if self._output:is_stay() then self:execute() end
end

local StayConstraint = class(UnaryConstraint)
function StayConstraint:execute() end

local EditConstraint = class(UnaryConstraint)
function EditConstraint:is_input() return true end
function EditConstraint:execute() end

local BinaryConstraint = class(Constraint)
function BinaryConstraint:init(first, second, strength)
  self._strength = strength
  self._first = first
  self._second = second
  self._direction = NONE
  return self
end
function BinaryConstraint:is_satisfied() return self._direction ~= NONE end
function BinaryConstraint:mark_unsatisfied() self._direction = NONE end
function BinaryConstraint:input() if self._direction == FORWARD then return self._first else return self._second end end
function BinaryConstraint:output() if self._direction == FORWARD then return self._second else return self._first end end

function BinaryConstraint:add_to_graph()
  self._first:add(self)
  self._second:add(self)
  self._direction = NONE
end
function BinaryConstraint:remove_from_graph()
  self._first:remove(self)
  self._second:remove(self)
  self._direction = NONE
end

function BinaryConstraint:choose_method(mark)
  local one = self._first:walk_strength()
  local two = self._second:walk_strength()
  if self._first:mark() == mark then
    if self._second:mark() ~= mark and self._strength < two then self._direction = FORWARD else self._direction = NONE end
  elseif self._second:mark() == mark then
    if self._strength < one then self._direction = BACKWARD else self._direction = NONE end
  elseif one > two then
    if self._strength < one then self._direction = BACKWARD else self._direction = NONE end
  else
    if self._strength < two then self._direction = FORWARD else self._direction = BACKWARD end
  end
end

function BinaryConstraint:mark_inputs(mark) self:input():set_mark(mark) end
function BinaryConstraint:is_inputs_known(mark)
  local source = self:input()
  return source:mark() == mark or source:is_stay() or source:determined_by() == nil
end

function BinaryConstraint:recalculate()
  local source = self:input()
  local out = self:output()
  if self._strength > source:walk_strength() then out:set_walk_strength(self._strength) else out:set_walk_strength(source:walk_strength()) end
  out:set_stay(source:is_stay())
  if out:is_stay() then self:execute() end
end

local EqualityConstraint = class(BinaryConstraint)
function EqualityConstraint:execute() self:output():set_value(self:input():value()) end

-- second = first * scale + offset
local ScaleConstraint = class(BinaryConstraint)
function ScaleConstraint:init(first, scale, offset, second, strength)
  BinaryConstraint.init(self, first, second, strength)
  self._scale = scale
  self._offset = offset
  return self
end
function ScaleConstraint:add_to_graph()
  BinaryConstraint.add_to_graph(self)
  self._scale:add(self)
  self._offset:add(self)
end
function ScaleConstraint:remove_from_graph()
  BinaryConstraint.remove_from_graph(self)
  self._scale:remove(self)
  self._offset:remove(self)
end
function ScaleConstraint:mark_inputs(mark)
  BinaryConstraint.mark_inputs(self, mark)
  self._scale:set_mark(mark)
  self._offset:set_mark(mark)
end
function ScaleConstraint:execute()
  if self._direction == FORWARD then self._second:set_value(self._first:value() * self._scale:value() + self._offset:value()) else self._first:set_value(floor((self._second:value() - self._offset:value()) / self._scale:value())) end
end
function ScaleConstraint:recalculate()
  local source = self:input()
  local out = self:output()
  if self._strength > source:walk_strength() then out:set_walk_strength(self._strength) else out:set_walk_strength(source:walk_strength()) end
  out:set_stay(source:is_stay() and self._scale:is_stay() and self._offset:is_stay())
  if out:is_stay() then self:execute() end
end

local function execute_plan(plan)
  for i = 0, plan:size() - 1 do plan:at(i):execute() end
end

local Planner = class()
function Planner:init()
  self._mark = 0
  return self
end
function Planner:new_mark()
  self._mark = self._mark + 1
  return self._mark
end

function Planner:incremental_add(constraint)
  local mark = self:new_mark()
  local overridden = constraint:satisfy(mark, self)
  while overridden ~= nil do overridden = overridden:satisfy(mark, self) end
end

function Planner:incremental_remove(constraint)
  local out = constraint:output()
  constraint:mark_unsatisfied()
  constraint:remove_from_graph()
  local unsatisfied = self:remove_propagate(out)
  for strength = REQUIRED, WEAKEST do
    for i = 0, unsatisfied:size() - 1 do
      local u = unsatisfied:at(i)
      if u:strength() == strength then self:incremental_add(u) end
    end
  end
end

function Planner:make_plan(sources)
  local mark = self:new_mark()
  local plan = List.new()
  local todo = sources
  while todo:size() > 0 do
    local c = todo:remove_last()
    if c:output():mark() ~= mark and c:is_inputs_known(mark) then
      plan:add(c)
      c:output():set_mark(mark)
      self:add_consumers(c:output(), todo)
    end
  end
  return plan
end

function Planner:plan_from(constraints)
  local sources = List.new()
  for i = 0, constraints:size() - 1 do
    local c = constraints:at(i)
    if c:is_input() and c:is_satisfied() then sources:add(c) end
  end
  return self:make_plan(sources)
end

function Planner:add_propagate(constraint, mark)
  local todo = List.new()
  todo:add(constraint)
  while todo:size() > 0 do
    local c = todo:remove_last()
    if c:output():mark() == mark then
      self:incremental_remove(constraint)
      return false
    end
    c:recalculate()
    self:add_consumers(c:output(), todo)
  end
  return true
end

function Planner:remove_propagate(out)
  out:set_determined_by(nil)
  out:set_walk_strength(WEAKEST)
  out:set_stay(true)
  local unsatisfied = List.new()
  local todo = List.new()
  todo:add(out)
  while todo:size() > 0 do
    local v = todo:remove_last()
    local constraints = v:constraints()
    for i = 0, constraints:size() - 1 do
      local c = constraints:at(i)
      if not c:is_satisfied() then unsatisfied:add(c) end
    end
    local determining = v:determined_by()
    for i = 0, constraints:size() - 1 do
      local next = constraints:at(i)
      if next ~= determining and next:is_satisfied() then
        next:recalculate()
        todo:add(next:output())
      end
    end
  end
  return unsatisfied
end

function Planner:add_consumers(v, list)
  local determining = v:determined_by()
  local constraints = v:constraints()
  for i = 0, constraints:size() - 1 do
    local c = constraints:at(i)
    if c ~= determining and c:is_satisfied() then list:add(c) end
  end
end

local function change(variable, value, planner)
  local edit = EditConstraint.new(variable, PREFERRED):add_to(planner)
  local edits = List.new()
  edits:add(edit)
  local plan = planner:plan_from(edits)
  for i = 0, 10 - 1 do
    variable:set_value(value)
    execute_plan(plan)
  end
  edit:destroy(planner)
end

-- A value travels along a chain of equalities.
local function chain_test(n)
  local planner = Planner.new()
  local first = Variable.new(0)
  local last = first
  for i = 0, n - 1 do
    local next = Variable.new(0)
    EqualityConstraint.new(last, next, REQUIRED):add_to(planner)
    last = next
  end
  StayConstraint.new(last, STRONG_DEFAULT):add_to(planner)
  local edit = EditConstraint.new(first, PREFERRED):add_to(planner)
  local edits = List.new()
  edits:add(edit)
  local plan = planner:plan_from(edits)
  local sum = 0
  for i = 0, 100 - 1 do
    first:set_value(i)
    execute_plan(plan)
    sum = sum + last:value()
  end
  edit:destroy(planner)
  return sum
end

-- Pairs of variables tied by one scale and one offset, changed at either end.
local function projection_test(n)
  local planner = Planner.new()
  local scale = Variable.new(10)
  local offset = Variable.new(1000)
  local source = nil
  local target = nil
  local targets = List.new()
  for i = 0, n - 1 do
    source = Variable.new(i)
    target = Variable.new(i)
    targets:add(target)
    StayConstraint.new(source, NORMAL):add_to(planner)
    ScaleConstraint.new(source, scale, offset, target, REQUIRED):add_to(planner)
  end
  change(source, 17, planner)
  local sum = target:value()
  change(target, 1050, planner)
  sum = sum + source:value()
  change(scale, 5, planner)
  for i = 0, n - 1 do sum = sum + targets:at(i):value() end
  change(offset, 2000, planner)
  for i = 0, n - 1 do sum = sum + targets:at(i):value() end
  return sum
end

local checksum = 0
for round = 0, ROUNDS - 1 do
  checksum = checksum + chain_test(CHAIN) + projection_test(PROJECTIONS)
end
print(checksum)
