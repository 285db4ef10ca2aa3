/**
 * Whatever the text, `parse` returns, every message has a place in the text, and every node spans a
 * part of its parent. The texts are damaged conformance programs, the damage is seeded.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  childrenOf,
  formatDiagnostics,
  MAX_DIAGNOSTICS,
  type Node,
  parse,
  printTree,
} from '../../lib/syntax/index.js'

const ROUNDS = 3000
const SEED = 20240607

const SNIPPETS = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '\n',
    '\n\n',
    ';',
    ',',
    ':',
    '.',
    '=',
    '-',
    '+',
    '@',
    '$',
  ],
  ...[
    'fn',
    'if (x) {',
    'else',
    'case',
    'class A {',
    'return',
    'switch (x) {',
    'for (',
    'import {',
    'try {',
    'super(',
  ],
  ...['\u0000', 'é', '😀', '\uD800', '\uDC00', '\r', '\t', '1.', '1e5', '99999999999999999999', '# ', '//'],
]

/** Mulberry32: 32 bits of state, good enough to choose damage. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The programs under the first folder of `places` that exists, or a few built-in ones. */
function sources(): string[] {
  const places = [process.env.RUSH_CONFORMANCE, 'test/conformance', '/work/shared/conformance']
  for (const place of places) {
    try {
      const names = readdirSync(place ?? '', { recursive: true, encoding: 'utf8' })
      const programs = names.filter((name) => name.endsWith('.rush')).sort()
      if (programs.length > 0) return programs.map((name) => readFileSync(join(place ?? '', name), 'utf8'))
    } catch {
      // Not there: try the next place.
    }
  }
  return ['class A < B { fn m(x) { @a[0] = { "k": fn(y) { if (x) { 1 } else { [x\n y] } } } } }\n']
}

function damage(text: string, random: (below: number) => number): string {
  let damaged = text
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(damaged.length + 1)
    const length = random(2) === 0 ? random(4) : random(40)
    const inserted = random(3) === 0 ? '' : (SNIPPETS[random(SNIPPETS.length)] ?? '')
    damaged = damaged.slice(0, at) + inserted + damaged.slice(at + (random(2) === 0 ? length : 0))
  }
  return damaged
}

/** Describes the first node that does not lie inside its parent, or returns null. */
function misplacedNode(root: Node): string | null {
  const waiting = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { start, end } = node.position
    if (start.offset > end.offset) return `${node.type} ends before it starts`
    for (const child of childrenOf(node)) {
      const inside = child.position.start.offset >= start.offset && child.position.end.offset <= end.offset
      if (!inside) return `${child.type} at ${child.position.start.offset} is outside of its ${node.type}`
      waiting.push(child)
    }
  }
  return null
}

/** What is wrong with the result of parsing `text`, or null. */
function complaint(text: string): string | null {
  const { program, diagnostics } = parse(text, 'x.rush')
  if (diagnostics.length > MAX_DIAGNOSTICS) return 'too many diagnostics'
  const lines = text.split('\n')
  for (const { line, column, message } of diagnostics) {
    const content = lines[line - 1]
    if (content === undefined) return `no line ${line}: ${message}`
    if (column < 1 || column > [...content].length + 1) return `no column ${line}:${column}: ${message}`
    if (message === '') return 'empty message'
  }
  formatDiagnostics(diagnostics, text)
  printTree(program)
  return misplacedNode(program)
}

t.test('damaged programs', async (t) => {
  const random = randomNumbers(SEED)
  const programs = sources()
  let broken = 0
  for (let round = 0; round < ROUNDS; round++) {
    const text = damage(programs[random(programs.length)] ?? '', random)
    const wrong = complaint(text)
    if (wrong !== null) t.fail(wrong, { text })
    if (parse(text, 'x.rush').diagnostics.length > 0) broken++
  }
  t.ok(broken > ROUNDS / 4, `${broken} of ${ROUNDS} texts had mistakes`)
})

t.test('noise', async (t) => {
  const random = randomNumbers(SEED + 1)
  for (let round = 0; round < 500; round++) {
    const words = Array.from({ length: random(60) }, () => SNIPPETS[random(SNIPPETS.length)])
    const bytes = Array.from({ length: random(60) }, () =>
      String.fromCharCode(random(round % 2 ? 128 : 65536)),
    )
    for (const text of [words.join(' '), words.join(''), bytes.join('')]) {
      const wrong = complaint(text)
      if (wrong !== null) t.fail(wrong, { text })
    }
  }
})
