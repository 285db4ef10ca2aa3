/**
 * Native code as documents: what `rush-jit-asm` calls. The tier that compiles and runs code inside a
 * process is `tier/`.
 */
export { writeElf } from './elf.js'
export { checkInstallable } from './installable.js'
export { printIr, printListing } from './listing.js'
export {
  ABI_VERSION,
  OBJECT_VERSION,
  type ObjectDocument,
  type ObjectExit,
  type ObjectFunction,
  type ObjectRelocation,
  type TargetName,
} from './object.js'
export { checkObject, compileObject, type ObjectOptions, type Selection } from './object-code.js'
export type { FunctionProfile, ProfileDocument, SiteProfile } from './profile.js'
export { hostTarget } from './target.js'
