/** Mutated documents into all tools: a few, of fixed numbers; and what the checks of their answers would find. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { verify } from '../../../lib/bytecode/index.js'
import { readDocument } from '../../../lib/formats/read.js'
import { FULL } from '../../support/full.js'
import { toolPath } from '../../tools/run-tool.js'
import { Random } from '../random.js'
import { distortCode } from './distort-code.js'
import { encode, Fields, Raw } from './encode.js'
import { tryDocuments } from './fleet.js'
import { makeMutant } from './mutants.js'
import { KINDS, makeSeeds } from './seeds.js'
import { problemsOf } from './trial.js'

t.setTimeout(0)

/** Documents in all, and those that go through processes of their own. */
const COUNT = FULL ? 5000 : 150
const PROCESSES = FULL ? 60 : 4

const seeds = await makeSeeds(false)

t.test('documents depend on their number alone, and all kinds and ways occur', async (t) => {
  const ways = new Set<string>()
  const texts = new Set<string>()
  for (let number = 0; number < 300; number++) {
    const { kind, way, encoding, bytes } = makeMutant(number, seeds, null)
    ways.add(`${kind} ${way} ${encoding}`)
    texts.add(Buffer.from(bytes).toString('latin1'))
    if (number % 30 === 0) t.same(makeMutant(number, seeds, null).bytes, bytes)
  }
  t.equal(ways.size, (KINDS.length * 2 + 1) * 2)
  t.ok(texts.size > 280, `${texts.size} different documents`)
})

t.test('much of the changed code passes the verifier', async (t) => {
  let verified = 0
  for (let number = 0; number < 300; number++) {
    const random = new Random(number)
    try {
      verify(distortCode(random.pick(seeds).documents['rush-bytecode'], random))
      verified++
    } catch {
      // Refused: of these there are enough, too.
    }
  }
  t.ok(verified > 60 && verified < 270, `${verified} of 300`)
})

t.test('documents are written as they are, right or wrong', async (t) => {
  const value = { a: [1, -1, 2 ** 31, 0.5, 'é', null, true, 'x'.repeat(40)], b: new Fields([['c', 1]]) }
  const read = { ...value, b: { c: 1 } }
  t.same(JSON.parse(Buffer.from(encode(value, 'json')).toString()), read)
  const { unpackMsgpack } = await import('../../../lib/formats/msgpack.js')
  t.same(unpackMsgpack(encode(value, 'msgpack')), read)
  const strange = {
    x: new Raw('01', Uint8Array.of(0xc1)),
    y: new Fields([
      ['k', Number.NaN],
      ['k', -0],
    ]),
  }
  t.equal(Buffer.from(encode(strange, 'json')).toString(), '{"x":01,"y":{"k":NaN,"k":-0}}')
  t.same(encode({ x: strange.x }, 'msgpack'), Buffer.from([0x81, 0xa1, 0x78, 0xc1]))
})

t.test('wrong answers are found', async (t) => {
  const answer = {
    tool: 'rush-vm',
    words: [],
    code: 1,
    stdout: Buffer.alloc(0),
    stderr: 'm.rbc: bad\n',
    milliseconds: 1,
  } as const
  t.same(problemsOf(answer), [])
  t.same(problemsOf({ ...answer, code: 0, stderr: '' }), [])
  const wrong = [
    { code: 70, stderr: 'internal error: x (this is a bug in Rush)\n' },
    { stderr: 'm.rbc: bad\n    at f (file:///x/y.js:1:2)\n' },
    { stderr: 'm.rbc: \u001b[31m\n' },
    { stderr: '' },
    { stderr: 'bad\n' },
    { stderr: `m.rbc: ${'x'.repeat(70_000)}\n` },
    { stdout: Buffer.from('part') },
    { milliseconds: 6000 },
    { code: 2 },
  ]
  for (const change of wrong)
    t.not(problemsOf({ ...answer, ...change }).length, 0, JSON.stringify(change).slice(0, 60))
})

t.test('a process that dies is noticed, and the next documents are tried', async (t) => {
  // Nothing to mutate: each document ends its process.
  const { documents, findings } = await tryDocuments({ seeds: [], first: 5, count: 2, only: null, share: 1 })
  t.equal(documents, 2)
  t.same(
    findings.map(({ number, what }) => [number, what]),
    [
      [5, 'the process ended'],
      [6, 'the process ended'],
    ],
  )
  t.match(findings[0]?.problems[0], /^exit code 1\n.*nothing to pick from/s)
})

t.test('mutated documents do no harm', async (t) => {
  const { documents, findings, verdicts } = await tryDocuments({
    seeds,
    first: 1,
    count: COUNT,
    only: null,
    share: 1,
  })
  t.equal(documents, COUNT)
  t.same(findings, [], 'make fuzz-documents FLAGS="--few --seed=NUMBER --count=1" makes it again')
  for (const what of [
    'rush-bytecode verified',
    'rush-bytecode run: ended',
    'rush-object unchanged',
    'rush-ast rush-compile: accepted',
  ])
    t.ok(verdicts.get(what), what)
})

t.test('mutated documents through processes of their own', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rush-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (let number = 0, tried = 0; tried < PROCESSES; number++) {
    const { kind, bytes } = makeMutant(number, seeds, null)
    if (kind === 'rush-profile') continue
    // What is run may have no end: here it is seen to that it is refused.
    if (kind === 'rush-bytecode' && isVerified(bytes)) continue
    tried++
    const file = join(folder, 'm')
    const out = join(folder, 'out')
    writeFileSync(file, bytes)
    const words = kind === 'rush-ast' ? ['rush-compile', '-o', out] : ['rush-jit-asm', '-o', out]
    const [tool, ...flags] = words as [string, ...string[]]
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [toolPath(tool), ...flags, file], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    const what = `${tool}, document ${number}: ${stderr.slice(0, 300)}`
    t.equal(signal, null, what)
    t.equal(stdout, '', what)
    t.equal(existsSync(out), status === 0, what)
    t.ok(status === 0 || (status === 1 && /^\S.*:/.test(stderr)), what)
    rmSync(out, { force: true })
  }
})

function isVerified(bytes: Uint8Array): boolean {
  try {
    verify(readDocument(bytes, 'rush-bytecode', 'm'))
    return true
  } catch {
    return false
  }
}
