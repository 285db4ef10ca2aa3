/**
 * The verifier's data flow analysis: what can locals and operands be at each instruction, on any path?
 *
 * An abstract state is a set of possibilities, kept as a bit mask; where paths meet, the sets are
 * united. States are stored at the starts of basic blocks. The analysis repeats until nothing grows,
 * and since sets only grow, a rule broken by an intermediate state is broken by the final one too.
 */
import { ControlFlow, jumpTarget, mayRaise, nextPosition, opcodeAt } from './instructions.js'
import { Op, type OpcodeInfo, popsAt } from './opcodes.js'
import type { BytecodeFunction } from './program.js'
import type { FunctionSubject } from './verify.js'
import type { Rule } from './verify-rules.js'

/** What a local may be. */
const VALUE = 1
/** "No value yet". */
const EMPTY = 2
const CELL = 4
/** Whatever an earlier frame left there: not even the collector may look at it. */
const UNSET = 8

/** What an operand may be. A cell never is one. */
const PLAIN = 1
const CLASS = 2
/** A method's closure on its way into the class: calling it like a function would lack `self`. */
const METHOD = 4
/** Literals under construction, which nothing else knows yet. */
const FRESH_ARRAY = 8
const FRESH_HASH = 16
const ERROR = 32

/** Instructions on locals: what the local must be before, and what it is afterwards. */
const LOCAL_RULES: ReadonlyMap<number, { needs?: number; becomes?: number }> = new Map([
  [Op.GetLocal, { needs: VALUE }],
  [Op.GetLocalChecked, { needs: VALUE | EMPTY }],
  [Op.SetLocal, { becomes: VALUE }],
  [Op.ClearLocal, { becomes: EMPTY }],
  [Op.NewCell, { needs: VALUE | EMPTY, becomes: CELL }],
  [Op.GetCell, { needs: CELL }],
  [Op.SetCell, { needs: CELL }],
])

const LOCAL_PROBLEMS: readonly (readonly [number, string])[] = [
  [UNSET, 'may not have been set'],
  [CELL, 'may be a cell'],
  [EMPTY, 'may have no value'],
  [VALUE, 'may not be a cell'],
]

/** Instructions that take something particular as their lowest operand. */
const OPERAND_NEEDS: ReadonlyMap<number, { kind: number; what: string }> = new Map([
  [Op.Append, { kind: FRESH_ARRAY, what: 'a fresh array' }],
  [Op.Insert, { kind: FRESH_HASH, what: 'a fresh hash' }],
  [Op.Method, { kind: CLASS, what: 'a class' }],
  [Op.ErrorIs, { kind: ERROR, what: 'an error' }],
  [Op.ImportFailed, { kind: ERROR, what: 'an error' }],
])

/** Instructions that push something particular; `Dup` and `Closure` depend on more. */
const PUSHED_KINDS: ReadonlyMap<number, number> = new Map([
  [Op.Class, CLASS],
  [Op.Subclass, CLASS],
  [Op.Method, CLASS],
  [Op.Array, FRESH_ARRAY],
  [Op.Append, FRESH_ARRAY],
  [Op.Hash, FRESH_HASH],
  [Op.Insert, FRESH_HASH],
])

interface State {
  depth: number
  locals: Uint8Array
  operands: Uint8Array
}

/** Bytes of the states of one function. */
const MAX_STATES = 2 ** 27

/**
 * What the analysis of one program may cost, in slots and instructions looked at: a second or two. Programs that people
 * write need less than a thousandth; a document made for it could keep the analysis busy for days.
 */
export class Budget {
  private left = 2 ** 30

  /** @returns false if that is too much */
  spend(work: number): boolean {
    this.left -= work
    return this.left >= 0
  }
}

/** Checks all paths through a function whose instructions and tables are known to be sound. */
export function verifyFlow(subject: FunctionSubject, budget: Budget): void {
  const { handlers } = subject.fn
  const covered = handlers.reduce((sum, { start, end }) => sum + end - start, 0)
  if (!budget.spend(covered)) subject.fail(-1, 'size', TOO_LARGE)
  new FlowVerifier(subject, budget).run()
}

const TOO_LARGE = 'too much code to verify'

class FlowVerifier {
  private readonly fn: BytecodeFunction
  private readonly flow: ControlFlow
  /** Per block, the state at its start; null while no path to it is known. */
  private readonly states: (State | null)[]
  private readonly pending: Uint8Array
  /** The state at the instruction that is looked at. */
  private state: State

  constructor(
    private readonly subject: FunctionSubject,
    private readonly budget: Budget,
  ) {
    this.fn = subject.fn
    this.flow = new ControlFlow(this.fn)
    this.states = Array.from({ length: this.flow.count }, () => null)
    this.pending = new Uint8Array(this.flow.count)
    const { locals, parameters, method, maxStack } = this.fn
    this.state = { depth: 0, locals: new Uint8Array(locals).fill(UNSET), operands: new Uint8Array(maxStack) }
    this.state.locals.fill(VALUE, 0, parameters.length + (method ? 1 : 0))
    if (this.flow.count * (locals + maxStack) > MAX_STATES) subject.fail(-1, 'size', TOO_LARGE)
  }

  run(): void {
    this.arrive(0, 0)
    for (let again = true; again; ) {
      again = false
      this.spend(this.flow.count)
      for (let block = 0; block < this.flow.count; block++) {
        if (this.pending[block] === 0) continue
        this.pending[block] = 0
        again = true
        this.visit(block)
      }
    }
    const unreached = this.states.indexOf(null)
    if (unreached >= 0) this.fail(this.flow.starts[unreached] as number, 'reachable', 'unreachable code')
    this.checkHandlerDepths()
  }

  /** Who asks for the depth at a handler takes it from the handler, even if nothing in its range raises errors. */
  private checkHandlerDepths(): void {
    for (const [number, { target, depth }] of this.fn.handlers.entries()) {
      const known = this.states[this.flow.blockAt[target] as number]?.depth
      if (known === depth + 1) continue
      const message = `operand stack depth ${depth + 1} at ${target} from handler ${number}, else ${known}`
      this.subject.fail(-1, 'depths', message)
    }
  }

  private spend(work: number): void {
    if (!this.budget.spend(work)) this.subject.fail(-1, 'size', TOO_LARGE)
  }

  private fail(position: number, rule: Rule, message: string): never {
    this.subject.fail(position, rule, message)
  }

  // --- edges --------------------------------------------------------------------------------

  /** Control may go from `from` to `to` with the present state. */
  private arrive(from: number, to: number): void {
    const { depth, locals, operands } = this.state
    if (to === this.fn.code.length) this.fail(from, 'ends', 'execution runs off the end of the code')
    this.spend(locals.length + depth)
    const block = this.flow.blockAt[to] as number
    const known = this.states[block]
    if (known === null || known === undefined) {
      this.states[block] = { depth, locals: locals.slice(), operands: operands.slice() }
      this.pending[block] = 1
      return
    }
    if (known.depth !== depth) {
      this.fail(
        from,
        'depths',
        `operand stack depth ${depth} at ${to}, which is also reached with depth ${known.depth}`,
      )
    }
    if (unite(known.locals, locals, locals.length) || unite(known.operands, operands, depth))
      this.pending[block] = 1
  }

  /**
   * The handler of `block` may be entered from the instruction at `position` with the present locals
   * and the lowest operands. Instructions that cannot raise an error may have fewer operands (a jump
   * out of the range drops them first).
   */
  private arriveAtHandler(block: number, position: number): void {
    const handler = this.fn.handlers[this.flow.handlers[block] as number]
    if (handler === undefined) return
    const { code } = this.fn
    const { depth, locals, operands } = this.state
    const { name, code: opcode } = opcodeAt(code, position)
    // What an instruction takes may be overwritten when it fails: a callee by the link of its frame.
    const untouched = depth - popsAt(code, position)
    if (mayRaise(opcode) && untouched < handler.depth)
      this.fail(position, 'kept', `${name} leaves ${untouched} operands, the handler keeps ${handler.depth}`)
    if (depth < handler.depth) return
    const outer = this.state
    this.state = { depth: handler.depth + 1, locals, operands: operands.slice() }
    this.state.operands[handler.depth] = ERROR
    this.arrive(position, handler.target)
    this.state = outer
  }

  // --- instructions -------------------------------------------------------------------------

  private visit(block: number): void {
    const { code } = this.fn
    const { depth, locals, operands } = this.states[block] as State
    this.state = { depth, locals: locals.slice(), operands: operands.slice() }
    this.spend(locals.length + operands.length)
    const end = this.flow.starts[block + 1] as number
    for (let position = this.flow.starts[block] as number; position < end; ) {
      this.arriveAtHandler(block, position)
      this.execute(position)
      const target = jumpTarget(code, position)
      if (target >= 0) this.arrive(position, target)
      const next = nextPosition(code, position)
      if (next === end && !opcodeAt(code, position).ends) this.arrive(position, next)
      position = next
    }
  }

  private execute(position: number): void {
    this.spend(1)
    const { code, maxStack } = this.fn
    const { state } = this
    const info = opcodeAt(code, position)
    const pops = popsAt(code, position)
    const bottom = state.depth - pops
    if (bottom < 0)
      this.fail(position, 'underflow', `${info.name} takes ${pops} operands, the stack has ${state.depth}`)
    const depth = bottom + info.pushes
    if (depth > maxStack) this.fail(position, 'overflow', `operand stack depth ${depth} (limit ${maxStack})`)
    this.checkOperands(position, info, bottom)
    const pushed = this.pushedKind(position, bottom)
    this.executeOnLocal(position, info)
    state.operands.fill(pushed, bottom, depth)
    state.depth = depth
  }

  private checkOperands(position: number, info: OpcodeInfo, bottom: number): void {
    const { depth, operands } = this.state
    const needs = OPERAND_NEEDS.get(info.code)
    if (needs !== undefined && operands[bottom] !== needs.kind) {
      this.fail(
        position,
        'operandKinds',
        `${info.name} takes ${needs.what}, which operand ${bottom} may not be`,
      )
    }
    for (let i = bottom; i < depth; i++) {
      const takesMethod = info.code === Op.Method && i === depth - 1
      const operand = operands[i] as number
      if (takesMethod ? operand !== METHOD : (operand & METHOD) !== 0) {
        const message = takesMethod ? 'may not be the closure of a method' : 'may be the closure of a method'
        this.fail(position, 'methods', `${info.name}: operand ${i} ${message}`)
      }
    }
  }

  private pushedKind(position: number, bottom: number): number {
    const { code } = this.fn
    const opcode = code[position] as number
    if (opcode === Op.Closure) return this.closureKind(position)
    if (opcode === Op.Dup) {
      // Two references: no longer fresh.
      const kind = this.state.operands[bottom] as number
      const fresh = kind & (FRESH_ARRAY | FRESH_HASH)
      return fresh === 0 ? kind : (kind & ~fresh) | PLAIN
    }
    return PUSHED_KINDS.get(opcode) ?? PLAIN
  }

  /** Captured variables must be cells of this frame, or cells that this function captured itself. */
  private closureKind(position: number): number {
    const index = this.fn.code[position + 1] as number
    const created = this.subject.program.functions[index] as BytecodeFunction
    this.spend(created.captures.length)
    created.captures.forEach((capture, number) => {
      const what = `Closure: capture ${number} of function ${index}`
      if (capture.from === 'upvalue') {
        if (capture.index >= this.fn.captures.length) {
          this.fail(position, 'captured', `${what}: captured variable ${capture.index} does not exist`)
        }
      } else if (capture.index >= this.fn.locals) {
        this.fail(position, 'captured', `${what}: local ${capture.index} does not exist`)
      } else {
        this.checkLocal(position, what, capture.index, CELL)
      }
    })
    return created.method ? METHOD : PLAIN
  }

  private executeOnLocal(position: number, info: OpcodeInfo): void {
    const rule = LOCAL_RULES.get(info.code)
    if (rule === undefined) return
    const local = this.fn.code[position + 1] as number
    if (rule.needs !== undefined) this.checkLocal(position, info.name, local, rule.needs)
    if (rule.becomes !== undefined) this.state.locals[local] = rule.becomes
  }

  private checkLocal(position: number, what: string, local: number, needs: number): void {
    const wrong = (this.state.locals[local] as number) & ~needs
    if (wrong === 0) return
    const problem = LOCAL_PROBLEMS.find(([bit]) => wrong & bit)
    this.fail(position, 'locals', `${what}: local ${local} ${problem?.[1]}`)
  }
}

/** Adds the possibilities of the first `length` entries of `from` to `to`; whether any were new. */
function unite(to: Uint8Array, from: Uint8Array, length: number): boolean {
  let grew = false
  for (let i = 0; i < length; i++) {
    const both = (to[i] as number) | (from[i] as number)
    if (both === to[i]) continue
    to[i] = both
    grew = true
  }
  return grew
}
