/** IR as text, one instruction a line; values are renumbered so that the text is stable. */

import { Tag } from '../../heap/layout.js'
import { floatOf } from './floats.js'
import {
  type Block,
  type Edge,
  type Graph,
  Instruction,
  type Snapshot,
  type SnapshotSlot,
  type Value,
} from './graph.js'
import { argumentOf, opInfo } from './ops.js'
import { callOf, passedIn } from './signature.js'

const TAG_NAMES: Readonly<Record<number, string>> = {
  [Tag.NULL]: 'null',
  [Tag.EMPTY]: 'empty',
  [Tag.BOOLEAN]: 'boolean',
  [Tag.INTEGER]: 'integer',
  [Tag.FLOAT]: 'float',
  [Tag.BUILTIN]: 'builtin',
  [Tag.STRING]: 'string',
  [Tag.ARRAY]: 'array',
  [Tag.HASH]: 'hash',
  [Tag.CLOSURE]: 'closure',
  [Tag.CLASS]: 'class',
  [Tag.INSTANCE]: 'instance',
  [Tag.CELL]: 'cell',
}

export function tagName(tag: number): string {
  return TAG_NAMES[tag] ?? `tag${tag}`
}

export function printGraph(graph: Graph): string {
  const names = new Map<Value, string>()
  const name = (value: Value): string => {
    let known = names.get(value)
    if (known === undefined) {
      known = `v${names.size}`
      names.set(value, known)
    }
    return known
  }
  const blocks = new Map<Block, string>(graph.blocks.map((block, i) => [block, `b${i}`]))
  const edge = ({ block, args, count }: Edge): string => {
    const passed = args.length === 0 ? '' : `(${args.map(name).join(', ')})`
    return `${blocks.get(block)}${passed}${count === undefined ? '' : ` x${count}`}`
  }
  const lines: string[] = []
  for (const block of graph.blocks) {
    const parameters = block.parameters.map((parameter) => `${name(parameter)}: ${parameter.valueClass}`)
    const loop = block.loopHeader ? ' loop' : ''
    lines.push(`${blocks.get(block)}(${parameters.join(', ')}):${loop}  ; ${block.position}`)
    for (const instruction of block.instructions) {
      const parts: string[] = [instruction.op]
      parts.push(...instruction.args.map(name))
      const imm = immediate(instruction)
      if (imm !== '') parts.push(imm)
      parts.push(...instruction.targets.map(edge))
      if (instruction.snapshot !== null) parts.push(snapshotText(instruction.snapshot, name))
      const result = instruction.hasResult ? `${name(instruction)} = ` : ''
      lines.push(`  ${result}${parts.join(' ')}`)
    }
  }
  const { layout } = graph
  if (layout?.some((block, i) => block !== graph.blocks[i]))
    lines.push(`; emitted: ${layout.map((block) => blocks.get(block)).join(' ')}`)
  return `${lines.join('\n')}\n`
}

function immediate(instruction: Instruction): string {
  switch (instruction.op) {
    case 'int':
      return `${instruction.imm}`
    case 'float':
      return floatText(instruction.imm)
    case 'address':
      return `@${instruction.symbol}`
    case 'argument':
    case 'argument.float': {
      const { offset, tag } = argumentOf(instruction.imm)
      return `${tagName(tag)} [${offset}]`
    }
    case 'call': {
      const { distance, signature } = callOf(instruction.imm)
      const passed = passedIn(signature).map(({ slot, tag }) => ` ${slot}:${tagName(tag)}`)
      return `[${distance}]${passed.length > 0 ? ` with${passed.join('')}` : ''}`
    }
    case 'guard.tag':
    case 'guard.nottag':
      return tagName(Number(instruction.imm))
    default:
      return opInfo(instruction.op).is.includes('`imm`') || instruction.imm !== 0n
        ? `[${instruction.imm}]`
        : ''
  }
}

function floatText(bits: bigint): string {
  const value = floatOf(bits)
  return Object.is(value, -0) ? '-0' : String(value)
}

function snapshotText(snapshot: Snapshot, name: (value: Value) => string): string {
  const textOf = ({ offset, payload, tag }: SnapshotSlot): string => {
    const tagText = typeof tag === 'number' ? tagName(tag) : name(tag)
    return `${offset}=${payload === null ? '' : name(payload)}:${tagText}`
  }
  const slots = [...snapshot.slots.map(textOf), ...snapshot.variables.map((slot) => `@${textOf(slot)}`)]
  const reason = snapshot.reason === null ? '' : ` ${snapshot.reason}`
  return `{${snapshot.position}${reason}${slots.length > 0 ? ` ${slots.join(' ')}` : ''}}`
}

export function describeInstruction(instruction: Value): string {
  return instruction instanceof Instruction
    ? `${instruction.op} #${instruction.id}`
    : `parameter #${instruction.id}`
}
