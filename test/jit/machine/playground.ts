/** Memory in which code of this machine's CPU runs under the eyes of a test. */
import { Context, PAGE_SIZE } from '../../../lib/heap/layout.js'
import type { Machine } from '../../../lib/jit/machine/machine.js'
import { STUB_BYTES, type Stubs } from '../../../lib/jit/machine/stubs.js'
import type { Target } from '../../../lib/jit/target.js'
import { CodeMemory } from '../../../lib/native/code-memory.js'
import { makeEnter } from '../../../lib/native/enter.js'
import { mapRegion, type Region } from '../../../lib/native/region.js'

/** The context's page, a page that nobody may touch, the fiber, and data for the tests. */
const FIBER_BYTES = 16 * PAGE_SIZE
const FIBER_TOP = 2 * PAGE_SIZE + FIBER_BYTES
const DATA_BYTES = 1 << 22
const CODE_BYTES = 1 << 22

export interface Written {
  address: bigint
  release(): void
}

export class Playground {
  readonly region: Region
  readonly memory: DataView
  /** Address of the context: offset 0 of the memory. */
  readonly base: bigint
  /** Offset of the data. */
  readonly data = FIBER_TOP
  readonly dataBytes = DATA_BYTES
  /** Offset of the fiber's top. */
  readonly fiberTop = FIBER_TOP
  readonly stubs: Stubs
  private readonly stubAddress: bigint
  private readonly code: CodeMemory
  private readonly enter: () => void

  constructor(readonly target: Target) {
    this.region = mapRegion(FIBER_TOP + DATA_BYTES, PAGE_SIZE, STUB_BYTES + CODE_BYTES)
    this.memory = new DataView(this.region.buffer)
    this.base = BigInt(this.region.baseHigh) << 32n
    this.stubs = target.makeStubs(this.base)
    const stubMemory = new CodeMemory(this.region.codeAddress, STUB_BYTES)
    const at = stubMemory.allocate(this.stubs.code.length)
    stubMemory.write(at, this.stubs.code)
    this.stubAddress = stubMemory.addressOf(at)
    this.code = new CodeMemory(this.region.codeAddress + BigInt(STUB_BYTES), CODE_BYTES)
    this.enter = makeEnter(this.stub('enter'))
    this.setContext(Context.ONE, 1n)
    this.setContext(Context.ONE + 8, 0n)
  }

  stub(name: Exclude<keyof Stubs, 'code'>): bigint {
    return this.stubAddress + BigInt(this.stubs[name])
  }

  context(offset: number): bigint {
    return this.memory.getBigUint64(offset, true)
  }

  context32(offset: number): number {
    return this.memory.getInt32(offset, true)
  }

  setContext(offset: number, value: bigint): void {
    this.memory.setBigUint64(offset, BigInt.asUintN(64, value), true)
  }

  /** Places what the machine has emitted; symbols of stubs are known. */
  write(machine: Machine, resolve: (symbol: string, start: bigint) => bigint | undefined): Written {
    const { code, relocations } = machine.finish()
    const offset = this.code.allocate(code.length)
    if (offset < 0) throw new Error(`${code.length} bytes of code do not fit`)
    const address = this.code.addressOf(offset)
    const addressOf = (symbol: string): bigint => {
      if (symbol.startsWith('stub:')) return this.stub(symbol.slice(5) as Exclude<keyof Stubs, 'code'>)
      const resolved = resolve(symbol, address)
      if (resolved === undefined) throw new Error(`unknown symbol ${symbol}`)
      return resolved
    }
    this.target.relocate(code, relocations, addressOf, address)
    this.code.write(offset, code)
    return { address, release: () => this.code.release(offset) }
  }

  /** Calls code on the empty fiber; returns when it leaves, for whatever reason. */
  call(entry: bigint, depth = 1000): void {
    this.setContext(Context.FIBER_SP, this.base + BigInt(FIBER_TOP))
    this.setContext(Context.FIBER_FP, 0n)
    this.setContext(Context.RESUME, this.stub('start'))
    this.setContext(Context.ENTRY, entry)
    this.setContext(Context.BASE, this.base + BigInt(this.data))
    this.memory.setInt32(Context.DEPTH, depth, true)
    this.memory.setInt32(Context.STATUS, -1, true)
    this.enter()
  }

  /** Goes on where code has left. */
  resume(): void {
    this.enter()
  }
}
