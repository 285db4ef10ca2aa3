/** Liveness and operand depths on hand-written code. */
import t from 'tap'
import { type BytecodeFunction, Liveness, operandDepths, verify } from '../../lib/bytecode/index.js'
import { functionOf, type Listing, programOf } from './tools.js'

/** Verifies the code as function 1 and returns what is asked about it. */
function analyse(listing: Listing, rest: Partial<BytecodeFunction> = {}, more: BytecodeFunction[] = []) {
  const fn = functionOf(listing, { locals: 3, ...rest })
  const program = programOf([functionOf([['Null'], ['Return']]), fn, ...more])
  verify(program)
  const liveness = new Liveness(fn, program.functions)
  return {
    before: (position: number) => liveness.liveBefore(position),
    during: (position: number) => liveness.liveDuring(position),
    depths: operandDepths(fn),
  }
}

const CALL: Listing = [
  ['GetUnbound', 0],
  ['Call', 0, 0],
]

t.test('straight code', async (t) => {
  // 0 Integer, 2 SetLocal 0, 4 GetUnbound, 6 Call, 9 SetLocal 1, 11 GetLocal 0, 13 GetLocal 1, 15 Add, 16 Return
  const { before, during, depths } = analyse([
    ['Integer', 1],
    ['SetLocal', 0],
    ...CALL,
    ['SetLocal', 1],
    ['GetLocal', 0],
    ['GetLocal', 1],
    ['Add'],
    ['Return'],
  ])
  t.same(before(0), [], 'nothing before its definition')
  t.same(before(2), [], 'a definition is no use')
  t.same(before(4), [0])
  t.same(during(6), [0], 'the local that is read later, not the one that receives the result')
  t.same(before(11), [0, 1])
  t.same(before(13), [1], 'dead after its last use')
  t.same(before(16), [])
  t.same(Array.from(depths), [0, -1, 1, -1, 0, -1, 1, -1, -1, 1, -1, 0, -1, 1, -1, 2, 1])
})

t.test('branches', async (t) => {
  // 0 GetLocal 0, 2 JumpIfFalse 8, 4 GetLocal 1, 6 Jump 10 | 8 GetLocal 2, 10 Return
  const { before } = analyse(
    [['GetLocal', 0], ['JumpIfFalse', 8], ['GetLocal', 1], ['Jump', 10], ['GetLocal', 2], ['Return']],
    { parameters: ['a', 'b', 'c'] },
  )
  t.same(before(0), [0, 1, 2], 'needed on some path')
  t.same(before(2), [1, 2])
  t.same(before(4), [1], 'each side needs its own')
  t.same(before(8), [2])
})

t.test('loops', async (t) => {
  // 0 GetLocal 0, 2 JumpIfFalse 16, 4 call, 9 SetLocal 1, 11 GetLocal 1, 13 Pop, 14 Loop 0 | 16 Null, 17 Return
  const { before, during } = analyse(
    [
      ['GetLocal', 0],
      ['JumpIfFalse', 16],
      ...CALL,
      ['SetLocal', 1],
      ['GetLocal', 1],
      ['Pop'],
      ['Loop', 0],
      ['Null'],
      ['Return'],
    ],
    { parameters: ['a'] },
  )
  t.same(during(6), [0], 'read in the next pass')
  t.same(during(14), [0], 'the back edge')
  t.same(before(0), [0], 'local 1 does not live from pass to pass')
  t.same(before(16), [])
})

t.test('error handlers', async (t) => {
  // 0 call, 5 SetLocal 1, 7 call, 12 Return | handler 13: Pop, GetLocal 0, Return
  const listing: Listing = [
    ...CALL,
    ['SetLocal', 1],
    ...CALL,
    ['Return'],
    ['Pop'],
    ['GetLocal', 0],
    ['Return'],
  ]
  const covered = analyse(listing, {
    parameters: ['a'],
    handlers: [{ start: 7, end: 12, target: 13, depth: 0 }],
  })
  t.same(covered.during(9), [0], 'the handler reads it')
  t.same(covered.before(7), [0])
  t.same(covered.during(2), [0], 'and so it lives before the range')
  t.same(covered.before(12), [], 'behind the last instruction that can fail it is dead')
  t.equal(covered.depths[13], 1, 'the error')

  // A definition in the range does not end the life of the value from before.
  const redefined = analyse(
    [...CALL, ['SetLocal', 0], ...CALL, ['Return'], ['Pop'], ['GetLocal', 0], ['Return']],
    { parameters: ['a'], handlers: [{ start: 0, end: 12, target: 13, depth: 0 }] },
  )
  t.same(redefined.before(0), [0])
  t.same(redefined.before(5), [], 'between the call and the definition nothing can fail')
  t.same(redefined.during(9), [0])
})

t.test('only the innermost handler counts', async (t) => {
  // 0 call, 5 Pop, 6 call, 11 Return | inner 12: Pop, GetLocal 0, Return | outer 16: Pop, GetLocal 1, Return
  const listing: Listing = [
    ...[...CALL, ['Pop'] as const, ...CALL, ['Return'] as const],
    ...[['Pop'] as const, ['GetLocal', 0] as const, ['Return'] as const],
    ...[['Pop'] as const, ['GetLocal', 1] as const, ['Return'] as const],
  ]
  const { during } = analyse(listing, {
    parameters: ['a', 'b'],
    handlers: [
      { start: 6, end: 11, target: 12, depth: 0 },
      { start: 0, end: 16, target: 16, depth: 0 },
    ],
  })
  t.same(during(8), [0], 'the inner handler takes all errors of its range')
  t.same(during(2), [0, 1], 'before it the outer one takes them')
})

t.test('cells', async (t) => {
  const created = functionOf([['GetUpvalue', 0, 0], ['Return']], { captures: [{ from: 'local', index: 1 }] })
  // 0 ClearLocal 1, 2 NewCell 1, 4 call, 9 SetCell 1, 11 call, 16 Pop, 17 Closure 2, 19 Return
  const { before, during } = analyse(
    [
      ['ClearLocal', 1],
      ['NewCell', 1],
      ...CALL,
      ['SetCell', 1],
      ...CALL,
      ['Pop'],
      ['Closure', 2],
      ['Return'],
    ],
    { parameters: ['a'] },
    [created],
  )
  t.same(before(0), [], 'clearing is a definition')
  t.same(before(2), [1], 'NewCell uses what it replaces')
  t.same(during(2), [1])
  t.same(during(6), [1], 'SetCell uses the cell')
  t.same(during(13), [1], 'a closure takes it')
  t.same(during(17), [1], 'also while the closure is allocated')
  t.same(before(19), [])
})

t.test('more than 32 locals', async (t) => {
  const listing: Listing = [
    ...[0, 31, 32, 63, 64].flatMap((local): Listing => [['True'], ['SetLocal', local]]),
    ...CALL,
    ['Pop'],
    ...[0, 31, 32, 63, 64].flatMap((local): Listing => [['GetLocal', local], ['Pop']]),
    ['Null'],
    ['Return'],
  ]
  const { during, before } = analyse(listing, { locals: 65 })
  t.same(during(17), [0, 31, 32, 63, 64])
  t.same(before(0), [])
})

t.test('code that is reached only from below', async (t) => {
  // 0 Null, 1 Jump 7 | 3 Pop, 4 GetLocal 0, 6 Return | 7 Loop 3
  const { depths, before } = analyse(
    [['Null'], ['Jump', 7], ['Pop'], ['GetLocal', 0], ['Return'], ['Loop', 3]],
    { parameters: ['a'] },
  )
  t.equal(depths[3], 1)
  t.equal(depths[4], 0)
  t.same(before(0), [0])
})
