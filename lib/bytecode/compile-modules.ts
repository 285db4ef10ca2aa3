/** `import` and `export`. */
import type * as ast from '../syntax/ast.js'
import { CodeLabel } from './code-builder.js'
import { compileExpression } from './compile-expressions.js'
import type { FunctionCompiler } from './function-compiler.js'
import { KNOWN_FAILURES } from './messages.js'
import { Op } from './opcodes.js'
import type { FileInfo } from './scopes.js'

/** Runs the module unless it has run, then copies what it exports to variables, item by item. */
export function compileImport(c: FunctionCompiler, node: ast.ImportStatement): void {
  const { builder } = c
  const file = c.program.scopes.importOf.get(node)
  if (file === undefined) throw new Error('import that leads nowhere')
  if (file.error !== null || file.body !== null) runModule(c, node, file)
  for (const { imported, local } of node.items) {
    builder.at(node.position.start)
    const message = c.name(KNOWN_FAILURES.noExport(node.source.value, imported.name))
    const variable = file.exports.get(imported.name)
    if (variable === undefined) builder.emit(Op.Fail, message)
    else {
      builder.emit(Op.GetExport, variable.slot, message)
      c.writeVariable(local)
    }
  }
}

/**
 * The module's body is an ordinary function that is called here; an error in it arrives at a handler of
 * ours, which raises another in its place.
 */
function runModule(c: FunctionCompiler, node: ast.ImportStatement, file: FileInfo): void {
  const { builder } = c
  const number = c.program.scopes.files.indexOf(file) - 1
  const place = c.name(node.source.value)
  const depth = builder.depth
  const done = new CodeLabel()
  builder.at(node.position.start)
  builder.emit(Op.Import, number, place)
  if (file.body === null) return builder.emit(Op.Pop)
  builder.jump(Op.JumpIfTrue, done)
  const start = builder.position
  builder.emit(Op.Closure, file.body.index)
  builder.emit(Op.Call, 0, c.name(file.body.name))
  builder.emit(Op.Pop)
  const stop = builder.position
  builder.emit(Op.Imported, number)
  builder.jump(Op.Jump, done)
  if (builder.handle(start, stop, depth)) builder.emit(Op.ImportFailed, number, place)
  builder.depth = depth
  builder.bind(done)
}

/** Where nothing is exported (`ScopeInfo.exportOf`) it only assigns, or checks that the variable exists. */
export function compileExport(c: FunctionCompiler, node: ast.ExportStatement, want: boolean): void {
  const { builder } = c
  const variable = c.program.scopes.exportOf.get(node)
  if (node.value !== null) {
    compileExpression(c, node.value)
    if (variable !== undefined) {
      builder.emit(Op.Dup)
      builder.emit(Op.SetGlobal, variable.slot)
    }
    return c.store(node.name, want)
  }
  const reference = c.reference(node.name)
  const undefinedMessage = c.name(KNOWN_FAILURES.exportUndefined(node.name.name))
  if (reference.kind === 'unbound') builder.emit(Op.Fail, undefinedMessage)
  else {
    if (reference.kind === 'global') builder.emit(Op.GetExport, reference.variable.slot, undefinedMessage)
    else c.readVariable(node.name)
    if (variable === undefined) builder.emit(Op.Pop)
    else builder.emit(Op.SetGlobal, variable.slot)
  }
  if (want) builder.emit(Op.Null)
}
