// Polymorphic objects: DeltaBlue, an incremental solver of one-way constraints. Strengths are numbers, 0 the strongest.
const ROUNDS = 800
const CHAIN = 30
const PROJECTIONS = 30

const REQUIRED = 0
const STRONG_PREFERRED = 1
const PREFERRED = 2
const STRONG_DEFAULT = 3
const NORMAL = 4
const WEAK_DEFAULT = 5
const WEAKEST = 6

const NONE = 0
const FORWARD = 1
const BACKWARD = 2

// A growing array that can also give its elements back.
class List {
  constructor() {
    this._items = [null, null, null, null]
    this._capacity = 4
    this._size = 0
  }
  size() { return this._size }
  at(i) { return this._items[i] }

  add(item) {
    if (this._size === this._capacity) {
      const larger = this._items.slice(0, this._capacity)
      for (let i = 0; i < this._capacity; i = i + 1) { larger.push(null) }
      this._items = larger
      this._capacity = this._capacity * 2
    }
    this._items[this._size] = item
    this._size = this._size + 1
  }

  removeLast() {
    this._size = this._size - 1
    const item = this._items[this._size]
    this._items[this._size] = null
    return item
  }

  remove(item) {
    let kept = 0
    for (let i = 0; i < this._size; i = i + 1) {
      if (this._items[i] !== item) {
        this._items[kept] = this._items[i]
        kept = kept + 1
      }
    }
    for (let i = kept; i < this._size; i = i + 1) { this._items[i] = null }
    this._size = kept
  }
}

class Variable {
  constructor(value) {
    this._value = value
    this._constraints = new List()
    this._determinedBy = null
    this._mark = 0
    this._walkStrength = WEAKEST
    this._stay = true
  }
  value() { return this._value }
  setValue(value) { this._value = value }
  constraints() { return this._constraints }
  determinedBy() { return this._determinedBy }
  setDeterminedBy(constraint) { this._determinedBy = constraint }
  mark() { return this._mark }
  setMark(mark) { this._mark = mark }
  walkStrength() { return this._walkStrength }
  setWalkStrength(strength) { this._walkStrength = strength }
  isStay() { return this._stay }
  setStay(stay) { this._stay = stay }

  add(constraint) { this._constraints.add(constraint) }
  remove(constraint) {
    this._constraints.remove(constraint)
    if (this._determinedBy === constraint) { this._determinedBy = null }
  }
}

class Constraint {
  strength() { return this._strength }
  isInput() { return false }

  addTo(planner) {
    this.addToGraph()
    planner.incrementalAdd(this)
    return this
  }

  destroy(planner) {
    if (this.isSatisfied()) { planner.incrementalRemove(this) } else { this.removeFromGraph() }
  }

  // Tries to satisfy this constraint; answers the one that had to give way, or null.
  satisfy(mark, planner) {
    this.chooseMethod(mark)
    if (!this.isSatisfied()) { return null }
    this.markInputs(mark)
    const out = this.output()
    const overridden = out.determinedBy()
    if (overridden !== null) { overridden.markUnsatisfied() }
    out.setDeterminedBy(this)
    planner.addPropagate(this, mark)
    out.setMark(mark)
    return overridden
  }
}

class UnaryConstraint extends Constraint {
  constructor(variable, strength) {
    super()
    this._strength = strength
    this._output = variable
    this._satisfied = false
  }
  addToGraph() {
    this._output.add(this)
    this._satisfied = false
  }
  removeFromGraph() {
    this._output.remove(this)
    this._satisfied = false
  }
  chooseMethod(mark) { this._satisfied = this._output.mark() !== mark && this._strength < this._output.walkStrength() }
  isSatisfied() { return this._satisfied }
  markUnsatisfied() { this._satisfied = false }
  markInputs(mark) {}
  isInputsKnown(mark) { return true }
  output() { return this._output }
  recalculate() {
    this._output.setWalkStrength(this._strength)
    this._output.setStay(!this.isInput())
    if (this._output.isStay()) { this.execute() }
  }
}

class StayConstraint extends UnaryConstraint {
  execute() {}
}

class EditConstraint extends UnaryConstraint {
  isInput() { return true }
  execute() {}
}

class BinaryConstraint extends Constraint {
  constructor(first, second, strength) {
    super()
    this._strength = strength
    this._first = first
    this._second = second
    this._direction = NONE
  }
  isSatisfied() { return this._direction !== NONE }
  markUnsatisfied() { this._direction = NONE }
  input() { if (this._direction === FORWARD) { return this._first } else { return this._second } }
  output() { if (this._direction === FORWARD) { return this._second } else { return this._first } }

  addToGraph() {
    this._first.add(this)
    this._second.add(this)
    this._direction = NONE
  }
  removeFromGraph() {
    this._first.remove(this)
    this._second.remove(this)
    this._direction = NONE
  }

  chooseMethod(mark) {
    const one = this._first.walkStrength()
    const two = this._second.walkStrength()
    if (this._first.mark() === mark) {
      if (this._second.mark() !== mark && this._strength < two) { this._direction = FORWARD }
      else { this._direction = NONE }
    } else if (this._second.mark() === mark) {
      if (this._strength < one) { this._direction = BACKWARD } else { this._direction = NONE }
    } else if (one > two) {
      if (this._strength < one) { this._direction = BACKWARD } else { this._direction = NONE }
    } else {
      if (this._strength < two) { this._direction = FORWARD } else { this._direction = BACKWARD }
    }
  }

  markInputs(mark) { this.input().setMark(mark) }
  isInputsKnown(mark) {
    const source = this.input()
    return source.mark() === mark || source.isStay() || source.determinedBy() === null
  }

  recalculate() {
    const source = this.input()
    const out = this.output()
    if (this._strength > source.walkStrength()) { out.setWalkStrength(this._strength) }
    else { out.setWalkStrength(source.walkStrength()) }
    out.setStay(source.isStay())
    if (out.isStay()) { this.execute() }
  }
}

class EqualityConstraint extends BinaryConstraint {
  execute() { this.output().setValue(this.input().value()) }
}

// second = first * scale + offset
class ScaleConstraint extends BinaryConstraint {
  constructor(first, scale, offset, second, strength) {
    super(first, second, strength)
    this._scale = scale
    this._offset = offset
  }
  addToGraph() {
    super.addToGraph()
    this._scale.add(this)
    this._offset.add(this)
  }
  removeFromGraph() {
    super.removeFromGraph()
    this._scale.remove(this)
    this._offset.remove(this)
  }
  markInputs(mark) {
    super.markInputs(mark)
    this._scale.setMark(mark)
    this._offset.setMark(mark)
  }
  execute() {
    if (this._direction === FORWARD) { this._second.setValue(this._first.value() * this._scale.value() + this._offset.value()) }
    else { this._first.setValue(Math.floor((this._second.value() - this._offset.value()) / this._scale.value())) }
  }
  recalculate() {
    const source = this.input()
    const out = this.output()
    if (this._strength > source.walkStrength()) { out.setWalkStrength(this._strength) }
    else { out.setWalkStrength(source.walkStrength()) }
    out.setStay(source.isStay() && this._scale.isStay() && this._offset.isStay())
    if (out.isStay()) { this.execute() }
  }
}

function executePlan(plan) {
  for (let i = 0; i < plan.size(); i = i + 1) { plan.at(i).execute() }
}

class Planner {
  constructor() { this._mark = 0 }
  newMark() {
    this._mark = this._mark + 1
    return this._mark
  }

  incrementalAdd(constraint) {
    const mark = this.newMark()
    let overridden = constraint.satisfy(mark, this)
    while (overridden !== null) { overridden = overridden.satisfy(mark, this) }
  }

  incrementalRemove(constraint) {
    const out = constraint.output()
    constraint.markUnsatisfied()
    constraint.removeFromGraph()
    const unsatisfied = this.removePropagate(out)
    for (let strength = REQUIRED; strength <= WEAKEST; strength = strength + 1) {
      for (let i = 0; i < unsatisfied.size(); i = i + 1) {
        const u = unsatisfied.at(i)
        if (u.strength() === strength) { this.incrementalAdd(u) }
      }
    }
  }

  makePlan(sources) {
    const mark = this.newMark()
    const plan = new List()
    const todo = sources
    while (todo.size() > 0) {
      const c = todo.removeLast()
      if (c.output().mark() !== mark && c.isInputsKnown(mark)) {
        plan.add(c)
        c.output().setMark(mark)
        this.addConsumers(c.output(), todo)
      }
    }
    return plan
  }

  planFrom(constraints) {
    const sources = new List()
    for (let i = 0; i < constraints.size(); i = i + 1) {
      const c = constraints.at(i)
      if (c.isInput() && c.isSatisfied()) { sources.add(c) }
    }
    return this.makePlan(sources)
  }

  addPropagate(constraint, mark) {
    const todo = new List()
    todo.add(constraint)
    while (todo.size() > 0) {
      const c = todo.removeLast()
      if (c.output().mark() === mark) {
        this.incrementalRemove(constraint)
        return false
      }
      c.recalculate()
      this.addConsumers(c.output(), todo)
    }
    return true
  }

  removePropagate(out) {
    out.setDeterminedBy(null)
    out.setWalkStrength(WEAKEST)
    out.setStay(true)
    const unsatisfied = new List()
    const todo = new List()
    todo.add(out)
    while (todo.size() > 0) {
      const v = todo.removeLast()
      const constraints = v.constraints()
      for (let i = 0; i < constraints.size(); i = i + 1) {
        const c = constraints.at(i)
        if (!c.isSatisfied()) { unsatisfied.add(c) }
      }
      const determining = v.determinedBy()
      for (let i = 0; i < constraints.size(); i = i + 1) {
        const next = constraints.at(i)
        if (next !== determining && next.isSatisfied()) {
          next.recalculate()
          todo.add(next.output())
        }
      }
    }
    return unsatisfied
  }

  addConsumers(v, list) {
    const determining = v.determinedBy()
    const constraints = v.constraints()
    for (let i = 0; i < constraints.size(); i = i + 1) {
      const c = constraints.at(i)
      if (c !== determining && c.isSatisfied()) { list.add(c) }
    }
  }
}

function change(variable, value, planner) {
  const edit = new EditConstraint(variable, PREFERRED).addTo(planner)
  const edits = new List()
  edits.add(edit)
  const plan = planner.planFrom(edits)
  for (let i = 0; i < 10; i = i + 1) {
    variable.setValue(value)
    executePlan(plan)
  }
  edit.destroy(planner)
}

// A value travels along a chain of equalities.
function chainTest(n) {
  const planner = new Planner()
  const first = new Variable(0)
  let last = first
  for (let i = 0; i < n; i = i + 1) {
    const next = new Variable(0)
    new EqualityConstraint(last, next, REQUIRED).addTo(planner)
    last = next
  }
  new StayConstraint(last, STRONG_DEFAULT).addTo(planner)
  const edit = new EditConstraint(first, PREFERRED).addTo(planner)
  const edits = new List()
  edits.add(edit)
  const plan = planner.planFrom(edits)
  let sum = 0
  for (let i = 0; i < 100; i = i + 1) {
    first.setValue(i)
    executePlan(plan)
    sum = sum + last.value()
  }
  edit.destroy(planner)
  return sum
}

// Pairs of variables tied by one scale and one offset, changed at either end.
function projectionTest(n) {
  const planner = new Planner()
  const scale = new Variable(10)
  const offset = new Variable(1000)
  let source = null
  let target = null
  const targets = new List()
  for (let i = 0; i < n; i = i + 1) {
    source = new Variable(i)
    target = new Variable(i)
    targets.add(target)
    new StayConstraint(source, NORMAL).addTo(planner)
    new ScaleConstraint(source, scale, offset, target, REQUIRED).addTo(planner)
  }
  change(source, 17, planner)
  let sum = target.value()
  change(target, 1050, planner)
  sum = sum + source.value()
  change(scale, 5, planner)
  for (let i = 0; i < n; i = i + 1) { sum = sum + targets.at(i).value() }
  change(offset, 2000, planner)
  for (let i = 0; i < n; i = i + 1) { sum = sum + targets.at(i).value() }
  return sum
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  checksum = checksum + chainTest(CHAIN) + projectionTest(PROJECTIONS)
}
console.log(checksum)
