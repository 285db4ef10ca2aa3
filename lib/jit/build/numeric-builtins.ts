/** Built-in functions of numbers that are a few machine operations. */
import { Tag } from '../../heap/layout.js'
import type { Value } from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'
import { expectNumber, flooredQuotient, numberTag } from './arithmetic.js'
import type { Builder } from './builder.js'
import { type Abstract, known, UNKNOWN } from './state.js'

/** Gives the result with the operands still in place, or null if the general way must be taken. */
export interface NumericBuiltin {
  readonly arguments: number
  readonly build: (b: Builder) => Abstract | null
}

/** Argument `depth` below the topmost as a number of the type seen; `seen`: its tags. */
function numberAt(b: Builder, depth: number, seen: number): Abstract | null {
  const value = b.state.operand(depth)
  const tag = numberTag(value, seen)
  return tag === UNKNOWN ? null : expectNumber(b, value, tag)
}

function only(b: Builder): Abstract | null {
  return numberAt(b, 0, b.feedbackAt(b.position).right)
}

export function absolute(b: Builder, { tag, payload }: Abstract): Abstract {
  return known(tag, b.emit(tag === Tag.FLOAT ? 'float.abs' : 'int.abs', [payload as Value]))
}

/** @returns the root as a FLOAT; that of a negative number is an error, which the VM raises */
export function squareRoot(b: Builder, { tag, payload }: Abstract): Abstract {
  const float = tag === Tag.FLOAT ? (payload as Value) : b.emit('int.tofloat', [payload as Value])
  b.guard('guard.positive', [float], 'negative')
  return known(Tag.FLOAT, b.emit('float.sqrt', [float]))
}

/** The whole number as an INTEGER; those beyond the int64 range stay FLOATs, which is left to the VM. */
function rounded(op: OpName): NumericBuiltin {
  return {
    arguments: 1,
    build(b) {
      const value = only(b)
      if (value === null || value.tag === Tag.INTEGER) return value
      const quotient = op === 'float.floor' ? flooredQuotient(b, value) : null
      if (quotient !== null) return quotient
      const whole = b.emit(op, [value.payload as Value])
      b.guard('guard.int64', [whole], 'notIntegral')
      return known(Tag.INTEGER, b.emit('float.toint', [whole]))
    },
  }
}

/** Of two numbers of the same type. */
function extreme(integers: OpName, floats: OpName): NumericBuiltin {
  return {
    arguments: 2,
    build(b) {
      const { right, third } = b.feedbackAt(b.position)
      const tags = [numberTag(b.state.operand(1), right), numberTag(b.state.operand(0), third)]
      if (tags[0] === UNKNOWN || tags[0] !== tags[1]) return null
      const first = numberAt(b, 1, right)
      const second = numberAt(b, 0, third)
      if (first === null || second === null || first.tag !== second.tag) return null
      const op = first.tag === Tag.INTEGER ? integers : floats
      return known(first.tag, b.emit(op, [first.payload as Value, second.payload as Value]))
    },
  }
}

export const NUMERIC_BUILTINS: Readonly<Record<string, NumericBuiltin>> = {
  builtin_abs: {
    arguments: 1,
    build(b) {
      const value = only(b)
      return value && absolute(b, value)
    },
  },
  builtin_sqrt: {
    arguments: 1,
    build(b) {
      const value = only(b)
      return value && squareRoot(b, value)
    },
  },
  builtin_floor: rounded('float.floor'),
  builtin_ceil: rounded('float.ceil'),
  builtin_min: extreme('int.min', 'float.min'),
  builtin_max: extreme('int.max', 'float.max'),
}
