/**
 * Counts instructions along paths through ARM64 assembler text, in our listings as in what GCC writes.
 *
 * What is counted is the shortest way: a guard's exit never comes back into the function, and the slow way
 * round something (a garbage collection, an interrupt) is longer than the usual one, so neither counts.
 */

/** Instructions that control only ever enters at the first and leaves at the last. */
interface Block {
  /** The function calls itself there, behind what it does for other callers. */
  isOwnEntry: boolean
  /** Calls of functions among the instructions. */
  calls: number
  size: number
  next: readonly number[]
  returns: boolean
}

export type Blocks = readonly Block[]

const LABEL = /^([\w.$]+):/
const INSTRUCTION = /^\s+([a-z][\w.]*)(?:\s+(.*))?$/
const COMMENT = /\s*\/\/.*/
/** The conditions of ARM64, as in `b.eq` and in the older `beq`. */
const CONDITIONAL = /^(?:b\.?(?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)|cbn?z|tbn?z)$/
const CALLS: readonly string[] = ['bl', 'blr']
const JUMPS: readonly string[] = ['b', 'br']

/**
 * The blocks of one function; the first is its entry.
 * @param text assembler text; the function ends where the next label that is no local one begins
 */
export function readFunction(text: string, name: string): Blocks {
  const lines = text.split('\n').map((line) => line.replace(COMMENT, ''))
  const start = lines.indexOf(`${name}:`)
  if (start < 0) throw new Error(`no function ${name} in the assembler text`)
  const labels = new Map<string, number>()
  const blocks: { calls: number; size: number; targets: string[]; falls: boolean; returns: boolean }[] = []
  const ownEntries = new Set<string>()
  let open = false
  for (const line of lines.slice(start)) {
    const label = LABEL.exec(line)?.[1]
    if (label !== undefined) {
      if (!label.startsWith('.') && label !== name) break
      labels.set(label, blocks.length - (open && blocks.at(-1)?.size === 0 ? 1 : 0))
      if (!open || blocks.at(-1)?.size !== 0) add()
      continue
    }
    const [, mnemonic, operands = ''] = INSTRUCTION.exec(line) ?? []
    if (mnemonic === undefined) continue
    if (!open) add()
    const block = blocks.at(-1)
    if (block === undefined) throw new Error('no block to add to')
    block.size++
    if (CALLS.includes(mnemonic)) block.calls++
    if (mnemonic === 'bl') ownEntries.add(operands.trim())
    const conditional = CONDITIONAL.test(mnemonic)
    block.returns = mnemonic === 'ret'
    if (conditional || mnemonic === 'b') block.targets.push(operands.split(',').at(-1)?.trim() ?? '')
    block.falls = conditional || !(block.returns || JUMPS.includes(mnemonic))
    open = !(conditional || block.returns || JUMPS.includes(mnemonic))
  }
  const entered = new Set([...ownEntries].map((label) => labels.get(label)))
  return blocks.map(({ calls, size, targets, falls, returns }, index) => ({
    isOwnEntry: entered.has(index),
    calls,
    size,
    returns,
    next: [
      ...targets.flatMap((target) => labels.get(target) ?? []),
      ...(falls && index + 1 < blocks.length ? [index + 1] : []),
    ],
  }))

  function add(): void {
    blocks.push({ calls: 0, size: 0, targets: [], falls: true, returns: false })
    open = true
  }
}

/** Instructions of the shortest way round a loop of the function, or null if it has none. */
export function shortestLoop(blocks: Blocks): number | null {
  const lengths = blocks.flatMap((block, head) => {
    const found = shortest(blocks, block.next, (index) => index === head, 0)
    return found === null ? [] : [found]
  })
  return lengths.length === 0 ? null : Math.min(...lengths)
}

/**
 * Instructions from the entry to a return with exactly so many calls on the way, or null if there is no such way. The
 * entry is that which the function calls itself at, if it does.
 */
export function shortestRun(blocks: Blocks, calls: number): number | null {
  return shortest(blocks, [entryOf(blocks)], (index) => blocks[index]?.returns === true, calls)
}

/** The lengths of all ways without a call from the entry to a return that come to no block twice, shortest first. */
export function runsWithoutCalls(blocks: Blocks): number[] {
  const lengths: number[] = []
  const walk = (index: number, before: ReadonlySet<number>, length: number): void => {
    const block = blocks[index]
    if (block === undefined || block.calls > 0 || before.has(index)) return
    if (block.returns) lengths.push(length + block.size)
    const walked = new Set(before).add(index)
    for (const next of block.next) walk(next, walked, length + block.size)
  }
  walk(entryOf(blocks), new Set(), 0)
  return [...new Set(lengths)].sort((a, b) => a - b)
}

/** The block at which the function calls itself, if it does, else the first. */
function entryOf(blocks: Blocks): number {
  return Math.max(
    blocks.findIndex(({ isOwnEntry }) => isOwnEntry),
    0,
  )
}

/** Dijkstra's algorithm; a place is a block and the number of calls made when it was done. */
function shortest(
  blocks: Blocks,
  starts: readonly number[],
  isEnd: (block: number) => boolean,
  calls: number,
): number | null {
  const waiting = starts.map((index) => ({ index, made: 0, length: 0 }))
  const seen = new Set<string>()
  for (;;) {
    waiting.sort((a, b) => b.length - a.length)
    const place = waiting.pop()
    if (place === undefined) return null
    const block = blocks[place.index]
    const made = place.made + (block?.calls ?? 0)
    const key = `${place.index} ${made}`
    if (block === undefined || made > calls || seen.has(key)) continue
    seen.add(key)
    const length = place.length + block.size
    if (isEnd(place.index) && made === calls) return length
    waiting.push(...block.next.map((index) => ({ index, made, length })))
  }
}
