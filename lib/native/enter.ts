/** The gate's entry stub as a JavaScript function. */
import { nativeSystem } from './system.js'

export function makeEnter(address: bigint): () => void {
  return nativeSystem().callable(address)
}
