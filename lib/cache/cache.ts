/** Finds the bytecode of a program that was compiled before, and saves it. */
import { readFileSync, statSync } from 'node:fs'
import type { BytecodeProgram } from '../bytecode/program.js'
import { VerifyError, verify } from '../bytecode/verify.js'
import { systemMessage } from '../files/reasons.js'
import { replaceFile } from '../files/replace.js'
import { isSpecialFile } from '../files/special.js'
import { DocumentError } from '../formats/errors.js'
import { readDocument } from '../formats/read.js'
import { writeDocument } from '../formats/write.js'
import { areUnchanged, type Dependencies } from '../modules/dependencies.js'
import { hashOf } from '../modules/source-files.js'
import { buildHash } from './build.js'
import { decodeEntry, encodeEntry } from './entry.js'
import { CacheError, entryFile, newEntryFile } from './folder.js'

/** No program comes near it; what claims to be larger is not worth the memory to look at it. */
const MAX_ENTRY_BYTES = 1 << 28

/** The place in the cache of one program. */
export class BytecodeCache {
  /**
   * @param key what the command line calls the program, as typed
   * @param isBuiltin whether a name is a built-in function's
   */
  constructor(
    private readonly key: string,
    private readonly isBuiltin: (name: string) => boolean,
  ) {}

  /** Verified bytecode of exactly this program as it would be compiled now, or null. */
  find(text: string, file: string): BytecodeProgram | null {
    const bytes = this.read()
    if (bytes === null) return null
    const sourceHash = hashOf(text)
    const entry = decodeEntry(bytes, { sourceHash, buildHash: buildHash() })
    if (entry === null || !areUnchanged(entry.dependencies)) return null
    const program = this.verified(entry.program)
    if (program === null) return null
    const { source } = program
    const isThisOne = source.file === file && source.text === text && program.sourceHash === sourceHash
    return isThisOne ? program : null
  }

  private read(): Buffer | null {
    try {
      const file = entryFile(this.key)
      return isSpecialFile(file) || statSync(file).size > MAX_ENTRY_BYTES ? null : readFileSync(file)
    } catch {
      // Whatever is wrong with it, saving the new entry will say so if it is still wrong then.
      return null
    }
  }

  private verified(bytes: Uint8Array): BytecodeProgram | null {
    try {
      const program = readDocument(bytes, 'rush-bytecode', this.key)
      verify(program, this.isBuiltin)
      return program
    } catch (error) {
      if (error instanceof DocumentError || error instanceof VerifyError) return null
      throw error
    }
  }

  /** @returns a warning if it cannot be saved, else null */
  save(program: BytecodeProgram, dependencies: Dependencies): string | null {
    const origin = { sourceHash: program.sourceHash, buildHash: buildHash() }
    const entry = { dependencies, program: writeDocument(program, 'msgpack') }
    try {
      this.write(encodeEntry(entry, origin, Date.now()))
      return null
    } catch (error) {
      if (error instanceof CacheError) return `Warning: failed to save to cache: ${error.message}\n`
      throw error
    }
  }

  private write(bytes: Uint8Array): void {
    const file = this.newFile()
    try {
      replaceFile(file, bytes)
    } catch (error) {
      throw new CacheError(`failed to write cache file: ${systemMessage(error, file)}`)
    }
  }

  private newFile(): string {
    try {
      return newEntryFile(this.key)
    } catch (error) {
      if (error instanceof CacheError) throw new CacheError(`failed to get cache file path: ${error.message}`)
      throw error
    }
  }
}
