/** Which arrays are appended to in place: those that have one owner at a time. */
import t from 'tap'
import { printIr } from '../../lib/jit/index.js'
import { profileOf, programOf } from './tools.js'

/** Appends in place and pushes that make new arrays in `f`, whose body this is. */
function counts(body: string, type = 'INTEGER'): [appends: number, pushes: number] {
  const program = programOf(`kept = 0; f = fn(n, list) { ${body} }; g = fn(a) { a }`)
  const profile = profileOf(program, type)
  for (const { sites } of profile.functions) for (const site of sites) site.builtins = ['push']
  const ir = printIr(program, { profile, only: 'f' })
  return [ir.match(/ = array\.append /g)?.length ?? 0, ir.match(/ = array\.push /g)?.length ?? 0]
}

const loop = (body: string): string => `a = []; for (i = 0; i < n; i = i + 1) { ${body} } return a`

t.test('arrays that are made here', async (t) => {
  t.same(counts('a = [1]; a = push(a, n); return push(a, 2)'), [2, 0])
  t.same(counts(loop('a = push(a, i)')), [1, 0])
  t.same(counts(loop('if (i > 2) { a = push(a, i) } else { a = push(push(a, n), i) }')), [3, 0])
  t.same(counts(loop('b = []; while (b.length < i) { b = push(b, i) }; a = push(a, b)')), [2, 0])
  t.same(
    counts(
      `${loop('a = push(a, i)').replace('return a', '')}; while (a.length < 9) { a = push(a, n) } return a`,
    ),
    [2, 0],
  )
  t.same(counts('b = push(list, n); return push(b, n)', 'ARRAY'), [1, 1], 'what push has made')
})

t.test('arrays that others may see', async (t) => {
  t.same(counts('return push(list, n)', 'ARRAY'), [0, 1])
  t.same(counts('a = [1]; b = push(a, n); return [a, b]'), [0, 1])
  t.same(counts('a = [1]; kept = a; return push(a, n)'), [0, 1])
  t.same(counts('a = [1]; b = push(a, n); return push(a, b)'), [0, 2])
  t.same(counts('a = [1]; a = push(a, a); return a'), [0, 1], 'as an element of itself')
  t.same(counts(loop('kept = a; a = push(a, i)')), [0, 2], 'the first pass is built apart')
  t.same(counts(loop('a = push(a, i); if (i == 2) { kept = a }')), [0, 1])
  t.same(
    counts(loop('list = a; a = push(a, i)').replace('return a', 'return [a, list]')),
    [0, 2],
    'the first pass is built apart',
  )
  t.same(counts(loop('push(a, i)')), [0, 1], 'the result is dropped')
  t.same(counts(loop('h = {"a": a}; a = push(a, h)')), [0, 1])
})

t.test('what comes from outside is a new array behind the first pass of the loop', async (t) => {
  t.same(counts('while (n == n) { list = push(list, n) } return list', 'ARRAY'), [1, 1])
})

t.test('what others see in the end is its owner until then', async (t) => {
  t.same(counts(loop('a = push(a, i)').replace('return a', 'kept = a; return [a, a]')), [1, 0])
  t.same(counts('a = [1]; if (n > 1) { kept = a; return a } return push(a, n)'), [1, 0])
})
