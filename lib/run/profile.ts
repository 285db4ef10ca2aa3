/** The profile document of a run, from the feedback that was collected. */
import { Op } from '../bytecode/opcodes.js'
import { type BytecodeProgram, moduleHashes } from '../bytecode/program.js'
import { FunctionLayout } from '../heap/layout.js'
import {
  type FunctionProfile,
  PROFILE_VERSION,
  type ProfileDocument,
  type SiteProfile,
} from '../jit/profile.js'
import { BUILTINS } from '../runtime/builtins/registry.js'
import type { Runtime } from '../runtime/runtime.js'
import { hasTypeName, tagTypeName } from '../runtime/types.js'
import { ENTRY_SITE, type SiteFeedback } from '../vm/feedback.js'
import type { LoadedFunction } from '../vm/loaded-function.js'

const TAGS = 32
/** Of values whose type has no name of its own, and of cells, in which captured parameters are. */
const OTHER_TYPE = 'OTHER'

function typesOf(mask: number): string[] {
  const names = new Set<string>()
  for (let tag = 0; tag < TAGS; tag++) {
    if (mask & (1 << tag)) names.add(hasTypeName(tag) ? tagTypeName(tag) : OTHER_TYPE)
  }
  return [...names].sort()
}

function siteOf(fn: LoadedFunction, position: number, feedback: SiteFeedback): SiteProfile {
  const site: SiteProfile = { position }
  const masks = [feedback.left, feedback.right, feedback.third]
  while (masks.at(-1) === 0) masks.pop()
  if (masks.length > 0) site.types = masks.map(typesOf)
  if (feedback.target >= 0) site.targets = [feedback.target]
  const builtin = BUILTINS[feedback.builtin]
  if (builtin !== undefined) site.builtins = [builtin.name]
  if (feedback.whenTrue + feedback.whenFalse > 0) {
    const jumpsIfTrue = fn.bytecode.code[position] === Op.JumpIfTrue
    site.taken = jumpsIfTrue ? feedback.whenTrue : feedback.whenFalse
    site.notTaken = jumpsIfTrue ? feedback.whenFalse : feedback.whenTrue
  }
  return site
}

export function makeProfile(
  rt: Runtime,
  program: BytecodeProgram,
  functions: readonly LoadedFunction[],
): ProfileDocument {
  const profiles = functions.map((fn, index): FunctionProfile => {
    const entry = fn.feedback?.get(ENTRY_SITE)
    const sites = [...(fn.feedback ?? [])]
      .filter(([position]) => position !== ENTRY_SITE)
      .sort(([a], [b]) => a - b)
      .map(([position, site]) => siteOf(fn, position, site))
    return {
      index,
      name: fn.name,
      calls: rt.heap.I32[(fn.record + FunctionLayout.CALLS) >> 2] as number,
      backEdges: 0,
      nativeCalls: 0,
      parameters: entry?.parameters.map(typesOf) ?? [],
      results: typesOf(entry?.results ?? 0),
      sites,
    }
  })
  return {
    format: 'rush-profile',
    version: PROFILE_VERSION,
    sourceHash: program.sourceHash,
    moduleHashes: moduleHashes(program),
    functions: profiles,
  }
}
