/** Reading programs in the forms that the tools accept: source text, AST, bytecode. */
import type { BytecodeProgram } from '../../lib/bytecode/index.js'
import { ALL_FILES } from '../../lib/files/access.js'
import { DocumentError } from '../../lib/formats/errors.js'
import { readDocument } from '../../lib/formats/read.js'
import { type LoadResult, loadProgram, textOfFile } from '../../lib/modules/load.js'
import { type AstDocument, type Diagnostic, formatDiagnostics } from '../../lib/syntax/index.js'
import { isBytecodeText } from './bytecode-input.js'
import { FileError, toText } from './io.js'

/** Why a program is refused, as it goes to standard error. */
export function diagnosticsError(diagnostics: readonly Diagnostic[], document: AstDocument): FileError {
  return new FileError(formatDiagnostics(diagnostics, (file) => textOfFile(document, file)))
}

/**
 * A source text, parsed with the modules that it imports.
 *
 * @param maxSource bytes of all of them
 * @throws FileError if it has syntax errors
 */
export function loadSource(text: string, file: string, maxSource: number): LoadResult {
  const result = loadProgram(text, file, new Map(), { files: ALL_FILES, maxSource })
  if (result.diagnostics.length > 0) throw diagnosticsError(result.diagnostics, result.document)
  return result
}

/**
 * The verified program in a bytecode document or its text form.
 *
 * @throws DocumentError, BytecodeTextError
 */
export async function readBytecode(bytes: Uint8Array, file: string): Promise<BytecodeProgram> {
  if (!isBytecodeText(bytes)) return verified(readDocument(bytes, 'rush-bytecode', file), file)
  const { parseBytecode } = await import('../../lib/bytecode/index.js')
  return verified(parseBytecode(toText(bytes, file), file), file)
}

/** The program, if the bytecode verifier lets it pass; @throws DocumentError */
export async function verified(program: BytecodeProgram, file: string): Promise<BytecodeProgram> {
  const { verify, VerifyError } = await import('../../lib/bytecode/index.js')
  const { isBuiltin } = await import('../../lib/runtime/builtins/registry.js')
  try {
    verify(program, isBuiltin)
  } catch (error) {
    if (error instanceof VerifyError) throw new DocumentError(`${file}: invalid bytecode: ${error.message}`)
    throw error
  }
  return program
}
