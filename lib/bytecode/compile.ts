/** AST document -> bytecode program. Pure: no files, no clock, the same bytes for the same input. */
import type { AstDocument, Identifier, Point, Program, Source } from '../syntax/ast.js'
import type { Diagnostic } from '../syntax/index.js'
import { printFunction } from '../syntax/index.js'
import { ConstantTable } from './constants.js'
import { analyseAssignments } from './definite-assignment.js'
import { CompileError, FunctionCompiler, type ProgramContext } from './function-compiler.js'
import { MAX_FRAME_SLOTS } from './limits.js'
import {
  BYTECODE_VERSION,
  type BytecodeFunction,
  type BytecodeProgram,
  type ClassDescriptor,
  type Module,
  NO_BODY,
} from './program.js'
import {
  analyseScopes,
  type ClassInfo,
  type FileInfo,
  type FunctionInfo,
  type ScopeInfo,
  type Variable,
} from './scopes.js'

export interface CompileResult {
  program: BytecodeProgram
  /** Empty if the program compiled. */
  diagnostics: Diagnostic[]
}

/**
 * @param isBuiltin whether a name is a built-in function's
 */
export function compile(document: AstDocument, isBuiltin: (name: string) => boolean): CompileResult {
  return compileResolved(document, analyseScopes(document, isBuiltin))
}

/**
 * The same, with scope analysis already done (the interpreter has it when it hands over to the VM).
 *
 * @param wantValue the main program gives the value of its last statement (a REPL shows it), not null
 */
export function compileResolved(document: AstDocument, scopes: ScopeInfo, wantValue = false): CompileResult {
  const constants = new ConstantTable()
  const diagnostics: Diagnostic[] = []
  const refuse = (info: FunctionInfo, { point: { line, column }, message }: CompileError): void => {
    diagnostics.push({ file: sourceOf(document, info).file, line, column, message })
  }
  // What they hold may be too much for the analyses, too, whose time grows with its square.
  const hopeless = scopes.functions.filter(({ locals }) => locals > MAX_FRAME_SLOTS)
  for (const info of hopeless) refuse(info, tooManySlots(info.locals, info))
  const bodies = scopes.files.flatMap(({ body }) => (body === null ? [] : [body.node as Program]))
  const context: ProgramContext = {
    scopes,
    assignments: analyseAssignments(hopeless.length > 0 ? [] : bodies, scopes),
    constants,
    wantValue,
  }
  const functions: BytecodeFunction[] = []
  for (const info of hopeless.length > 0 ? [] : scopes.functions) {
    try {
      functions.push(compileFunction(context, info))
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      refuse(info, error)
    }
  }
  const { source } = document
  const program: BytecodeProgram = {
    format: 'rush-bytecode',
    version: BYTECODE_VERSION,
    // Made only if somebody looks.
    get sourceHash() {
      return source.hash
    },
    source: { file: source.file, text: source.text },
    constants: constants.list,
    functions,
    classes: [...scopes.classOf.values()].map(describeClass),
    globals: scopes.globals.map((variable) => variable.name),
    builtins: constants.builtins,
    main: 0,
    modules: scopes.files.slice(1).map((file, index) => describeModule(document, file, index)),
  }
  return { program, diagnostics }
}

/** The text that a function stands in. */
export function sourceOf(document: AstDocument, { file }: FunctionInfo): Source {
  const module = document.modules[file - 1]
  return module === undefined || 'error' in module ? document.source : module.source
}

function describeModule(document: AstDocument, { body, error, globals }: FileInfo, index: number): Module {
  const module = document.modules[index] as AstDocument['modules'][number]
  if ('error' in module) return { file: module.file, error: error ?? module.error }
  const { file, text, hash } = module.source
  return { source: { file, text }, sourceHash: hash, main: body?.index ?? NO_BODY, globals }
}

function describeClass(info: ClassInfo): ClassDescriptor {
  return { name: info.node.name.name, fields: info.fields }
}

function compileFunction(context: ProgramContext, info: FunctionInfo): BytecodeFunction {
  const { node } = info
  const compiler = new FunctionCompiler(context, info)
  const isMain = node.type === 'Program'
  const list = isMain ? node.body : node.body.body
  if (isMain) compiler.enterScope(info.scope.variables.values())
  compiler.compileBody(list, lastPoint(info))
  const { builder } = compiler
  if (compiler.locals + builder.maxStack > MAX_FRAME_SLOTS) {
    throw tooManySlots(compiler.locals + builder.maxStack, info)
  }
  return {
    name: info.name,
    parameters: isMain ? [] : node.parameters.map((parameter) => parameter.name),
    method: info.method,
    locals: compiler.locals,
    maxStack: builder.maxStack,
    captures: info.captures,
    code: builder.code,
    lines: builder.lines,
    handlers: builder.handlers,
    text: isMain ? '' : printFunction(node),
  }
}

function tooManySlots(slots: number, { node }: FunctionInfo): CompileError {
  return new CompileError(
    `function needs ${slots} slots for variables and intermediate values (limit ${MAX_FRAME_SLOTS})`,
    node.position.start,
  )
}

/** How many slots the frame of a function has that `compile` does not refuse. */
export function frameSlots(scopes: ScopeInfo, info: FunctionInfo): number {
  // Checks of variables take no slots.
  const assignments = { checked: new Set<Identifier>(), cleared: new Set<Variable>() }
  const context = { scopes, assignments, constants: new ConstantTable(), wantValue: false }
  const { locals, maxStack } = compileFunction(context, info)
  return locals + maxStack
}

function lastPoint(info: FunctionInfo): Point {
  const { start, end } = info.node.position
  return info.node.type === 'Program'
    ? start
    : { line: end.line, column: Math.max(1, end.column - 1), offset: end.offset - 1 }
}
