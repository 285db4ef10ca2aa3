/**
 * Command-line flags in the manner of Go, which Rush users know: `-jit`, `--jit`, `-jit=false`,
 * `-log-level debug`, `--log-level=debug`. Flags end at the first word that is none, or at `--`.
 *
 * Each tool has one table of flags. The words are brought into one form (`--name=value`) here, where
 * Go's rules and error texts are; commander then turns them into options. A command line without
 * flags consists of defaults alone, and commander is not even loaded.
 */
import { createRequire } from 'node:module'
import { type Flag, optionName } from '../../lib/run/options.js'

export type { Flag }

/** A command of this package: its usage text and its flags follow from here. */
export interface ToolSpec {
  name: string
  flags: readonly Flag[]
  /** Lines below the flags in the usage text. */
  notes: readonly string[]
}

export type OptionValue = boolean | number | string | readonly string[]
export type OptionValues = Readonly<Record<string, OptionValue>>

export interface CommandLine {
  options: OptionValues
  /** The words behind the flags. */
  operands: readonly string[]
}

/** A command line that cannot be obeyed, or (exit code 0) a request for the usage text. */
export class UsageError extends Error {
  override name = 'UsageError'
  constructor(
    message: string,
    readonly exitCode: 0 | 2 = 2,
  ) {
    super(message)
  }
}

/**
 * Options and operands of a command line.
 *
 * @throws UsageError
 */
export function parseFlags(tool: ToolSpec, words: readonly string[]): CommandLine {
  const { settings, operands } = normalize(tool, words)
  const defaults = Object.fromEntries(tool.flags.map((flag) => [optionName(flag.name), flag.default]))
  return { options: settings.length > 0 ? applySettings(tool, settings) : defaults, operands }
}

/** The words up to the first operand as `--name=value`. */
function normalize(tool: ToolSpec, words: readonly string[]): { settings: string[]; operands: string[] } {
  const settings: string[] = []
  let index = 0
  while (index < words.length) {
    const word = words[index] as string
    if (word.length < 2 || !word.startsWith('-')) break
    index++
    if (word === '--') break
    const body = word.slice(word.startsWith('--') ? 2 : 1)
    if (body === '' || body.startsWith('-') || body.startsWith('='))
      throw new UsageError(`bad flag syntax: ${word}`)
    const equals = body.indexOf('=')
    const name = equals < 0 ? body : body.slice(0, equals)
    let value = equals < 0 ? undefined : body.slice(equals + 1)
    const flag = tool.flags.find((candidate) => candidate.name === name)
    if (!flag) {
      if (name === 'h' || name === 'help') throw new UsageError('', 0)
      throw new UsageError(`flag provided but not defined: -${name}`)
    }
    if (flag.type === 'boolean') value ??= 'true'
    else if (value === undefined && index < words.length) value = words[index++]
    if (value === undefined) throw new UsageError(`flag needs an argument: -${name}`)
    // Checked here, so that the first mistake on the line is the one reported.
    convert(flag, value)
    settings.push(`--${name}=${value}`)
  }
  return { settings, operands: words.slice(index) }
}

/** Lets commander make the options. */
function applySettings(tool: ToolSpec, settings: readonly string[]): OptionValues {
  const { Command, Option } = createRequire(import.meta.url)('commander') as typeof import('commander')
  const command = new Command(tool.name).exitOverride().helpOption(false)
  for (const flag of tool.flags) {
    const option = new Option(`--${flag.name} <value>`, flag.description)
    // Commander reads a name that begins with `no-` as the opposite of another flag.
    option.negate = false
    const parser = (value: string, before: OptionValue): OptionValue =>
      Array.isArray(before) ? [...before, value] : convert(flag, value)
    command.addOption(option.default(flag.default).argParser(parser))
  }
  return command.parse(settings, { from: 'user' }).opts<Record<string, OptionValue>>()
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  TRUE: true,
  t: true,
  T: true,
  1: true,
  false: false,
  False: false,
  FALSE: false,
  f: false,
  F: false,
  0: false,
}

const NUMBER_FORMS = {
  integer: /^[+-]?[0-9]+$/,
  number: /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/,
}

/** The value of a flag, checked. */
function convert(flag: Flag, value: string): boolean | number | string {
  if (flag.type === 'boolean') {
    if (Object.hasOwn(BOOLEANS, value)) return BOOLEANS[value] as boolean
    throw new UsageError(`invalid boolean value ${JSON.stringify(value)} for -${flag.name}: parse error`)
  }
  const invalid = (reason: string) =>
    new UsageError(`invalid value ${JSON.stringify(value)} for flag -${flag.name}: ${reason}`)
  if (flag.type === 'string' || flag.type === 'list') {
    if (flag.choices && !flag.choices.includes(value))
      throw invalid(`must be one of ${flag.choices.join(', ')}`)
    return value
  }
  if (!NUMBER_FORMS[flag.type].test(value)) throw invalid('parse error')
  const number = Number(value)
  const { minimum = -Infinity, maximum = Infinity } = flag
  if (number < minimum) throw invalid(`must be at least ${minimum}`)
  if (number > maximum) throw invalid(`must be at most ${maximum}`)
  return number
}

/** The usage text, in the form that Go's flag package gives it. */
export function usageText(tool: ToolSpec): string {
  const lines = [`Usage of ${tool.name}:`]
  for (const flag of [...tool.flags].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const value = flag.type === 'boolean' ? '' : ` ${flag.value ?? flag.type}`
    lines.push(`  -${flag.name}${value}`, `    \t${flag.description}${defaultText(flag)}`)
  }
  return `${[...lines, ...tool.notes].join('\n')}\n`
}

function defaultText(flag: Flag): string {
  if (flag.default === false || flag.default === '' || flag.default === 0) return ''
  if (typeof flag.default === 'object') return ''
  return ` (default ${flag.type === 'string' ? JSON.stringify(flag.default) : flag.default})`
}
