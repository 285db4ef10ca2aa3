/**
 * The machinery, loaded when it is needed: in the bundle its modules and their tables are evaluated at the first
 * call (`tools/build/bundle.ts` replaces this module; the first compilation cannot wait for an `import()`).
 */
import { Machinery } from './machinery.js'

export function loadMachinery(): typeof Machinery {
  return Machinery
}
