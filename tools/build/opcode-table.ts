/**
 * Renews the table of instructions in `schemas/README.md` between its two markers.
 *
 * usage: node opcode-table.js FILE
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { OPCODES, type OpcodeInfo } from '../../lib/bytecode/opcodes.js'

export const BEGIN = '<!-- opcodes: made by `make docs` -->'
export const END = '<!-- end of opcodes -->'

/** What the letters of the column "may" mean is said in the README above the table. */
function flagsText(info: OpcodeInfo): string {
  const flags = [
    info.throws && 'throw',
    info.calls && 'call',
    info.allocates && 'allocate',
    info.ends && 'end',
  ]
  return flags.filter(Boolean).join(', ')
}

/** The table in Markdown. */
export function opcodeTable(): string {
  const rows = OPCODES.map((info) => {
    const operands = info.operands
      .map(({ name, kind }) => (name === kind ? name : `${name}: ${kind}`))
      .join(', ')
    const counted = info.operands.some(({ kind }) => kind === 'count') ? '+' : ''
    const cells = [
      info.code,
      `\`${info.name}\``,
      operands,
      `${info.pops}${counted}`,
      info.pushes,
      flagsText(info),
    ]
    return `| ${[...cells, info.description.replaceAll('|', '\\|')].join(' | ')} |`
  })
  return [
    '| code | name | operands | pops | pushes | may | effect |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** `text` with the table between the markers renewed. */
export function renewTable(text: string): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('the markers of the opcode table are missing')
  return `${text.slice(0, begin + BEGIN.length)}\n\n${opcodeTable()}\n\n${text.slice(end)}`
}

const file = process.argv[2]
if (process.argv[1] === new URL(import.meta.url).pathname && file !== undefined) {
  writeFileSync(file, renewTable(readFileSync(file, 'utf8')))
}
