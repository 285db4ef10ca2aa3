/**
 * A function as the VM runs it. Its code is translated when it is loaded: operands that are slots,
 * globals and constants become byte offsets and addresses. Positions stay those of the bytecode.
 */
import { instructionPositions } from '../bytecode/instructions.js'
import { instructionLength, OPCODES, Opcode, type OpcodeInfo } from '../bytecode/opcodes.js'
import type { BytecodeFunction } from '../bytecode/program.js'
import type { Heap, Marker } from '../heap/heap.js'
import { BlockLayout, FunctionLayout, Kind, SLOT_SHIFT } from '../heap/layout.js'
import { frameCharge } from '../runtime/frames.js'
import { MANY, NONE, type SiteFeedback } from './feedback.js'
import type { LoadedUnit } from './load.js'
import { fuse } from './superinstructions.js'

/** Added to an opcode word: the instruction is observed before it runs. */
export const OBSERVED = 1024

/** A field or method found by an instruction: words in the heap. */
export const enum Cache {
  /** Address of the class, 0 = nothing found yet. */
  CLASS = 0,
  /** Offset of the field in the object; address of the method. */
  VALUE = 1,
  WORDS = 2,
}

/** What a cache (a word index) has for a class, 0 = nothing. */
export function cachedValue(heap: Heap, cache: number, classObject: number): number {
  return heap.I32[cache + Cache.CLASS] === classObject ? (heap.I32[cache + Cache.VALUE] as number) : 0
}

export function fillCache(heap: Heap, cache: number, classObject: number, value: number): void {
  heap.I32[cache + Cache.CLASS] = classObject
  heap.I32[cache + Cache.VALUE] = value
}

/** Instructions with an inline cache. Those with a name as first operand have the cache's word index instead of it. */
const CACHED: ReadonlySet<number> = new Set([Opcode.GetField, Opcode.SetField, Opcode.CallMethod, Opcode.New])

/** Kinds of operands that `translate` makes byte offsets and addresses of, other than names. */
const IN_WORDS: ReadonlySet<string> = new Set(['local', 'constant', 'integer', 'global'])

const NEVER = 0x7fffffff

export class LoadedFunction {
  /** The translated code. */
  readonly code: Int32Array
  /** Bytes from the frame's base to the operand stack. */
  readonly localBytes: number
  readonly charge: number
  /** With `self` for methods. */
  readonly parameters: number
  /** Positions that stay observed whatever else is (instruction counting). */
  observeAlways: readonly number[] = []
  /** Feedback by position, once collected. */
  feedback: Map<number, SiteFeedback> | null = null
  /** Instructions that the VM executed for its native code since that was compiled, while they are counted. */
  steps = 0
  /** Instructions first observed among these: what is compiled anew will do them natively. */
  newSites = 0
  /** By position: depth of the operand stack there, once somebody asked. */
  depths: Int32Array | null = null
  /** Home class of the closures that ran it while it was observed; NONE yet, MANY. */
  home = NONE
  /** Word index of the code with superinstructions, without observed instructions. */
  private readonly plain: number
  /** The same of the code with observed ones, 0 = not made yet: the positions are always the same. */
  private observed = 0
  /** Word indexes in the heap of the inline caches, by position. */
  private readonly caches: ReadonlyMap<number, number>
  private readonly firstCache: number

  constructor(
    private readonly heap: Heap,
    readonly index: number,
    readonly unit: LoadedUnit,
    readonly bytecode: BytecodeFunction,
    /** Address of the FUNCTION record. */
    readonly record: number,
  ) {
    this.code = translate(bytecode, unit)
    const positions = [...instructionPositions(bytecode.code)]
    const cached = positions.filter((position) => CACHED.has(this.code[position] as number))
    this.firstCache = cached.length === 0 ? 0 : this.publish(new Int32Array(cached.length * Cache.WORDS))
    this.caches = new Map(cached.map((position, i) => [position, this.firstCache + i * Cache.WORDS]))
    const isLength = (name: number) => unit.texts[(name - unit.constants) >> SLOT_SHIFT] === 'length'
    const plain = fuse(this.code, positions, isLength)
    this.localBytes = bytecode.locals << SLOT_SHIFT
    this.charge = frameCharge(bytecode.locals + bytecode.maxStack)
    this.parameters = bytecode.parameters.length + (bytecode.method ? 1 : 0)
    this.plain = this.publish(this.forLoop(plain))
    this.start = this.plain
    this.nextEvent = NEVER
    heap.I32[(record + FunctionLayout.CHARGE) >> 2] = this.charge
    heap.I32[(record + FunctionLayout.LOCAL_BYTES) >> 2] = this.localBytes
  }

  /** Word index in the heap of what the run loop fetches: `code` fused, or with observed instructions. */
  get start(): number {
    return this.heap.I32[(this.record + FunctionLayout.START) >> 2] as number
  }

  private set start(word: number) {
    this.heap.I32[(this.record + FunctionLayout.START) >> 2] = word
  }

  /** The call count at which the tier manager wants to hear of this function. */
  get nextEvent(): number {
    return this.heap.I32[(this.record + FunctionLayout.NEXT_EVENT) >> 2] as number
  }

  set nextEvent(calls: number) {
    this.heap.I32[(this.record + FunctionLayout.NEXT_EVENT) >> 2] = calls
  }

  get name(): string {
    return this.bytecode.name
  }

  addHome(address: number): void {
    this.home = this.home === NONE || this.home === address ? address : MANY
  }

  /** Switches to code in which the given positions are observed. */
  observe(positions: Iterable<number>): void {
    if (this.observed !== 0 && this.observeAlways.length === 0) {
      this.start = this.observed
      return
    }
    const code = Int32Array.from(this.code)
    for (const position of [...this.observeAlways, ...positions])
      code[position] = (code[position] as number) | OBSERVED
    this.observed = this.publish(this.forLoop(code))
    this.start = this.observed
  }

  get isObserving(): boolean {
    return this.start === this.observed
  }

  /** Switches back to code in which nothing is observed but what always is. */
  stopObserving(): void {
    if (this.observeAlways.length === 0) this.start = this.plain
  }

  /** Word index in the heap of the inline cache of the instruction at `position`, which must be one of CACHED. */
  cacheAt(position: number): number {
    return this.caches.get(position) as number
  }

  /** Empties the inline caches: they hold addresses that the collector may free. */
  flushCaches(): void {
    this.heap.I32.fill(0, this.firstCache, this.firstCache + this.caches.size * Cache.WORDS)
  }

  /** Marks the classes that were observed: a new one at the address of an old one must not be taken for it. */
  markSeen(marker: Marker): void {
    if (this.home > 0) marker.object(this.home)
    if (this.feedback === null) return
    for (const { classes } of this.feedback.values()) for (const address of classes) marker.object(address)
  }

  /** Changes operands to what the run loop takes: addresses count 64-bit words there, and names are caches. */
  private forLoop(code: Int32Array): Int32Array {
    for (const position of instructionPositions(this.bytecode.code)) {
      const { operands } = OPCODES[this.bytecode.code[position] as number] as OpcodeInfo
      for (let i = 0; i < operands.length; i++) {
        const at = position + 1 + i
        if (IN_WORDS.has(operands[i]?.kind ?? '')) code[at] = (code[at] as number) >> 3
      }
    }
    for (const [position, cache] of this.caches)
      if (this.code[position] !== Opcode.New) code[position + 1] = cache
    return code
  }

  /** Puts code where the run loop can fetch it; frames that run already stay in the former copy. */
  private publish(code: Int32Array): number {
    const { heap } = this
    const block = heap.allocate(Kind.BYTES, BlockLayout.DATA + code.length * 4)
    heap.I32[(block + BlockLayout.CAPACITY) >> 2] = code.length * 4
    heap.I32[(block + BlockLayout.USED) >> 2] = code.length * 4
    heap.I32.set(code, (block + BlockLayout.DATA) >> 2)
    heap.keep(block)
    return (block + BlockLayout.DATA) >> 2
  }
}

function translate(bytecode: BytecodeFunction, unit: LoadedUnit): Int32Array {
  const code = Int32Array.from(bytecode.code)
  for (let position = 0; position < code.length; ) {
    const opcode = code[position] as number
    const { operands } = OPCODES[opcode] as OpcodeInfo
    for (let i = 0; i < operands.length; i++) {
      const at = position + 1 + i
      const value = code[at] as number
      switch (operands[i]?.kind) {
        case 'local':
          code[at] = value << SLOT_SHIFT
          break
        case 'constant':
        case 'name':
          code[at] = unit.constants + (value << SLOT_SHIFT)
          break
        case 'integer':
          code[at] = unit.integerSlot(value)
          break
        case 'global':
          code[at] = unit.globals + (value << SLOT_SHIFT)
          break
        case 'function':
          code[at] = unit.firstFunction + value
          break
        case 'builtin':
          code[at] = unit.builtins[value] as number
          break
      }
    }
    position += instructionLength(opcode)
  }
  return code
}
