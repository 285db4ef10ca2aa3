/**
 * Tier 1: the bytecode VM. One loop runs all Rush frames of a host call, whatever their depth; the
 * JavaScript stack grows only when a built-in function calls back into the program.
 *
 * While the loop runs, its state is in JavaScript variables. It is written to `rt` (base, position,
 * top) before anything that may collect, raise or call back.
 */

import { handlerAt, operandDepths } from '../bytecode/instructions.js'
import { CALLS, OPCODES, Opcode, type OpcodeInfo } from '../bytecode/opcodes.js'
import type { BytecodeProgram } from '../bytecode/program.js'
import { unshareSmall } from '../heap/arrays.js'
import type { Marker } from '../heap/heap.js'
import { ClosureLayout, Context, FunctionLayout, SLOT_SIZE } from '../heap/layout.js'
import { createClosure } from '../heap/objects.js'
import { failRuntime, MESSAGES, setThrown } from '../runtime/errors.js'
import {
  callerBase,
  LINK_BOUNDARY,
  LINK_POSITION,
  LINK_POSITION_MASK,
  LINK_TAG,
  linkTag,
} from '../runtime/frames.js'
import { type Runtime, THROWN, type Tier } from '../runtime/runtime.js'
import { checkInterrupt, safepoint } from '../runtime/safepoint.js'
import { placeCaught } from '../runtime/trace.js'
import type { Unit } from '../runtime/unit.js'
import { findForCache, prepareCall, prepareMethodCall, prepareNew, prepareSuper } from './calls.js'
import { execute } from './execute.js'
import { loadProgram } from './load.js'
import type { LoadedFunction } from './loaded-function.js'
import { makeRunLoop } from './outer-loop.js'
import { METHOD_REQUEST, type NativeGate, Segments, Status, UNSHARE_REQUEST } from './segments.js'
import { type Observer, RETRY_LOOPS, type TierEvents } from './tier-events.js'

const DEPTH = Context.DEPTH >> 2
const LENGTHS: readonly number[] = OPCODES.map((info) => info.operands.length + 1)

/** Calls in which a back-edge is waited for after the fuel has run out. */
const CALLS_WITHOUT_FUEL = 8

/** See `Vm.whenBusy`. */
interface Busy {
  /** Fuel from then on. */
  readonly rest: number
  readonly tell: () => void
}

export class Vm implements Tier {
  /** By function number, like `Runtime.functions`. */
  readonly functions: LoadedFunction[] = []
  events: TierEvents | null = null
  observer: Observer = () => {}
  /** The resume point: where the run loop goes on when it is entered. */
  base = 0
  pc = 0
  sp = 0
  /** The fuel ran out at a loop's back-edge. */
  atLoop = false
  /** A `throw` has put its error in flight. */
  private raised = false
  /** Calls and loop passes between two returns of the run loop; 0: as the loop likes. */
  fuel = 0
  /** Whom to tell when the fuel runs out for the first time. */
  private busy: Busy | null = null
  /** What `fuel` is when no loop is expected to go on in native code soon. */
  fullFuel = 0
  private callsWithoutFuel = 0
  /** What native code asked for: instructions by opcode, calls of functions without any, free cells, methods. */
  readonly requests = { steps: new Float64Array(OPCODES.length), calls: 0, refills: 0, methods: 0 }
  private gate: NativeGate | null = null
  segments: Segments | null = null

  private readonly runLoop: (hostBase: number) => boolean

  constructor(readonly rt: Runtime) {
    this.runLoop = makeRunLoop(this)
    rt.heap.addRoots((marker) => this.visitFunctions(marker))
  }

  /** Loads verified bytecode; see `loadProgram`. */
  load(program: BytecodeProgram, unit: Unit | null = null, globals = 0): LoadedFunction[] {
    const loaded = loadProgram(this.rt, program, unit, globals)
    for (const fn of loaded) this.functions[fn.index] = fn
    return loaded
  }

  /** From now on functions with a native entry are entered through `gate`. */
  attachNative(gate: NativeGate): Segments {
    this.gate = gate
    this.segments = new Segments(this.rt.heap, gate)
    return this.segments
  }

  private visitFunctions(marker: Marker): void {
    for (const fn of this.functions) {
      fn?.flushCaches()
      fn?.markSeen(marker)
    }
  }

  /**
   * Runs the body of a main program. Throws THROWN if it ends in an error.
   *
   * @returns the slot of its value, above the stack's top
   */
  runBody(main: LoadedFunction): number {
    const { rt } = this
    const slot = rt.top
    createClosure(rt.heap, slot, main.record, 0)
    rt.top = slot + SLOT_SIZE
    this.call(slot, 0)
    rt.top = slot
    return slot
  }

  /** Forgets whatever was running; see `Runtime.abandon`. */
  abandon(): void {
    this.segments?.clear()
  }

  // --- calls from the host ------------------------------------------------------------------

  call(callee: number, count: number): void {
    const { rt } = this
    const { base, position } = rt
    const closure = prepareCall(rt, callee + (count + 1) * SLOT_SIZE, count)
    try {
      if (closure !== 0) this.callClosure(closure)
    } finally {
      // After an error, too: `rt` must describe the frame from which it goes on, not one that was left.
      rt.base = base
      rt.position = position
      rt.top = callee + SLOT_SIZE
    }
  }

  private callClosure(callee: number): void {
    const { rt } = this
    const { I32 } = rt.heap
    const frame = callee + SLOT_SIZE
    const distance = rt.base === 0 ? 0 : (frame - rt.base) / SLOT_SIZE
    const fn = this.functionAt(frame)
    this.checkDepth(fn)
    // Callbacks of a built-in function may need no other safepoint, and there may be millions of them.
    if (rt.base !== 0) {
      rt.top = frame + fn.parameters * SLOT_SIZE
      safepoint(rt)
    }
    I32[(frame + LINK_TAG) >> 2] = linkTag(distance)
    I32[(frame + LINK_POSITION) >> 2] = rt.position | LINK_BOUNDARY
    this.run(frame)
  }

  private checkDepth(fn: LoadedFunction): void {
    if ((this.rt.heap.I32[DEPTH] as number) < fn.charge) failRuntime(this.rt, MESSAGES.stackOverflow())
  }

  functionAt(base: number): LoadedFunction {
    const { I32 } = this.rt.heap
    const closure = I32[(base - SLOT_SIZE) >> 2] as number
    const record = I32[(closure + ClosureLayout.FUNCTION) >> 2] as number
    return this.functions[I32[(record + FunctionLayout.INDEX) >> 2] as number] as LoadedFunction
  }

  /** Depth of the operand stack before the instruction at `position`, in slots. */
  operandDepth(fn: LoadedFunction, position: number): number {
    fn.depths ??= operandDepths(fn.bytecode)
    return fn.depths[position] as number
  }

  private operandBytes(fn: LoadedFunction, position: number): number {
    return this.operandDepth(fn, position) * SLOT_SIZE
  }

  // --- the loop -----------------------------------------------------------------------------

  /** Runs the frame at `hostBase`, whose callee slot and arguments are in place, until it returns. */
  private run(hostBase: number): void {
    let entered = false
    for (;;) {
      try {
        if (!entered) {
          entered = true
          if (!this.enter(hostBase, hostBase)) return
        }
        // Out of fuel: see `makeRunLoop`.
        while (!this.runLoop(hostBase)) {
          if (this.raised) break
          if (this.busy !== null) this.tellBusy(this.busy)
          else if (!this.atLoop) this.ranOutAtCall()
          else if (!this.replaceFrame(hostBase)) return
        }
        if (!this.raised) return
        placeCaught(this.rt, THROWN)
      } catch (error) {
        placeCaught(this.rt, error)
      }
      this.raised = false
      if (!this.unwind(hostBase)) throw THROWN
    }
  }

  /** `throw`, by an instruction of the frame that `rt` describes: the run loop ends, without an exception in JavaScript. */
  raise(value: number): void {
    setThrown(this.rt, value)
    this.raised = true
  }

  /** Has `tell` called once, when the program has made so many calls and loop passes. */
  whenBusy(steps: number, tell: () => void): void {
    const rest = this.fuel - steps
    if (rest <= 0) return tell()
    this.fuel = steps
    this.busy = { rest, tell }
  }

  private tellBusy({ rest, tell }: Busy): void {
    this.busy = null
    this.atLoop = false
    this.fuel = rest
    tell()
  }

  /** A loop around the call is to be noticed at its next back-edge, if that comes soon. */
  private ranOutAtCall(): void {
    if (this.fullFuel === 0) return
    this.callsWithoutFuel++
    this.fuel = this.callsWithoutFuel < CALLS_WITHOUT_FUEL ? 1 : this.fullFuel
    if (this.fuel > 1) this.callsWithoutFuel = 0
  }

  /**
   * At a loop header: the frame goes on in native code if the tier manager has some for this place.
   * @returns false if the host call has ended
   */
  private replaceFrame(hostBase: number): boolean {
    this.atLoop = false
    this.callsWithoutFuel = 0
    if (this.events === null) return true
    const { base, pc } = this
    const entry = this.events.looped(this.functionAt(base), pc, base)
    if (entry === 0) return true
    ;(this.segments as Segments).start(base, entry)
    return this.native(hostBase)
  }

  /**
   * Enters the function whose frame is at `base`: native code if it has any.
   * @returns false if that already ended the host call
   */
  private enter(base: number, hostBase: number): boolean {
    return this.begin(base, this.functionAt(base)) ? this.native(hostBase) : true
  }

  /**
   * Resolves a call instruction of the frame at `base`.
   * @returns the callee slot of the frame to enter, or 0 if the call is done and `sp` is set behind its result
   */
  prepare(opcode: number, base: number, position: number, sp: number): number {
    const { rt } = this
    const fn = this.functionAt(base)
    const a = fn.code[position + 1] as number
    const b = fn.code[position + 2] as number
    let callee: number
    /** Slots that are dropped if the call is done already. */
    let dropped: number
    switch (opcode) {
      case Opcode.Call:
        callee = prepareCall(rt, sp, a)
        dropped = a
        break
      case Opcode.CallMethod:
        callee = prepareMethodCall(rt, fn, position, sp, a, b)
        dropped = b + 1
        break
      case Opcode.New:
        callee = prepareNew(rt, fn, position, sp, a)
        dropped = a + 1
        break
      default:
        callee = prepareSuper(rt, base, sp, a, b)
        dropped = b + 1
    }
    this.sp = sp - dropped * SLOT_SIZE
    return callee
  }

  /**
   * Enters the frame at `frame`, whose callee slot and arguments are in place, called from `caller`.
   * @returns false if the host call has ended; otherwise the resume point is set
   */
  enterFrame(frame: number, caller: number, position: number, hostBase: number): boolean {
    const { I32 } = this.rt.heap
    const target = this.functionAt(frame)
    this.checkDepth(target)
    I32[(frame + LINK_TAG) >> 2] = linkTag((frame - caller) / SLOT_SIZE)
    I32[(frame + LINK_POSITION) >> 2] = position
    return this.begin(frame, target) ? this.native(hostBase) : true
  }

  goOn(base: number, pc: number, sp: number): void {
    this.base = base
    this.pc = pc
    this.sp = sp
  }

  // --- returns and native code ----------------------------------------------------------------

  /**
   * The frame at `base`, whose link is marked BOUNDARY, has returned; its result is in the callee slot.
   * @returns false if that ended the host call; otherwise the resume point is set
   */
  returnAcross(base: number, hostBase: number): boolean {
    if (base === hostBase) return false
    this.rt.heap.copy(Context.RESULT, base - SLOT_SIZE)
    ;(this.segments as Segments).resume()
    return this.native(hostBase)
  }

  /** Goes on in the VM behind the call of the frame at `base`, whose result is in its callee slot. */
  private goOnBehind(link: number, position: number, base: number): void {
    const caller = base - ((link >>> 8) << 4)
    const fn = this.functionAt(caller)
    const opcode = fn.code[position] as number
    this.goOn(caller, position + (LENGTHS[opcode] as number), base)
  }

  /**
   * Enters native code as the context says and serves its requests until the VM has to run something.
   * @returns false if the host call has ended; otherwise the resume point is set
   */
  native(hostBase: number): boolean {
    const { heap } = this.rt
    const { I32 } = heap
    const gate = this.gate as NativeGate
    const segments = this.segments as Segments
    for (;;) {
      gate.enter()
      const base = I32[Context.BASE >> 2] as number
      switch (I32[Context.STATUS >> 2]) {
        case Status.RETURN: {
          const frame = segments.entryBase
          const link = I32[(frame + LINK_TAG) >> 2] as number
          const position = I32[(frame + LINK_POSITION) >> 2] as number
          heap.copy(frame - SLOT_SIZE, Context.RESULT)
          if (position >= 0) {
            this.goOnBehind(link, position, frame)
            return true
          }
          if (frame === hostBase) return false
          segments.resume()
          continue
        }
        case Status.STEP:
          segments.suspend(base)
          if (this.step(base, I32[Context.REQUEST_A >> 2] as number)) continue
          return true
        case Status.REFILL:
          segments.suspend(base)
          this.refill(base, I32[Context.REQUEST_A >> 2] as number, I32[Context.REQUEST_B >> 2] as number)
          segments.resume()
          continue
        case Status.CALL_VM:
          segments.suspend(callerBase(I32, base))
          this.callFromNative(base)
          return true
        default:
          this.leaveNative(base)
          return true
      }
    }
  }

  /**
   * Executes one instruction for the native frame at `base`.
   * @returns true if native code goes on at once, with the context prepared
   */
  private step(base: number, position: number): boolean {
    const { rt } = this
    const fn = this.functionAt(base)
    const sp = base + fn.localBytes + this.operandBytes(fn, position)
    rt.base = base
    rt.position = position
    rt.top = sp
    this.pc = position
    const segments = this.segments as Segments
    const code = fn.code
    const opcode = code[position] as number
    const info = OPCODES[opcode] as OpcodeInfo
    this.requests.steps[opcode]++
    if (this.events?.stepped(fn, position, base, sp)) {
      this.detach(base)
      this.goOn(base, position, sp)
      return false
    }
    if (info.calls || info.allocates) safepoint(rt)
    let callee = 0
    if (CALLS[opcode]) callee = this.prepare(opcode, base, position, sp)
    else if (opcode !== Opcode.Loop) execute(rt, fn, position, base, sp)
    if (callee === 0) {
      segments.resume()
      return true
    }
    const { I32 } = rt.heap
    const frame = callee + SLOT_SIZE
    const target = this.functionAt(frame)
    this.checkDepth(target)
    I32[(frame + LINK_TAG) >> 2] = linkTag((frame - base) / SLOT_SIZE)
    I32[(frame + LINK_POSITION) >> 2] = position | LINK_BOUNDARY
    return this.begin(frame, target)
  }

  /** Native code found no free cell for what the instruction at `position` makes. */
  private refill(base: number, position: number, request: number): void {
    const { rt } = this
    const fn = this.functionAt(base)
    rt.base = base
    rt.position = position
    rt.top = base + fn.localBytes + this.operandBytes(fn, position)
    if (request === METHOD_REQUEST) {
      this.requests.methods++
      return findForCache(rt, fn, position, rt.top)
    }
    this.requests.refills++
    if (request === UNSHARE_REQUEST)
      return unshareSmall(rt.heap, rt.heap.I32[Context.REQUEST_C >> 2] as number)
    if (request >= 256) safepoint(rt)
    rt.heap.refill(request & 255)
  }

  /** Native code called the function at `base`, which has no native code (or no depth is left). */
  private callFromNative(base: number): void {
    const { rt } = this
    const { I32 } = rt.heap
    rt.base = callerBase(I32, base)
    rt.position = I32[(base + LINK_POSITION) >> 2] as number
    rt.top = base - SLOT_SIZE
    this.requests.calls++
    // An interrupt leads native calls here.
    checkInterrupt(rt)
    const fn = this.functionAt(base)
    this.checkDepth(fn)
    I32[(base + LINK_POSITION) >> 2] = rt.position | LINK_BOUNDARY
    this.count(fn, base)
    I32[DEPTH] = (I32[DEPTH] as number) - fn.charge
    this.goOn(base, 0, base + fn.localBytes)
  }

  /**
   * Starts the function whose frame, link and all, is at `base`.
   * @returns true if it is native: the context is prepared to enter it
   */
  private begin(base: number, fn: LoadedFunction): boolean {
    const { I32 } = this.rt.heap
    this.count(fn, base)
    if (I32[(fn.record + FunctionLayout.NATIVE) >> 2] !== 0) {
      ;(this.segments as Segments).start(base, I32[(fn.record + FunctionLayout.ENTRY) >> 2] as number)
      return true
    }
    I32[DEPTH] = (I32[DEPTH] as number) - fn.charge
    this.goOn(base, 0, base + fn.localBytes)
    return false
  }

  private count(fn: LoadedFunction, base: number): void {
    const { I32 } = this.rt.heap
    const calls = (I32[(fn.record + FunctionLayout.CALLS) >> 2] as number) + 1
    I32[(fn.record + FunctionLayout.CALLS) >> 2] = calls
    if (calls === fn.nextEvent) this.events?.called(fn, calls, base)
  }

  /** A guard failed: the frame goes on in the VM, and its native frame is gone already. */
  private leaveNative(base: number): void {
    const { I32 } = this.rt.heap
    const segments = this.segments as Segments
    const fn = this.functionAt(base)
    const position = I32[Context.REQUEST_A >> 2] as number
    if (I32[Context.RESUME >> 2] !== (this.gate as NativeGate).startReturn) {
      segments.suspend(callerBase(I32, base))
      this.markBoundary(base)
    }
    const sp = base + fn.localBytes + this.operandBytes(fn, position)
    this.goOn(base, position, sp)
    this.events?.exited(fn, position, I32[Context.REQUEST_B >> 2] as number)
  }

  /** The native frame at `base` goes on in the VM; all above it are dropped. */
  private detach(base: number): void {
    if ((this.segments as Segments).detach(base)) this.markBoundary(base)
  }

  /** Native code waits for the result of the frame at `base`, which the VM runs. */
  private markBoundary(base: number): void {
    const { I32 } = this.rt.heap
    I32[(base + LINK_POSITION) >> 2] = (I32[(base + LINK_POSITION) >> 2] as number) | LINK_BOUNDARY
  }

  // --- errors -------------------------------------------------------------------------------

  /**
   * Finds the handler of the error in flight, from the frame that `rt` describes down to `hostBase`.
   * @returns false if there is none; otherwise the resume point is set
   */
  private unwind(hostBase: number): boolean {
    const { rt, segments } = this
    const { heap } = rt
    const { I32 } = heap
    let base = rt.base
    let position = rt.position & LINK_POSITION_MASK
    for (;;) {
      const fn = this.functionAt(base)
      const handler = handlerAt(fn.bytecode.handlers, position)
      const native = segments?.contains(base) ?? false
      if (handler !== null) {
        if (native) {
          this.detach(base)
          // A loop that went on natively so far shall do so again.
          this.fuel = Math.min(this.fuel, RETRY_LOOPS)
        }
        const sp = base + fn.localBytes + handler.depth * SLOT_SIZE
        heap.copy(sp, rt.errorSlot)
        this.goOn(base, handler.target, sp + SLOT_SIZE)
        return true
      }
      I32[DEPTH] = (I32[DEPTH] as number) + fn.charge
      if (native && (segments as Segments).isEntry(base)) (segments as Segments).drop()
      if (base === hostBase) return false
      position = (I32[(base + LINK_POSITION) >> 2] as number) & LINK_POSITION_MASK
      base = callerBase(I32, base)
    }
  }
}
