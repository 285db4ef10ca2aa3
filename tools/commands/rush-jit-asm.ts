/** rush-jit-asm: bytecode in, machine code out: as a listing, an object document, or an ELF object. */
import type { BytecodeProgram } from '../../lib/bytecode/program.js'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import type { ObjectDocument } from '../../lib/jit/object.js'
import type { ProfileDocument } from '../../lib/jit/profile.js'
import { MAX_DOCUMENT_FLAG } from '../../lib/run/options.js'
import { isBytecodeText } from '../shared/bytecode-input.js'
import { type OptionValues, parseFlags, type ToolSpec, UsageError } from '../shared/flags.js'
import { type InputLimit, inputName, limitOf, readInput, writeOutput } from '../shared/io.js'
import { command, EXIT } from '../shared/main.js'
import { onlyFile, outputFlag } from '../shared/operands.js'
import { readBytecode, verified } from '../shared/programs.js'

const TOOL: ToolSpec = {
  name: 'rush-jit-asm',
  flags: [
    {
      name: 'emit',
      type: 'string',
      default: '',
      value: 'KIND',
      choices: ['listing', 'object', 'elf', 'ir'],
      description:
        'What to write: listing (assembler text), object (.ro document), elf (.o), or ir; ' +
        'without this flag the ending of the -o file tells, and else it is a listing',
    },
    {
      name: 'elf',
      type: 'boolean',
      default: false,
      description: 'Short for -emit elf',
    },
    {
      name: 'format',
      type: 'string',
      default: 'msgpack',
      value: 'FORMAT',
      choices: ['msgpack', 'json'],
      description: 'Format of an object document: msgpack or json',
    },
    {
      name: 'function',
      type: 'string',
      default: '',
      value: 'NAME',
      description: 'Only functions of this name',
    },
    {
      name: 'profile',
      type: 'string',
      default: '',
      value: 'FILE',
      description: 'Specialize the code for the types in this profile',
    },
    {
      name: 'target',
      type: 'string',
      default: '',
      value: 'CPU',
      choices: ['arm64', 'x64'],
      description: 'Whose code to make of bytecode: arm64 (without this flag) or x64',
    },
    MAX_DOCUMENT_FLAG,
    outputFlag,
  ],
  notes: [
    '',
    'Reads bytecode (the output of rush-compile) or an object document from the file named behind the',
    'flags, or from standard input.',
  ],
}

export const main = command(TOOL, async (words) => {
  const { options, operands } = parseFlags(TOOL, words)
  const file = onlyFile(operands)
  const limit = limitOf(MAX_DOCUMENT_FLAG, options)
  writeOutput(String(options.o), await emit(readInput(file, limit), inputName(file), limit, options))
  return EXIT.success
})

async function emit(
  bytes: Uint8Array,
  file: string,
  limit: InputLimit,
  options: OptionValues,
): Promise<string | Uint8Array> {
  const { compileObject, printIr, printListing, writeElf } = await import('../../lib/jit/index.js')
  const kind = options.elf ? 'elf' : options.emit || kindOfFile(String(options.o))
  const only = String(options.function)
  const input = await readInputDocument(bytes, file)
  if (input.format === 'rush-object' && kind === 'ir') {
    throw new UsageError('-emit ir needs bytecode, not an object document')
  }
  if (input.format === 'rush-object' && options.target !== '' && options.target !== input.target) {
    throw new UsageError(`-target ${options.target}: the object document holds code for ${input.target}`)
  }
  const profile = options.profile === '' ? null : readProfile(String(options.profile), limit)
  if (input.format === 'rush-bytecode' && kind === 'ir') return printIr(input, { profile, only })
  const target = options.target === 'x64' ? 'x64' : 'arm64'
  const object: ObjectDocument =
    input.format === 'rush-object' ? input : compileObject(input, { target, profile, only })
  if (kind === 'object') return writeDocument(object, options.format === 'json' ? 'json' : 'msgpack')
  return kind === 'elf' ? writeElf(object) : printListing(object, { only })
}

/** What a file of this name is expected to hold. */
function kindOfFile(name: string): string {
  if (name.endsWith('.ro')) return 'object'
  return name.endsWith('.o') ? 'elf' : 'listing'
}

async function readInputDocument(bytes: Uint8Array, file: string): Promise<BytecodeProgram | ObjectDocument> {
  if (isBytecodeText(bytes)) return readBytecode(bytes, file)
  const document = readDocument(bytes, ['rush-bytecode', 'rush-object'], file)
  await verified(document.format === 'rush-object' ? document.program : document, file)
  if (document.format === 'rush-object') {
    const { checkObject } = await import('../../lib/jit/index.js')
    checkObject(document, file)
  }
  return document
}

function readProfile(file: string, limit: InputLimit): ProfileDocument {
  return readDocument(readInput(file, limit), 'rush-profile', inputName(file))
}
