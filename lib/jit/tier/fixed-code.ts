/**
 * Code that is made at most once in a run, the stubs and the routines, and the addresses that functions' code names by
 * symbols.
 */
import { SLOT_SIZE } from '../../heap/layout.js'
import { CodeMemory } from '../../native/code-memory.js'
import { makeEnter } from '../../native/enter.js'
import type { PerfMap } from '../../native/perf-map.js'
import type { Region } from '../../native/region.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { NativeGate } from '../../vm/segments.js'
import { ROUTINE_BYTES, STUB_BYTES, type Stubs } from '../machine/stubs.js'
import { makeRoutine, type RoutineName, TABLES } from '../routines/routines.js'
import type { Target } from '../target.js'

export class FixedCode {
  private readonly stubs: Stubs
  private readonly stubAddress: bigint
  /** Addresses of the routines that are installed. */
  private readonly routines = new Map<RoutineName, bigint>()
  /** Address of the region that holds the heap and the code. */
  private readonly base: bigint
  private readonly stubMemory: CodeMemory
  private readonly routineMemory: CodeMemory

  /** All of it is in the first FIXED_BYTES of the region's code memory. */
  constructor(
    private readonly rt: Runtime,
    private readonly target: Target,
    region: Region,
    private readonly perfMap: PerfMap | null,
  ) {
    this.base = BigInt(region.baseHigh) << 32n
    this.stubMemory = new CodeMemory(region.codeAddress, STUB_BYTES)
    this.routineMemory = new CodeMemory(region.codeAddress + BigInt(STUB_BYTES), ROUTINE_BYTES)
    this.stubs = target.makeStubs(this.base)
    this.stubAddress = this.install(this.stubMemory, 'stubs', this.stubs.code)
  }

  private install(memory: CodeMemory, name: string, code: Uint8Array): bigint {
    const at = memory.allocate(code.length)
    memory.write(at, code)
    const address = memory.addressOf(at)
    this.perfMap?.add(address, code.length, name)
    return address
  }

  /** Most programs call few routines, so each is made when the first code that calls it is installed. */
  private routine(name: RoutineName): bigint {
    let address = this.routines.get(name)
    if (address === undefined) {
      address = this.install(this.routineMemory, name, makeRoutine(this.target.makeMachine(), name))
      this.routines.set(name, address)
    }
    return address
  }

  /** The address of a signal handler that writes what is in the `HeldOutput` at `address`. */
  installSignalHandler(address: bigint): bigint {
    return this.install(this.stubMemory, 'signal handler', this.target.makeSignalHandler(address))
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
        return this.routine(name as RoutineName)
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
