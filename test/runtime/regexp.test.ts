// biome-ignore-all lint/suspicious/noTemplateCurlyInString: replacements have them
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { builtinIndex, callBuiltin } from '../../lib/runtime/builtins/registry.js'
import { callMethod, getProperty } from '../../lib/runtime/properties.js'
import { Bench, Slot } from './tools.js'

const R = 'RuntimeError: '

function regexp(bench: Bench, pattern: string): Slot {
  const slot = bench.slot(null)
  callBuiltin(bench.rt, builtinIndex('Regexp'), bench.slot(pattern), 1, slot)
  return new Slot(slot)
}

t.test('bad patterns: the reason and the part that is meant', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [pattern: string, reason: string])[] = [
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['x[a', 'missing closing ]: `[a`'],
    ['a|*', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['x{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['a{2,1}', 'invalid repeat count: `{2,1}`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['[[:nope:]]', 'invalid character class range: `[:nope:]`'],
    ['\\p{Nope}', 'invalid character class range: `\\p{Nope}`'],
    ['\\8', 'invalid escape sequence: `\\8`'],
    ['[a-\\d]', 'invalid escape sequence: `\\d`'],
    ['\\é', 'invalid escape sequence: `\\é`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?x)a', 'invalid or unsupported Perl syntax: `(?x`'],
    ['(?P<n a)', 'invalid named capture: `(?P<n a)`'],
    // The engine knows these groups; our dialect does not.
    ['(?<=a)', 'invalid or unsupported Perl syntax: `(?<`'],
    ['(?<n>a)', 'invalid or unsupported Perl syntax: `(?<`'],
    ['[(?<]\\Q(?<\\E[[:alpha:](?<](?<n>a)', 'invalid or unsupported Perl syntax: `(?<`'],
    // The first error counts.
    ['(?<n>a)\\y', 'invalid or unsupported Perl syntax: `(?<`'],
    ['\\y(?<n>a)', 'invalid escape sequence: `\\y`'],
    ['(?P<n (?<m)', 'invalid named capture: `(?P<n (?<m)`'],
    // The engine takes `[:]` for the name of a class; the part that is meant is the program's.
    ['([[:]x', 'missing closing ): `([[:]x`'],
    ['x[[:]y)', 'unexpected ): `x[[:]y)`'],
    ['[[:]?(?<n>a)', 'invalid or unsupported Perl syntax: `(?<`'],
    ['[[:](?P<n a)', 'invalid named capture: `(?P<n a)`'],
    ['[[:', 'missing closing ]: `[[:`'],
    ['[[:]a[[:]', 'invalid character class range: `[:]`'],
  ]
  for (const [pattern, reason] of rows) {
    const expected = `${R}invalid regular expression: error parsing regexp: ${reason}`
    t.equal(bench.call('Regexp', pattern), expected, pattern)
    t.equal(bench.method('', 'match', pattern), expected, pattern)
  }
  for (const pattern of ['[(?<]', '\\Q(?<\\E', '\\(?<', '[^](?<]', '\\Q(?<', '[\\](?<]', '[[:(?<]']) {
    t.equal(bench.call('Regexp', pattern), `/${pattern}/`, 'literal characters')
  }
  const deep = '('.repeat(1500)
  t.equal(
    bench.call('Regexp', deep + ')'.repeat(1500)),
    `${R}invalid regular expression: error parsing regexp: expression nests too deeply: \`${deep}${')'.repeat(1500)}\``,
  )
})

t.test('which matches count', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [pattern: string, text: string, matches: string, replaced: string])[] = [
    ['a*', 'baaac', '[, aaa, ]', '-b-c-'],
    ['', '', '[]', '-'],
    ['', '😀a', '[, , ]', '-😀-a-'],
    ['a|', 'aab', '[a, a, ]', '--b-'],
    ['\\b', 'ab cd', '[, , , ]', '-ab- -cd-'],
    ['(?m)^', 'a\nb', '[, ]', '-a\n-b'],
    ['^a', 'aaa', '[a]', '-aa'],
    ['.', 'é日😀', '[é, 日, 😀]', '---'],
    ['cat|category', 'category', '[cat]', '-egory'],
    ['x', 'abc', '[]', 'abc'],
    ['[[:]', ':a[', '[:, []', '-a-'],
    ['[[:]]', ':][', '[:]]', '-['],
    ['[a[:]+', '[a:b', '[[a:]', '-b'],
    ['[^[:]', 'a:', '[a]', '-:'],
    ['[][:]', ']a:', '[], :]', '-a-'],
    ['[[:alpha:][:]+', 'a:1', '[a:]', '-1'],
    ['[+-[:]+', '+[:]', '[+[:]', '-]'],
    ['\\[[:]', '[:', '[[:]', '-'],
    ['\\Q[[:]\\E', '[[:]', '[[[:]]', '-'],
  ]
  for (const [pattern, text, matches, replaced] of rows) {
    const value = regexp(bench, pattern)
    // An array of one empty text looks like an empty array: the replacement tells them apart.
    t.equal(bench.method(value, 'find_all', text), matches, pattern)
    t.equal(bench.method(value, 'replace', text, '-'), replaced, pattern)
    t.equal(bench.method(text, 'match', value), matches, pattern)
    t.equal(bench.method(text, 'match', pattern), matches, pattern)
    t.equal(bench.method(text, 'replace', value, '-'), replaced, pattern)
  }
  t.equal(bench.method(regexp(bench, 'z*'), 'find_first', 'abc'), '')
  t.equal(bench.method(regexp(bench, 'z'), 'find_first', 'abc'), 'null')
  t.equal(bench.method(regexp(bench, '日.'), 'find_first', 'a日😀'), '日😀')
})

t.test('split', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [pattern: string, text: string, parts: string])[] = [
    ['', 'abc', '["a","b","c"]'],
    ['a*', 'baac', '["b","c"]'],
    ['1', '1a1', '["","a",""]'],
    ['a*', 'aab', '["","b"]'],
    ['a*', 'baa', '["b",""]'],
    [',', '', '[""]'],
    ['', '', '[]'],
    ['x', 'none', '["none"]'],
    ['(=)', 'k=v', '["k","v"]'],
    ['$', 'ab', '["ab"]'],
    ['', '😀é', '["😀","é"]'],
  ]
  for (const [pattern, text, parts] of rows) {
    const split = bench.slot(null)
    const args = bench.slots([text, regexp(bench, pattern)])
    callMethod(bench.rt, split, args, 'split', args + 16, 1)
    t.equal(bench.call('json_stringify', new Slot(split)), parts, `${text} by ${pattern}`)
  }
})

t.test('references in the replacement', async (t) => {
  const bench = new Bench()
  const value = regexp(bench, '(?P<first>\\w)(\\w)?')
  const rows: readonly (readonly [replacement: string, result: string])[] = [
    ['$2$1', 'ba'],
    ['$0$0', 'abab'],
    ['${0}0$00', 'ab0'],
    ['$1x|$1_|${1}x|$1-', '||ax|a-'],
    ['$first|${first}|$firsts', 'a|a|'],
    ['$$1$$$', '$1$$'],
    ['$ $- ${ ${} ${1 ${a-b} $', '$ $- ${ ${} ${1 ${a-b} $'],
    ['$01|$9|$99999999999|$nope|${nope}', '||||'],
    ['\\1 \\$1', '\\1 \\a'],
    ['$é', ''],
    ['$😀', '$😀'],
  ]
  for (const [replacement, result] of rows) {
    t.equal(bench.method(value, 'replace', 'ab', replacement), result, replacement)
  }
  t.equal(bench.method(value, 'replace', 'a', '<$2>'), '<>', 'a group that took no part')
})

t.test('argument errors', async (t) => {
  const bench = new Bench()
  const value = regexp(bench, 'a')
  t.equal(
    bench.method(value, 'replace', 1n, []),
    `${R}arguments to replace must be STRING, got INTEGER, ARRAY`,
  )
  t.equal(bench.method(value, 'find_all', value), `${R}argument to find_all must be STRING, got REGEXP`)
  t.equal(bench.method('', 'split', 1n), `${R}argument to split must be STRING or REGEXP, got INTEGER`)
  t.equal(bench.method('', 'matches?', null), `${R}argument to matches? must be STRING or REGEXP, got NULL`)
  t.equal(bench.method('', 'contains?', value), `${R}argument to contains? must be STRING, got REGEXP`)
  t.equal(
    bench.method('', 'replace', value, 1n),
    `${R}second argument to replace must be STRING, got INTEGER`,
  )
  t.equal(bench.call('split', '', value), `${R}second argument to \`split\` must be STRING, got REGEXP`)
  t.equal(bench.property(value, 'flags'), `${R}unknown property flags for Regexp`)
  t.equal(bench.property(value, 'find_all'), '<find_all method on /a/>')
})

t.test('time is linear in the text', async (t) => {
  const bench = new Bench()
  const start = performance.now()
  t.equal(bench.method(regexp(bench, '^(a+)+$'), 'matches?', `${'a'.repeat(20_000)}!`), 'false')
  t.equal(bench.method(regexp(bench, '(x+x+)+y'), 'find_first', 'x'.repeat(20_000)), 'null')
  t.equal(bench.method(regexp(bench, '(a?){30}a{30}'), 'find_first', 'a'.repeat(30)), 'a'.repeat(30))
  t.ok(performance.now() - start < 2000)
})

t.test('expressions nobody holds are given up in time', async (t) => {
  const bench = new Bench()
  const { heap, rt } = bench
  const kept = regexp(bench, 'kept')
  const method = bench.slot(null)
  getProperty(rt, method, kept.address, 'find_all')
  heap.setNull(kept.address)
  const top = rt.top
  let made = 0
  while (!heap.needsCollection() && made < 10_000) {
    regexp(bench, `p${made++}`)
    rt.top = top
  }
  t.ok(made < 10_000, 'their memory outside the heap counts')
  heap.collect()
  t.equal(heap.needsCollection(), false)
  t.equal(bench.text(new Slot(method)), '<find_all method on /kept/>')
})

t.test('the engine is loaded with the first pattern', async (t) => {
  const script = `
    const { Bench } = await import(${JSON.stringify(new URL('./tools.js', import.meta.url).href)})
    const { createRequire } = await import('node:module')
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('re2js'))
    const bench = new Bench()
    bench.method('a,b', 'split', ',')
    const before = loaded()
    bench.call('Regexp', 'a')
    console.log(before, loaded())`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  t.equal(stdout.trim(), 'false true', stderr)
})
