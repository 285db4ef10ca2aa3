/**
 * Code that is made once in a run, the stubs and the routines, and the addresses that functions' code names by
 * symbols.
 */
import { SLOT_SIZE } from '../../heap/layout.js'
import { CodeMemory } from '../../native/code-memory.js'
import { makeEnter } from '../../native/enter.js'
import type { Region } from '../../native/region.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { NativeGate } from '../../vm/segments.js'
import { STUB_BYTES, type Stubs } from '../machine/stubs.js'
import { makeRoutines, type Routines, TABLES } from '../routines/routines.js'
import type { Target } from '../target.js'

export class FixedCode {
  readonly stubs: Stubs
  readonly stubAddress: bigint
  readonly routines: Routines
  readonly routineAddress: bigint
  /** Address of the region that holds the heap and the code. */
  private readonly base: bigint
  private readonly memory: CodeMemory

  /** Installs the code in the first STUB_BYTES of the region's code memory. */
  constructor(
    private readonly rt: Runtime,
    private readonly target: Target,
    region: Region,
  ) {
    this.base = BigInt(region.baseHigh) << 32n
    this.memory = new CodeMemory(region.codeAddress, STUB_BYTES)
    this.stubs = target.makeStubs(this.base)
    this.stubAddress = this.install(this.stubs.code)
    this.routines = makeRoutines(target.makeMachine())
    this.routineAddress = this.install(this.routines.code)
  }

  private install(code: Uint8Array): bigint {
    const at = this.memory.allocate(code.length)
    this.memory.write(at, code)
    return this.memory.addressOf(at)
  }

  /** The address of a signal handler that writes what is in the `HeldOutput` at `address`. */
  installSignalHandler(address: bigint): bigint {
    return this.install(this.target.makeSignalHandler(address))
  }

  /** Entry of functions without native code, as the heap holds it. */
  get callVm(): number {
    return this.low(this.stubs.callVm)
  }

  /** How the VM gets into native code. */
  makeGate(): NativeGate {
    return {
      enter: makeEnter(this.stubAddress + BigInt(this.stubs.enter)),
      start: this.low(this.stubs.start),
      startReturn: this.low(this.stubs.startReturn),
      callVm: this.callVm,
      // The fiber grows down to the guard page from where the Rush stack starts.
      fiberTop: this.rt.heap.stackBase,
      frame: this.target.frame,
    }
  }

  /** Low 32 bits of the address of a stub, as the context block holds it. */
  private low(offset: number): number {
    return Number(BigInt.asIntN(32, this.stubAddress + BigInt(offset)))
  }

  /** What a symbol in the code of `fn` stands for; `stressBase`: where its counters for stress tests are. */
  resolve(fn: LoadedFunction, symbol: string, stressBase: number): bigint {
    const [kind, name] = symbol.split(':') as [string, string]
    const number = Number(name)
    switch (kind) {
      case 'stub':
        return this.stubAddress + BigInt(this.stubs[name as keyof Stubs] as number)
      case 'routine':
        return this.routineAddress + BigInt(this.routines.offsets.get(name) as number)
      case 'table':
        return this.base + BigInt(TABLES[name] as number)
      case 'global':
        return this.base + BigInt(fn.unit.globals + number * SLOT_SIZE)
      case 'constant':
        return this.base + BigInt(fn.unit.constants + number * SLOT_SIZE)
      case 'function':
        return this.base + BigInt(this.rt.functions[fn.unit.firstFunction + number]?.record ?? 0)
      case 'heap':
        return this.base + BigInt(number)
      case 'stress':
        return this.base + BigInt(stressBase + number)
      default:
        throw new Error(`unknown symbol ${symbol}`)
    }
  }
}
