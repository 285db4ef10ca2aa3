import t from 'tap'
import { memory, X64Assembler } from '../../../lib/asm/x64/assembler.js'
import { X64 } from '../../../lib/asm/x64/disassemble.js'
import {
  CONDITION_NAMES,
  Cond,
  type Condition,
  invertCondition,
  R8,
  R9,
  R12,
  R13,
  R15,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
  RSP,
} from '../../../lib/asm/x64/registers.js'
import { GNU, gnuAssemble, methodsNotCalled } from '../tools.js'

const gnu = GNU.x64

type Emit = (a: X64Assembler) => void

const m = memory(RBX, 16)

/** What each method must mean, as hand-written GNU syntax: one instruction per call. */
const CASES: [string, Emit][] = [
  ['mov rcx, r9', (a) => a.mov(RCX, R9)],
  ['mov ecx, r9d', (a) => a.movW(RCX, R9)],
  ['mov ecx, 0', (a) => a.movImm(RCX, 0)],
  ['mov r9d, 4294967295', (a) => a.movImm(R9, 0xffffffffn)],
  ['movabs rcx, 4294967296', (a) => a.movImm(RCX, 1n << 32n)],
  ['mov rcx, -1', (a) => a.movImm(RCX, -1)],
  ['mov rcx, -1', (a) => a.movImm(RCX, (1n << 64n) - 1n)],
  ['mov rcx, -2147483648', (a) => a.movImm(RCX, -0x80000000n)],
  ['movabs rcx, -2147483649', (a) => a.movImm(RCX, -0x80000001n)],
  ['movabs r15, 0x8000000000000000', (a) => a.movImm(R15, 1n << 63n)],
  ['mov rcx, [rbx+16]', (a) => a.load(RCX, m)],
  ['mov ecx, [rbx+16]', (a) => a.loadW(RCX, m)],
  ['movzx ecx, BYTE PTR [rbx+16]', (a) => a.loadByte(RCX, m)],
  ['movzx ecx, WORD PTR [rbx+16]', (a) => a.loadHalf(RCX, m)],
  ['mov [rbx+16], rcx', (a) => a.store(m, RCX)],
  ['mov [rbx+16], ecx', (a) => a.storeW(m, RCX)],
  ['mov [rbx+16], cl', (a) => a.storeByte(m, RCX)],
  ['mov [rbx+16], dil', (a) => a.storeByte(m, RDI)],
  ['mov [r12], r9b', (a) => a.storeByte(memory(R12), R9)],
  ['mov QWORD PTR [rbx+16], -5', (a) => a.storeImm(m, -5)],
  ['mov DWORD PTR [rbx+16], -5', (a) => a.storeImmW(m, -5)],
  ['mov DWORD PTR [rbx+16], 0xffffffff', (a) => a.storeImmW(m, 0xffffffff)],
  ['lea rcx, [r13+r12*8-4]', (a) => a.lea(RCX, memory(R13, -4, R12, 3))],
  ['movsxd rcx, r9d', (a) => a.movsxd(RCX, R9)],
  ['movzx ecx, dil', (a) => a.movzxByte(RCX, RDI)],
  ['xchg rcx, r9', (a) => a.xchg(RCX, R9)],
  ['xchg rcx, rax', (a) => a.xchg(RCX, RAX)],
  ['xchg rax, r9', (a) => a.xchg(RAX, R9)],
  ['push r12', (a) => a.push(R12)],
  ['pop rbp', (a) => a.pop(RBP)],
  ['pop QWORD PTR [rbx+16]', (a) => a.popMemory(m)],

  ['add rcx, r9', (a) => a.op('add', RCX, R9)],
  ['or rcx, r9', (a) => a.op('or', RCX, R9)],
  ['and rcx, r9', (a) => a.op('and', RCX, R9)],
  ['sub rcx, r9', (a) => a.op('sub', RCX, R9)],
  ['xor rcx, r9', (a) => a.op('xor', RCX, R9)],
  ['cmp rcx, r9', (a) => a.op('cmp', RCX, R9)],
  ['cmp ecx, r9d', (a) => a.opW('cmp', RCX, R9)],
  ['cmp rcx, [rbx+16]', (a) => a.opMemory('cmp', RCX, m)],
  ['cmp ecx, [rbx+16]', (a) => a.opMemoryW('cmp', RCX, m)],
  ['add rcx, 127', (a) => a.opImm('add', RCX, 127)],
  ['add rcx, 128', (a) => a.opImm('add', RCX, 128)],
  ['add rax, -128', (a) => a.opImm('add', RAX, -128)],
  ['add rax, -129', (a) => a.opImm('add', RAX, -129)],
  ['cmp ecx, -1', (a) => a.opImmW('cmp', RCX, 0xffffffff)],
  ['cmp ecx, -2147483648', (a) => a.opImmW('cmp', RCX, 0x80000000)],
  ['cmp eax, 128', (a) => a.opImmW('cmp', RAX, 128)],
  ['cmp QWORD PTR [rbx+16], 127', (a) => a.memoryImm('cmp', m, 127)],
  ['cmp QWORD PTR [rbx+16], 128', (a) => a.memoryImm('cmp', m, 128)],
  ['add DWORD PTR [rbx+16], -1', (a) => a.memoryImmW('add', m, 0xffffffff)],
  ['add DWORD PTR [rbx+16], 128', (a) => a.memoryImmW('add', m, 128)],
  ['test rcx, r9', (a) => a.test(RCX, R9)],
  ['test ecx, r9d', (a) => a.testW(RCX, R9)],
  ['imul rcx, r9', (a) => a.imul(RCX, R9)],
  ['imul r9', (a) => a.imulWide(R9)],
  ['imul ecx, r9d', (a) => a.imulW(RCX, R9)],
  ['imul rcx, r9, 127', (a) => a.imulImm(RCX, R9, 127)],
  ['imul rcx, r9, 128', (a) => a.imulImm(RCX, R9, 128)],
  ['neg r9', (a) => a.neg(R9)],
  ['idiv r9', (a) => a.idiv(R9)],
  ['idiv esi', (a) => a.idivW(RSI)],
  ['cqo', (a) => a.cqo()],
  ['cdq', (a) => a.cdq()],
  ['shl r9, 1', (a) => a.shift('shl', R9, 1)],
  ['shr r9, 63', (a) => a.shift('shr', R9, 63)],
  ['sar r9, 2', (a) => a.shift('sar', R9, 2)],
  ['shl ecx, 1', (a) => a.shiftW('shl', RCX, 1)],
  ['shr ecx, 31', (a) => a.shiftW('shr', RCX, 31)],
  ['sar ecx, 0', (a) => a.shiftW('sar', RCX, 0)],
  ...CONDITION_NAMES.flatMap((name, code): [string, Emit][] => [
    [`set${name} sil`, (a) => a.setcc(code as Condition, RSI)],
    [`cmov${name} rcx, r9`, (a) => a.cmov(code as Condition, RCX, R9)],
  ]),

  ['call [rbx+16]', (a) => a.callMemory(m)],
  ['jmp [rbx+16]', (a) => a.jmpMemory(m)],
  ['jmp r9', (a) => a.jmpRegister(R9)],
  ['ret', (a) => a.ret()],
  ['leave', (a) => a.leave()],
  ['int3', (a) => a.int3()],

  ['movaps xmm1, xmm9', (a) => a.movaps(1, 9)],
  ['movsd xmm9, [rsp]', (a) => a.movsdLoad(9, memory(RSP))],
  ['movsd [rsp], xmm9', (a) => a.movsdStore(memory(RSP), 9)],
  ['movq xmm9, rdx', (a) => a.movqFrom(9, RDX)],
  ['movq r8, xmm1', (a) => a.movqTo(R8, 1)],
  ['addsd xmm1, xmm9', (a) => a.scalar('addsd', 1, 9)],
  ['subsd xmm1, xmm9', (a) => a.scalar('subsd', 1, 9)],
  ['mulsd xmm1, xmm9', (a) => a.scalar('mulsd', 1, 9)],
  ['divsd xmm1, xmm9', (a) => a.scalar('divsd', 1, 9)],
  ['sqrtsd xmm1, xmm9', (a) => a.scalar('sqrtsd', 1, 9)],
  ['ucomisd xmm1, xmm9', (a) => a.scalar('ucomisd', 1, 9)],
  ['xorps xmm1, xmm9', (a) => a.xorps(1, 9)],
  ['paddq xmm1, [rbx+16]', (a) => a.paddq(1, m)],
  ['cvtsi2sd xmm1, r9', (a) => a.cvtsi2sd(1, R9)],
  ['cvttsd2si r9, xmm1', (a) => a.cvttsd2si(R9, 1)],
  ['roundsd xmm1, xmm9, 11', (a) => a.roundsd(1, 9, 11)],
]

/** Methods that labels.test.ts tests, or forms.test.ts. */
const ELSEWHERE = new Set(
  'constructor offset bind align emit jcc jmp call callSymbol jmpSymbol movSymbol cmpSymbolW cmpMemorySymbolW movsdConstant xorpsConstant andpsConstant finish'.split(
    ' ',
  ),
)
/** Private helpers, which exist at run time like the others. */
const HELPERS = new Set(['jumpTo', 'emitToLabel', 'patchWhenBound', 'emitConstant'])

t.test('every method emits the instruction it is named after', { skip: gnu.skip }, async (t) => {
  const wrong: string[] = []
  const a = new X64Assembler()
  const ends = CASES.map(([, emit]) => {
    emit(a)
    return a.offset
  })
  const code = a.finish()
  const expected = gnuAssemble([...X64.header, ...CASES.map(([text]) => text)], gnu)
  let start = 0
  CASES.forEach(([text], i) => {
    const end = ends[i] as number
    if (Buffer.compare(code.subarray(start, end), expected.subarray(start, end)) !== 0) wrong.push(text)
    start = end
  })
  t.same(wrong.slice(0, 1), [], 'the first instruction that differs')
  t.equal(expected.length, code.length)
})

t.test('every method has a case', async (t) => {
  const missing = methodsNotCalled(new X64Assembler(), new Set([...ELSEWHERE, ...HELPERS]), (recorder) => {
    for (const [, emit] of CASES) emit(recorder)
  })
  t.same(missing, [])
})

t.test('each condition and its opposite differ in what they are about', async (t) => {
  t.equal(invertCondition(Cond.E), Cond.NE)
  t.equal(invertCondition(Cond.L), Cond.GE)
  t.equal(invertCondition(Cond.A), Cond.BE)
  t.equal(invertCondition(Cond.NP), Cond.P)
  for (const code of Object.values(Cond)) t.equal(invertCondition(invertCondition(code)), code)
})
