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
    return this.find(this.integers, Number.isSafeInteger(number) ? number : value, 'int', value)
  }

  float(value: number): Instruction {
    const bits = bitsOf(value)
    return this.find(this.floats, bits, 'float', bits)
  }

  /** An address that is known when the code is installed. */
  address(symbol: string): Instruction {
    return this.find(this.addresses, symbol, 'address', 0, symbol)
  }

  context(): Instruction {
    this.contextBlock ??= this.make('context')
    return this.contextBlock
  }

  private find<K>(
    known: Map<K, Instruction>,
    key: K,
    op: OpName,
    imm: number | bigint,
    symbol: string | null = null,
  ): Instruction {
    let constant = known.get(key)
    if (constant === undefined) {
      constant = this.make(op)
      constant.imm = BigInt(imm)
      constant.symbol = symbol
      known.set(key, constant)
    }
    return constant
  }

  private make(op: OpName): Instruction {
    const constant = this.graph.instruction(op, [], 0)
    this.made.push(constant)
    return constant
  }
}
