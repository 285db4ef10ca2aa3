/** Parts of the REPL by themselves: input over several lines, history, completion. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { requestInterrupt } from '../../lib/heap/interrupt.js'
import { complete } from '../../lib/repl/complete.js'
import { History, MAX_HISTORY } from '../../lib/repl/history.js'
import { PendingInput } from '../../lib/repl/pending.js'
import { Session } from '../../lib/repl/session.js'
import { defaultRunOptions } from '../../lib/run/options.js'
import { openBrackets } from '../../lib/syntax/index.js'
import { withFolder } from '../tools/run-tool.js'

t.test('input is complete when the whole text has no open brackets and no open string', async (t) => {
  const lines = [
    '{',
    '}',
    '(',
    ')',
    '[1',
    ']',
    '"',
    "'",
    'a "b" c',
    "it's",
    '# {',
    '',
    '\\"',
    '"{" + \'',
    'x',
  ]
  let seed = 1
  const pick = (): string => {
    seed = (seed * 48271) % 0x7fffffff
    return lines[seed % lines.length] as string
  }
  for (let round = 0; round < 300; round++) {
    const pending = new PendingInput()
    const given: string[] = []
    for (let i = 0; i < 12; i++) {
      const line = pick()
      given.push(line)
      const text = given.join('\n')
      const complete = pending.add(line)
      if (complete === null ? openBrackets(text) <= 0 : openBrackets(text) > 0 || complete !== text) {
        t.fail(`wrong about ${JSON.stringify(text)}`)
      }
      if (complete !== null) given.length = 0
      if (pending.isEmpty !== (given.length === 0)) t.fail('wrong about being empty')
    }
    pending.take()
    if (!pending.isEmpty) t.fail('not empty')
  }
  t.pass('300 random inputs')
})

t.test('history: kept in a private file, bounded, shared by sessions', async (t) => {
  withFolder((home) => {
    const file = join(home, '.rush_history')
    const history = new History(home)
    t.same(history.lines(), [])
    for (const line of ['one', 'two', 'two', '  ', '', 'three']) history.add(line)
    t.equal(readFileSync(file, 'utf8'), 'one\ntwo\nthree\n')
    t.equal(statSync(file).mode & 0o777, 0o600)
    new History(home).add('from another session')
    history.add('four')
    t.same(history.lines(), ['one', 'two', 'three', 'from another session', 'four'])
    for (let i = 0; i < MAX_HISTORY; i++) history.add(`line ${i}`)
    t.equal(history.lines().length, MAX_HISTORY)
    t.equal(readFileSync(file, 'utf8').split('\n').length, MAX_HISTORY + 1)
    writeFileSync(file, `${'x\n'.repeat(5 * MAX_HISTORY)}last`)
    t.equal(history.lines().length, MAX_HISTORY)
    t.equal(history.lines()[MAX_HISTORY - 1], 'last')
  })
})

t.test('history: a link stays a link; what cannot be read or written does not matter', async (t) => {
  withFolder((home) => {
    const target = join(home, 'elsewhere')
    const file = join(home, '.rush_history')
    writeFileSync(target, 'old\n')
    chmodSync(target, 0o644)
    symlinkSync(target, file)
    new History(home).add('new')
    t.equal(readFileSync(target, 'utf8'), 'old\nnew\n')
    t.equal(statSync(target).mode & 0o777, 0o600)
  })
  withFolder((home) => {
    mkdirSync(join(home, '.rush_history'))
    const history = new History(home)
    history.add('line')
    t.same(history.lines(), [])
  })
  for (const home of [undefined, '', '/nonexistent']) {
    const history = new History(home)
    history.add('line')
    t.same(history.lines(), [])
  }
})

t.test('an interrupt, also of a module, leaves a session that goes on', async (t) => {
  for (const mode of ['interpreter', 'bytecode'] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'rush-test-'))
    writeFileSync(join(folder, 'endless.rush'), 'export x = 1\nprint("stop")\nwhile (x < 2) { }\n')
    let shown = ''
    let number = 0
    const write = (text: string): void => {
      shown += text
      if (text === 'stop\n') requestInterrupt(session.rt.heap.I32, number)
    }
    const session = await Session.open(mode, defaultRunOptions({ write, flush: () => {} }), true)
    const place = join(folder, 'endless')
    session.run('n = 0')
    number = 7
    t.same(session.run(`n = 1; import { x } from "${place}"; n = 2`, 7), { kind: 'interrupted' })
    t.same(session.run('n', 8), { kind: 'value', text: '1' })
    t.same(session.run('x', 9), { kind: 'error', text: 'RuntimeError: identifier not found: x' })
    number = 10
    t.same(session.run(`import { x } from "${place}"`, 10), { kind: 'interrupted' }, 'it runs again')
    writeFileSync(join(folder, 'endless.rush'), 'export x = 3\n')
    session.run(`import { x } from "${place}"`, 11)
    t.same(session.run('x', 12), { kind: 'value', text: '3' }, 'what is read is what is there now')
    requestInterrupt(session.rt.heap.I32, 12)
    const loop = 'i = 0; while (i < 1000) { i = i + 1 }; i'
    t.same(session.run(loop, 13), { kind: 'value', text: '1000' }, 'a request that came too late')
    requestInterrupt(session.rt.heap.I32, 14)
    t.same(session.run(loop, 14), { kind: 'interrupted' }, 'one that came before the run began')
    t.equal(shown, 'stop\nstop\n')
    rmSync(folder, { recursive: true })
  }
})

t.test('completion', async (t) => {
  const options = defaultRunOptions({ write: () => {}, flush: () => {} })
  for (const mode of ['interpreter', 'bytecode'] as const) {
    const session = await Session.open(mode, options, false)
    session.run(`
      total = 5; title = "text"; list = [[1], {"k": 1}]; failed = null
      class Animal { fn name() { 1 } fn noise() { 2 } }
      class Dog < Animal { fn noise() { 3 } fn bark() { 4 } }
      dog = Dog.new(); time = Time.now()
      get = fn() { not_yet }
      try { 1 / 0 } catch (e) { failed = e }
      keep = fn() { failed }`)
    session.run('broken = missing')
    const of = (line: string): string[] => complete(session, line).candidates
    t.same(complete(session, 'x = tot'), { candidates: ['total'], word: 'tot' })
    t.same(of('ti'), ['time', 'title'])
    t.same(of('whi'), ['while'])
    t.same(of('prin'), ['print'])
    t.same(of('not_'), [], 'no value yet')
    t.same(of('brok'), [], 'no value yet')
    t.ok(of('').includes('dog') && of('').includes('fn') && of('').includes('len'))
    t.notOk(of('').some((name) => name.includes('.')))
    t.same(of('title.up'), ['upper'])
    t.same(of('"text".up'), ['upper'])
    t.same(of('print(list.len'), ['length'])
    t.same(of('[1, [2]].len'), ['length'])
    t.same(of('list[0].len'), [], 'the type of an element is not known')
    t.same(of('f(1).len'), [])
    t.same(of('{"a": 1}.key'), ['keys'])
    t.same(of('total.ab'), ['abs'])
    t.same(of('5.ab'), ['abs'])
    t.same(of('2.5.ab'), ['abs'])
    t.same(of('dog.'), ['bark', 'name', 'noise'])
    t.same(of('dog.no'), ['noise'])
    t.same(of('Dog.'), ['new'])
    t.same(of('failed.'), ['column', 'line', 'message', 'stack', 'type'])
    t.same(of('failed.message.up'), ['upper'])
    t.same(of('Time.no'), ['now'])
    t.same(of('title.length.ab'), ['abs'])
    t.same(of('title.missing.'), [])
    t.same(of('dog.bark.'), [])
    t.same(of('nobody.'), [])
    t.same(of('x = "tot'), [], 'not in strings')
    t.same(of('.'), [])
    t.same(complete(session, ' :by'), { candidates: [':bytecode'], word: ':by' })
    t.same(of(':bytecode tot'), ['total'])
    t.same(session.run('total + 1'), { kind: 'value', text: '6' })
  }
})
