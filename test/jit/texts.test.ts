/** Which operations on strings and hashes native code has in itself, by what was seen of their operands. */
import t from 'tap'
import { instructionPositions } from '../../lib/bytecode/instructions.js'
import { Tag } from '../../lib/heap/layout.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { compileToIr } from '../../lib/jit/compile.js'
import type { Instruction } from '../../lib/jit/ir/graph.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { SiteFeedback } from '../../lib/vm/feedback.js'
import { programOf } from './tools.js'

const OPTIONS = { world: emptyWorld(builtinIndex), verify: true }

interface Seen {
  left?: number
  right?: number
  builtin?: string
  wide?: boolean
}

/** The operations of a function with two parameters and this result, each site having seen the same. */
function operations(result: string, { left, right, builtin, wide = false }: Seen): Instruction[] {
  const program = programOf(`f = fn(a, b) { return ${result} }`)
  const fn = program.functions.find(({ name }) => name === 'f')
  if (fn === undefined) throw new Error('no f')
  const site = new SiteFeedback()
  site.left = left === undefined ? 0 : 1 << left
  site.right = right === undefined ? 0 : 1 << right
  site.wide = wide
  if (builtin !== undefined) site.addBuiltin(builtinIndex(builtin))
  const feedback = new Map([...instructionPositions(fn.code)].map((position) => [position, site]))
  return compileToIr(program, fn, feedback, OPTIONS).blocks.flatMap(({ instructions }) => instructions)
}

/** The operation that is expected; null: the VM has to do it. */
const CASES: readonly [result: string, seen: Seen, op: string | null][] = [
  ['a == b', { left: Tag.STRING, right: Tag.STRING }, 'string.equal'],
  ['a != "text"', { left: Tag.STRING, right: Tag.STRING }, 'string.equal'],
  ['a[b] == "x"', { left: Tag.STRING, right: Tag.INTEGER }, 'int.eq'],
  ['a == null', { left: Tag.STRING }, 'value.is'],
  // No run sees this of one value, but a profile may say so.
  ['a + a', { left: Tag.STRING, right: Tag.INTEGER }, null],
  ['a + a', { left: Tag.INTEGER, right: Tag.STRING }, null],
  ['true != a', { right: Tag.STRING }, 'value.is'],
  ['a < b', { left: Tag.STRING, right: Tag.STRING }, 'string.order'],
  ['a < b', { left: Tag.STRING, right: Tag.INTEGER }, null],
  ['a + b', { left: Tag.STRING, right: Tag.STRING }, 'string.add'],
  ['a + b', { left: Tag.STRING, right: Tag.INTEGER }, 'string.addinteger'],
  ['a + b', { left: Tag.INTEGER, right: Tag.STRING }, 'integer.addstring'],
  ['a + b', { left: Tag.STRING, right: Tag.FLOAT }, null],
  ['a[b]', { left: Tag.STRING, right: Tag.INTEGER }, 'guard.narrow'],
  ['a[b]', { left: Tag.STRING, right: Tag.INTEGER, wide: true }, 'string.at'],
  ['a[b]', { left: Tag.HASH, right: Tag.STRING }, 'hash.find'],
  ['a[b]', { left: Tag.HASH, right: Tag.INTEGER }, 'hash.find'],
  ['a[b]', { left: Tag.HASH, right: Tag.FLOAT }, null],
  ['a.has_key?(b)', { left: Tag.HASH, right: Tag.STRING }, 'hash.find'],
  ['a.get(b, 1)', { left: Tag.HASH, right: Tag.INTEGER }, 'hash.find'],
  ['a.keys()', { left: Tag.HASH }, null],
  ['a.keys', { left: Tag.HASH }, 'hash.keys'],
  ['a.values', { left: Tag.HASH }, 'hash.values'],
  ['a.keys', { left: Tag.JSON }, null],
  ['slice(a, 1, b)', { right: Tag.ARRAY, builtin: 'slice' }, 'array.part'],
  ['slice(a, 1, "x")', { right: Tag.ARRAY, builtin: 'slice' }, null],
  ['a.slice(0, 2)', { left: Tag.ARRAY }, 'array.part'],
  ['ord(a)', { right: Tag.STRING, builtin: 'ord' }, 'load8'],
  ['chr(a)', { right: Tag.INTEGER, builtin: 'chr' }, 'pointer'],
  ['type(a)', { right: Tag.FLOAT, builtin: 'type' }, 'pointer'],
  ['substr(a, 1, 2)', { right: Tag.STRING, builtin: 'substr' }, 'string.part'],
  ['to_string(a)', { right: Tag.INTEGER, builtin: 'to_string' }, 'integer.text'],
  ['{ "a": a, "b": b }', {}, 'alloc'],
  ['{ a: 1 }', {}, null],
]

for (const [result, seen, op] of CASES) {
  t.test(`${result} having seen ${JSON.stringify(seen)}`, async (t) => {
    const ops = operations(result, seen).map((instruction) => instruction.op as string)
    if (op !== null) t.ok(ops.includes(op), ops.join(' '))
    t.equal(ops.includes('step'), op === null, ops.join(' '))
  })
}

t.test('the same character is read once', async (t) => {
  const ops = operations('a[b] == "x" || a[b] == "y"', { left: Tag.STRING, right: Tag.INTEGER })
  t.equal(ops.filter(({ op }) => op === 'load8').length, 1)
})
