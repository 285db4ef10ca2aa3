/** Tables in the context block that compiled code reads, by the name of their symbol. */
import { Context } from '../heap/layout.js'

export const CONTEXT_TABLES = { characters: Context.CHARACTERS, typeNames: Context.TYPE_NAMES } as const
