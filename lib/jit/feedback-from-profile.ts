/** A profile document -> the feedback that the compiler takes, as if the VM had just observed it. */
import { opcodeAt } from '../bytecode/instructions.js'
import { type BytecodeProgram, moduleHashes } from '../bytecode/program.js'
import { DocumentError } from '../formats/errors.js'
import { Tag } from '../heap/layout.js'
import { builtinIndex } from '../runtime/builtins/registry.js'
import { tagTypeName } from '../runtime/types.js'
import { ENTRY_SITE, MANY, SiteFeedback } from '../vm/feedback.js'
import type { Feedback } from './compile.js'
import type { FunctionProfile, ProfileDocument, SiteProfile } from './profile.js'

/** Tags whose type name says which tag it is. */
const NAMED_TAGS = [
  Tag.NULL,
  Tag.BOOLEAN,
  Tag.INTEGER,
  Tag.FLOAT,
  Tag.BUILTIN,
  Tag.STRING,
  Tag.ARRAY,
  Tag.HASH,
  Tag.CLOSURE,
  Tag.CLASS,
  Tag.INSTANCE,
  Tag.BOUND_METHOD,
  Tag.ERROR,
]
const MASKS: ReadonlyMap<string, number> = new Map(NAMED_TAGS.map((tag) => [tagTypeName(tag), 1 << tag]))
/** Types of host objects have names of their own; no code is specialised for them. */
const OTHER_TYPE = 1 << Tag.HOST

/**
 * The feedback of each function, by its index.
 *
 * @throws DocumentError if the profile belongs to another program
 */
export function feedbackFromProfile(
  program: BytecodeProgram,
  profile: ProfileDocument,
): ReadonlyMap<number, Feedback> {
  const { file } = program.source
  if (profile.sourceHash !== program.sourceHash) {
    throw new DocumentError(`${file}: the profile belongs to another program: its source hash differs`)
  }
  if (moduleHashes(program).join() !== profile.moduleHashes.join()) {
    throw new DocumentError(
      `${file}: the profile belongs to another program: the hashes of its modules differ`,
    )
  }
  const feedback = new Map<number, Feedback>()
  for (const entry of profile.functions) {
    if (program.functions[entry.index]?.name !== entry.name) {
      throw new DocumentError(
        `${file}: the profile belongs to another program: function ${entry.index} is not ${JSON.stringify(entry.name)}`,
      )
    }
    feedback.set(entry.index, functionFeedback(program, entry))
  }
  return feedback
}

function functionFeedback(
  program: BytecodeProgram,
  { index, sites, parameters, results }: FunctionProfile,
): Feedback {
  const code = program.functions[index]?.code ?? []
  const entry = new SiteFeedback()
  entry.parameters.push(...parameters.map(maskOf))
  entry.results = maskOf(results)
  const ofEntry: [number, SiteFeedback][] = parameters.length === 0 ? [] : [[ENTRY_SITE, entry]]
  // A position inside an instruction is never asked for; one behind the code would have no opcode.
  return new Map([
    ...ofEntry,
    ...sites
      .filter(({ position }) => position < code.length)
      .map((site): [number, SiteFeedback] => [
        site.position,
        siteFeedback(site, opcodeAt(code, site.position)?.name === 'JumpIfTrue'),
      ]),
  ])
}

function siteFeedback(site: SiteProfile, jumpsIfTrue: boolean): SiteFeedback {
  const { types = [], targets = [], builtins = [], taken = 0, notTaken = 0 } = site
  const feedback = new SiteFeedback()
  feedback.left = maskOf(types[0] ?? [])
  feedback.right = maskOf(types[1] ?? [])
  feedback.third = maskOf(types[2] ?? [])
  feedback.whenTrue = jumpsIfTrue ? taken : notTaken
  feedback.whenFalse = jumpsIfTrue ? notTaken : taken
  for (const target of targets) feedback.addTarget(target)
  for (const name of builtins) {
    const index = builtinIndex(name)
    feedback.addBuiltin(index < 0 ? MANY : index)
  }
  return feedback
}

function maskOf(types: readonly string[]): number {
  return types.reduce((mask, type) => mask | (MASKS.get(type) ?? OTHER_TYPE), 0)
}
