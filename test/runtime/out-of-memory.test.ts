import { spawnSync } from 'node:child_process'
import t from 'tap'
import { HeapExhausted, TooLong } from '../../lib/heap/heap.js'
import { exhaustionMessage } from '../../lib/runtime/out-of-memory.js'
import { TextBuilder } from '../../lib/runtime/text-builder.js'

function thrown(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return null
}

/** What a script writes that may use 32 MB of JavaScript memory. */
function withLittleMemory(script: string): string {
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const imports = `
    const { runProgram } = await import(${url('../interpreter/run-program.js')})
    const { textOfBytes, bytesOfText } = await import(${url('../../lib/runtime/builtins/files-system.js')})`
  const words = ['--max-old-space-size=32', '--input-type=module', '-e', `${imports}\n${script}`]
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : stderr.slice(0, 1000)
}

const isOutOfMemory = (error: unknown): boolean => exhaustionMessage(error) === 'out of memory'

t.test('JavaScript exceptions that mean that memory is used up', async (t) => {
  t.ok(isOutOfMemory(new HeapExhausted(1)))
  t.ok(isOutOfMemory(thrown(() => 'ab'.repeat(2 ** 28))))
  t.ok(isOutOfMemory(thrown(() => Buffer.alloc(2 ** 29).toString('latin1'))))
  const recurse = (): number => recurse() + 1
  t.notOk(isOutOfMemory(thrown(recurse)), 'the stack is not the memory')
  t.notOk(isOutOfMemory(thrown(() => (1).toFixed(101))))
  t.notOk(isOutOfMemory(new Error('Invalid string length')))
  t.equal(exhaustionMessage(new TooLong('array', 7)), 'array too long (limit 7 elements)')
})

t.test('a text builder puts pieces together in their order, up to the longest string', async (t) => {
  const builder = new TextBuilder()
  let expected = ''
  for (let i = 0; i < 20_000; i++) {
    const piece = i % 5000 === 0 ? 'long '.repeat(300_000) : `${i},`
    builder.add(piece)
    expected += piece
  }
  t.ok(builder.finish() === expected)
  t.equal(new TextBuilder().finish(), '')
  const endless = new TextBuilder()
  const piece = 'x'.repeat(2 ** 24)
  const error = thrown(() => {
    for (let i = 0; i < 100; i++) endless.add(piece)
  })
  t.type(error, HeapExhausted)
})

t.test('long texts of short pieces need little memory while they are made', async (t) => {
  const shared = `
    a = [1, 2, 3]
    for (i = 0; i < 18; i = i + 1) { a = [a, a] }
    x = "xxx"
    while (len(x) < 1500000) { x = x + x }
    x = x.substr(0, 1500000)`
  const rows = [
    ['len("" + a)', '3407868'],
    ['len(JSON.stringify(a))', '2621437'],
    ['len(Regexp("").replace(x, "-"))', '3000001'],
    ['len(x.replace("x", "ab"))', '3000000'],
    ['(x + x).split(Regexp("")).length', '3000000'],
    ['JSON.parse("\\"" + x.replace("x", "\\\\n") + "\\"").length()', '1500000'],
  ] as const
  for (const [expression, expected] of rows) {
    const script = `
      const { output, error } = runProgram(${JSON.stringify(`${shared}\nprint(${expression})`)}, { heap: { maxHeap: 192 << 20 } })
      console.log(error?.message ?? output)`
    t.equal(withLittleMemory(script), expected, expression)
  }
  const files = `
    const bytes = Buffer.alloc(3_000_000)
    for (let i = 0, seed = 1; i < bytes.length; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      bytes[i] = seed >> 16
    }
    console.log(bytesOfText(textOfBytes(bytes)).equals(bytes))`
  t.equal(withLittleMemory(files), 'true', 'bytes that are no text')
})
