/** Why native code is left (exits), and why a function is not compiled (refusals): two tables. */

export const EXIT_REASONS = {
  notNumber: 'operand is not a number',
  notInteger: 'operand is not an INTEGER',
  notFloat: 'operand is not a FLOAT',
  isNumber: 'operand is a number',
  isString: 'operand is a STRING',
  notBoolean: 'operand is not a BOOLEAN',
  notArray: 'container is not an ARRAY',
  notString: 'operand is not a STRING',
  notHash: 'operand is not a HASH',
  notInstance: 'operand is not an INSTANCE',
  notClass: 'operand is not a CLASS',
  otherClass: 'object is of another class',
  otherHome: 'method belongs to another class',
  wide: 'string has characters beyond 255',
  negative: 'operand is negative',
  notIntegral: 'operand is not a whole number',
  notFunction: 'callee is not a function',
  otherFunction: 'callee is another function',
  noMethod: 'object has no such method',
  noDepth: 'too many nested calls',
  otherArgument: 'argument is of another type',
  otherResult: 'the function has returned another type',
  otherCount: 'callee takes another number of arguments',
  otherBuiltin: 'callee is not the expected built-in function',
  unbound: 'variable has no value yet',
  zero: 'divisor is zero',
  outOfRange: 'index out of range',
  loopRange: 'the loop may go beyond the array',
  shared: 'many elements would have to be copied before the loop',
  unnamedType: 'the tag alone does not tell the name of the type',
  notReached: 'code was never reached before',
  loopEnds: 'the loop that was replaced is over',
} as const
export type ExitReason = keyof typeof EXIT_REASONS

/** Those of guards for all passes of a loop at once, which may fail where no pass would. */
export const LOOP_REASONS: ReadonlySet<ExitReason> = new Set(['loopRange', 'shared'])

export const REFUSALS = {
  tooLarge: 'function is too large',
  tooManySpills: 'function needs too many registers',
  timeout: 'compilation took too long',
  limit: 'limit of compiled functions reached',
  cacheFull: 'code does not fit into the code cache',
  memory: 'the system refuses memory',
  outOfRange: 'a branch would be out of range',
  denied: 'excluded by --jit-only or --jit-deny',
} as const
export type Refusal = keyof typeof REFUSALS

/** A function is not compiled; it goes on in the VM. */
export class CompileRefused extends Error {
  constructor(
    readonly refusal: Refusal,
    detail = '',
  ) {
    super(detail === '' ? REFUSALS[refusal] : `${REFUSALS[refusal]}: ${detail}`)
  }
}
