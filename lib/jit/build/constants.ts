/** The constants of a graph: each is made once, and found again by its value. */
import { bitsOf } from '../ir/floats.js'
import type { Graph, Instruction } from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'

export class Constants {
  /** In the order in which they were made. */
  readonly made: Instruction[] = []
  /** Integers that a number can hold by that, others by themselves. */
  private readonly integers = new Map<number | bigint, Instruction>()
  /** By their bits. */
  private readonly floats = new Map<bigint, Instruction>()
  private readonly addresses = new Map<string, Instruction>()
  private contextBlock: Instruction | null = null

  constructor(private readonly graph: Graph) {}

  integer(value: number | bigint): Instruction {
    const number = Number(value)
    const key = Number.isSafeInteger(number) ? number : value
    let constant = this.integers.get(key)
    if (constant === undefined) {
      constant = this.make('int')
      constant.imm = BigInt(value)
      this.integers.set(key, constant)
    }
    return constant
  }

  float(value: number): Instruction {
    const bits = bitsOf(value)
    let constant = this.floats.get(bits)
    if (constant === undefined) {
      constant = this.make('float')
      constant.imm = bits
      this.floats.set(bits, constant)
    }
    return constant
  }

  /** An address that is known when the code is installed. */
  address(symbol: string): Instruction {
    let constant = this.addresses.get(symbol)
    if (constant === undefined) {
      constant = this.make('address')
      constant.symbol = symbol
      this.addresses.set(symbol, constant)
    }
    return constant
  }

  context(): Instruction {
    this.contextBlock ??= this.make('context')
    return this.contextBlock
  }

  private make(op: OpName): Instruction {
    const constant = this.graph.instruction(op, [], 0)
    this.made.push(constant)
    return constant
  }
}
