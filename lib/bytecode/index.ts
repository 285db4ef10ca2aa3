/**
 * Bytecode: what the compiler makes, and the VM, the native code generator and tools read.
 */
export {
  type CompileResult,
  compile,
  compileResolved,
} from './compile.js'
export {
  ControlFlow,
  handlerAt,
  instructionPositions,
  jumpTarget,
  mayRaise,
  nextPosition,
  opcodeAt,
  operandDepths,
} from './instructions.js'
export { MAX_ARGUMENTS, MAX_FRAME_SLOTS } from './limits.js'
export { Liveness } from './liveness.js'
export {
  instructionLength,
  jumpOperand,
  OPCODES,
  Op,
  type OpcodeInfo,
  type OpcodeName,
  type OperandKind,
  popsAt,
} from './opcodes.js'
export { parseBytecode } from './parse-text.js'
export { callName, errorPoint } from './points.js'
export { type LinePoint, pointAt } from './positions.js'
export { describeOperands, printBytecode, printCode, printInstruction } from './print.js'
export {
  BYTECODE_VERSION,
  type BytecodeFunction,
  type BytecodeProgram,
  type Capture,
  type ClassDescriptor,
  type Constant,
  type Handler,
} from './program.js'
export {
  analyseScopes,
  type ClassInfo,
  FunctionInfo,
  type FunctionNode,
  type Reference,
  Scope,
  type ScopeInfo,
  Variable,
} from './scopes.js'
export { BytecodeTextError } from './text-lines.js'
export { VerifyError, verify } from './verify.js'
