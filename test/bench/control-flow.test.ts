import t from 'tap'
import { readFunction, runsWithoutCalls, shortestLoop, shortestRun } from './control-flow.js'

/** Tested at the bottom, as GCC writes it: five instructions a turn where the flag is not set. */
const GCC = `
	.global	sum
	.type	sum, %function
sum:
.LFB4:
	cbz	x0, .L9
	b	.L18
.L17:
	ldrb	w3, [x4, x1]
	cbz	w3, .L18
	add	x0, x0, x1
.L18:
	add	x1, x1, 1
	cmp	x1, 1000
	bne	.L17
.L9:
	ret
	.size	sum, .-sum
next:
	ret
`

/** Tested at the top, with an exit, a slow way that comes back, and a return inside: eight instructions a turn. */
const RUSH = `
// function 1 sum(n): 1 local
sum:
  subs w16, w26, #1                    // 0000  71000750
  b.mi .L1_40                          // 0004  54000644
.L1_08:
  cmp x2, #150                         // 0008  f102585f
  b.ge .L1_38                          // 000c  5400032a
  ldr d28, .L1_60                      // 0010  5c000a3c
  cmp w3, #3                           // 0014  7100047f
  b.ne .L1_44                          // 0018  54000581
  cmp x2, #7                           // 001c  f102585f
  b.gt .L1_50                          // 0020  5400032a
.L1_34:
  b .L1_08                             // 0034  17ffffcb
.L1_38:
  mov x0, #1                           // 0038  d2800020
  ret                                  // 003c  d65f03c0
.L1_40:
  br x17                               // 0040  d61f0220
.L1_44:
  // exit: operand is not an INTEGER (bytecode 12)
  mov w17, #12                         // 0044  52800191
  br x17                               // 0048  d61f0220
.L1_50:
  blr x16                              // 0050  d63f0200
  b .L1_34                             // 0054  17ffffcb
.L1_60:
  .quad 0x3fb999999999999a             // 0060  0.1
`

t.test('a loop is as long as its shortest way round', async (t) => {
  t.equal(shortestLoop(readFunction(GCC, 'sum')), 5)
  t.equal(shortestLoop(readFunction(RUSH, 'sum')), 8)
  t.equal(shortestLoop(readFunction(GCC, 'next')), null, 'no loop')
})

t.test('a run goes from the entry to a return, with so many calls', async (t) => {
  const blocks = readFunction(RUSH, 'sum')
  t.equal(shortestRun(blocks, 0), 6)
  t.equal(shortestRun(blocks, 1), 16, 'round the loop by the slow way')
  t.equal(shortestRun(readFunction(GCC, 'sum'), 0), 2)
  t.equal(shortestRun(readFunction(GCC, 'sum'), 1), null, 'it calls nothing')
})

t.test('a function that calls itself behind its entry is entered there', async (t) => {
  const text = `
fib:
  cmp x0, #3
  b.ne .L_9
.L_5:
  cmp x0, #2
  b.lt .L_8
  bl .L_5
.L_8:
  ret
.L_9:
  br x17
`
  t.equal(shortestRun(readFunction(text, 'fib'), 0), 3)
  t.equal(shortestRun(readFunction(text, 'fib'), 1), 4)
  t.same(runsWithoutCalls(readFunction(text, 'fib')), [3])
})

t.test('ways without a call are told apart by their lengths', async (t) => {
  const text = `
fib:
  cmp x0, #2
  b.lt .L_8
  cmp x0, #3
  b.ge .L_9
  add x0, x0, #1
.L_8:
  ret
.L_9:
  bl fib
  b .L_8
`
  t.same(runsWithoutCalls(readFunction(text, 'fib')), [3, 6])
})

t.test('a function that is not there is an error', async (t) => {
  t.throws(() => readFunction(GCC, 'product'), { message: 'no function product in the assembler text' })
})
