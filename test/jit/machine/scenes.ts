/** What takes more than one operation: frames, calls, the depth limit, ways out to the host and back. */
import { Label } from '../../../lib/asm/buffer.js'
import { Context } from '../../../lib/heap/layout.js'
import type { Machine } from '../../../lib/jit/machine/machine.js'
import { refillRequest, Status } from '../../../lib/vm/segments.js'
import type { Playground } from './playground.js'

/** Notes what is not as it should be. */
type Check = (what: string, actual: unknown, expected: unknown) => void

interface Stage {
  readonly p: Playground
  readonly check: Check
  /** A machine that is watched. */
  /** A new one; `isFar`: with long branches. */
  machine(isFar?: boolean): Machine
}

type Scene = (stage: Stage) => void

/** Data that scenes read and write, from the base register. */
const DATA = 64

/** Emits a function, calls it, and frees it again. */
function play(
  { p, machine }: Stage,
  emit: (m: Machine) => void,
  options: {
    depth?: number
    symbols?: (start: bigint) => Record<string, bigint>
    after?: () => void
  } = {},
): void {
  const m = machine()
  emit(m)
  const written = p.write(m, (symbol, start) => options.symbols?.(start)[symbol])
  p.call(written.address, options.depth)
  options.after?.()
  written.release()
}

function word({ p }: Stage, index: number): bigint {
  return p.memory.getBigInt64(p.data + DATA + 8 * index, true)
}

function setWord({ p }: Stage, index: number, value: bigint): void {
  p.memory.setBigInt64(p.data + DATA + 8 * index, value, true)
}

const offsetOf = (index: number): number => DATA + 8 * index

/** The stack is as it was before the call, and the code has returned. */
function checkReturned({ p, check }: Stage, what: string): void {
  check(`${what}: status`, p.context32(Context.STATUS), Status.RETURN)
  check(`${what}: stack pointer`, p.context(Context.FIBER_SP), p.base + BigInt(p.fiberTop))
  check(`${what}: frame pointer`, p.context(Context.FIBER_FP), 0n)
  check(`${what}: base`, p.context(Context.BASE), p.base + BigInt(p.data))
}

const results: Scene = (stage) => {
  const { p, check } = stage
  const { resultPayload, resultTag } = p.target.roles
  play(stage, (m) => {
    m.pushFrame(0)
    m.constant(resultPayload, -5n)
    m.constant(resultTag, 0x1_0000_0003n)
    m.popFrame(0)
    m.ret()
  })
  checkReturned(stage, 'results')
  check('payload', p.context(Context.RESULT), BigInt.asUintN(64, -5n))
  check('tag', p.context32(Context.RESULT + 8), 3)
}

const spills: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  const [general, float] = [roles.general[0] as number, roles.float[0] as number]
  for (const count of [1, 2, 3, 16, 17, 700]) {
    // Of many slots some, the last among them.
    const slots = Array.from({ length: count }, (_, i) => i).filter((i) => i < 8 || i > count - 4)
    for (const i of slots.keys()) setWord(stage, i, BigInt(i + 1) * 0x0123_4567_89abn)
    play(stage, (m) => {
      m.pushFrame(count)
      slots.forEach((slot, i) => {
        if (i % 2 === 0) {
          m.load(general, roles.base, offsetOf(i))
          m.storeSpill(general, slot)
        } else {
          m.loadFloat(float, roles.base, offsetOf(i))
          m.storeSpillFloat(float, slot)
        }
      })
      // The other kind of register reads what one kind has written.
      slots.forEach((slot, i) => {
        if (i % 2 === 0) {
          m.loadSpillFloat(float, slot)
          m.storeFloat(float, roles.base, offsetOf(32 + i))
        } else {
          m.loadSpill(general, slot)
          m.store(general, roles.base, offsetOf(32 + i))
        }
      })
      m.popFrame(count)
      m.ret()
    })
    checkReturned(stage, `${count} spills`)
    slots.forEach((slot, i) => {
      check(`${count} spills: slot ${slot}`, word(stage, 32 + i), word(stage, i))
    })
  }
}

/** Two frames, left in the inner one: the host finds both as `frame` says. */
const frames: Scene = (stage) => {
  const { p, check } = stage
  const { roles, frame } = p.target
  let inner = 0
  const read = (offset: bigint): bigint => p.memory.getBigUint64(Number(offset - p.base), true)
  for (const count of [0, 1, 2, 5]) {
    play(
      stage,
      (m) => {
        m.pushFrame(count)
        m.addConstant(roles.base, roles.base, 96)
        m.callSymbol('inner')
        m.addConstant(roles.base, roles.base, -96)
        m.popFrame(count)
        m.ret()
        inner = m.offset
        m.pushFrame(count)
        m.step(11)
        m.popFrame(count)
        m.ret()
      },
      {
        symbols: (start) => ({ inner: start + BigInt(inner) }),
        after: () => {
          const what = `${count} slots`
          check(`${what}: status`, p.context32(Context.STATUS), Status.STEP)
          check(`${what}: position`, p.context32(Context.REQUEST_A), 11)
          check(`${what}: base`, p.context(Context.BASE), p.base + BigInt(p.data + 96))
          const fp = p.context(Context.FIBER_FP)
          const callerFp = read(fp)
          check(`${what}: the outermost frame`, read(callerFp), 0n)
          check(`${what}: its return address`, read(callerFp + 8n), p.stub('startReturn'))
          check(`${what}: its end`, callerFp + BigInt(frame.size), p.base + BigInt(p.fiberTop))
          p.resume()
          checkReturned(stage, what)
        },
      },
    )
  }
}

const calls: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  const register = roles.general[1] as number
  const { scratch } = roles
  const places = { add: 0, leap: 0 }
  setWord(stage, 0, 100n)
  play(
    stage,
    (m) => {
      const start = new Label()
      const add = new Label()
      m.pushFrame(1)
      m.jump(start)
      places.add = m.offset
      m.bind(add)
      m.addConstant(register, register, 7)
      m.ret()
      m.bind(start)
      m.load(register, roles.base, offsetOf(0))
      m.alignLoop()
      m.callSymbol('add')
      m.storeSpill(register, 0)
      // Through memory, with pointers in several registers and near and far.
      for (const [base, offset] of [
        [scratch[0] as number, 0],
        [scratch[1] as number, -16],
        [roles.general.at(-1) as number, 100_000],
      ] as const) {
        m.symbol(base, 'pointer')
        m.addConstant(base, base, -offset)
        m.callMemory(base, offset)
      }
      m.call(add)
      m.store(register, roles.base, offsetOf(1))
      m.loadSpill(register, 0)
      m.store(register, roles.base, offsetOf(2))
      m.jumpSymbol('leap')
      m.store(roles.base, roles.base, offsetOf(1))
      places.leap = m.offset
      m.popFrame(1)
      m.ret()
    },
    {
      symbols: (start) => {
        setWord(stage, 3, start + BigInt(places.add))
        return {
          add: start + BigInt(places.add),
          leap: start + BigInt(places.leap),
          pointer: p.base + BigInt(p.data + offsetOf(3)),
        }
      },
    },
  )
  checkReturned(stage, 'calls')
  check('called five times', word(stage, 1), 135n)
  check('spilled in between', word(stage, 2), 107n)
}

/** A test of a word in memory, with short branches and with long ones. */
const signs: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  const values = [-1, 1, 0, -0x80000000, 0x7fffffff]
  for (const isFar of [false, true]) {
    for (const [i, value] of values.entries()) {
      // What lies behind the 32 bits does not count.
      setWord(
        stage,
        0,
        BigInt.asIntN(64, BigInt.asUintN(32, BigInt(value)) | (i % 2 === 0 ? 0n : 0xffffffff00000000n)),
      )
      play({ ...stage, machine: () => stage.machine(isFar) }, (m) => {
        const negative = new Label()
        m.pushFrame(0)
        m.storeConstant(0n, roles.base, offsetOf(1))
        m.branchIfNegative32(roles.base, offsetOf(0), negative)
        m.storeConstant(1n, roles.base, offsetOf(1))
        m.bind(negative)
        m.popFrame(0)
        m.ret()
      })
      check(`${value} is ${isFar ? 'far' : 'near'}`, word(stage, 1), value < 0 ? 0n : 1n)
    }
  }
}

const depth: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  const [register] = roles.general as [number]
  for (const charge of [1, 2, 127, 128, 1000]) {
    for (const available of [0, 1, charge - 1, charge, charge + 1, 100_000, 0x7fffffff]) {
      play(
        stage,
        (m) => {
          const [overflow, end] = [new Label(), new Label()]
          m.takeDepth(charge, overflow)
          m.store32(roles.depth, roles.base, offsetOf(0))
          m.giveDepth(charge)
          m.constant(register, 1n)
          m.jump(end)
          m.bind(overflow)
          m.restoreDepth(charge)
          m.store32(roles.depth, roles.base, offsetOf(0))
          m.constant(register, 2n)
          m.bind(end)
          m.store(register, roles.base, offsetOf(1))
          m.ret()
        },
        { depth: available },
      )
      const what = `depth ${available}, charge ${charge}`
      checkReturned(stage, what)
      const fits = available >= charge
      check(`${what}: way`, word(stage, 1), fits ? 1n : 2n)
      check(
        `${what}: taken`,
        Number(BigInt.asIntN(32, word(stage, 0))),
        fits ? available - charge : available,
      )
      check(`${what}: given back`, p.context32(Context.DEPTH), available)
    }
  }
}

const counting: Scene = (stage) => {
  const { p, check } = stage
  for (const before of [0n, 0xffff_fffen]) {
    p.setContext(Context.NATIVE_CALLS, before)
    play(stage, (m) => {
      for (let i = 0; i < 5; i++) m.countCall()
      m.ret()
    })
    checkReturned(stage, 'counting')
    check(`5 calls after ${before}`, p.context(Context.NATIVE_CALLS), before + 5n)
    check('the constant', [p.context(Context.ONE), p.context(Context.ONE + 8)], [1n, 0n])
  }
}

/** All allocatable registers survive requests, whatever the host does meanwhile. */
const requests: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  const { general, float } = roles
  const all = [
    ...general.map((number) => ({ number, isFloat: false })),
    ...float.map((number) => ({ number, isFloat: true })),
  ]
  const emit = (m: Machine, request: (m: Machine) => void): void => {
    m.pushFrame(2)
    all.forEach(({ number, isFloat }, i) => {
      if (isFloat) m.loadFloat(number, roles.base, offsetOf(i))
      else m.load(number, roles.base, offsetOf(i))
    })
    m.storeSpill(general[0] as number, 1)
    request(m)
    all.forEach(({ number, isFloat }, i) => {
      if (isFloat) m.storeFloat(number, roles.base, offsetOf(100 + i))
      else m.store(number, roles.base, offsetOf(100 + i))
    })
    m.loadSpill(general[0] as number, 1)
    m.store(general[0] as number, roles.base, offsetOf(99))
    m.popFrame(2)
    m.ret()
  }
  const refill = refillRequest(3, true)
  for (const [status, request, position] of [
    [Status.STEP, (m: Machine) => m.step(0), 0],
    [Status.STEP, (m: Machine) => m.step(100_000), 100_000],
    [Status.REFILL, (m: Machine) => m.refill(77, refill), 77],
  ] as const) {
    for (let i = 0; i < 200; i++) setWord(stage, i, BigInt(i) * 0x1234_5678_9abc_def1n)
    play(stage, (m) => emit(m, request), {
      depth: 500,
      after: () => {
        check('request: status', p.context32(Context.STATUS), status)
        check('request: position', p.context32(Context.REQUEST_A), position)
        if (status === Status.REFILL) check('request: which', p.context32(Context.REQUEST_B), refill)
        check('request: depth', p.context32(Context.DEPTH), 500)
        p.memory.setInt32(Context.DEPTH, 400, true)
        // The host runs code of its own, which uses the registers as it likes.
        Array.from({ length: 100 }, (_, i) => Math.sqrt(i) * i)
        p.resume()
        checkReturned(stage, 'request')
        check('request: depth afterwards', p.context32(Context.DEPTH), 400)
        all.forEach(({ number, isFloat }, i) => {
          check(`${isFloat ? 'float' : 'general'} register ${number}`, word(stage, 100 + i), word(stage, i))
        })
        check('spill slot', word(stage, 99), word(stage, 0))
      },
    })
  }
}

const exits: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  for (const count of [0, 1, 2, 9]) {
    for (const [position, number] of [
      [0, 0],
      [12_345, 678],
      [70_000, 65_536],
    ] as const) {
      play(stage, (m) => {
        const tail = new Label()
        m.pushFrame(count)
        m.constant(roles.general[0] as number, 5n)
        m.exit(position, number, tail)
        m.exit(1, 1, tail)
        m.bind(tail)
        m.exitTail(count)
      })
      const what = `exit ${number} of ${count} slots`
      check(`${what}: status`, p.context32(Context.STATUS), Status.EXIT)
      check(`${what}: position`, p.context32(Context.REQUEST_A), position)
      check(`${what}: number`, p.context32(Context.REQUEST_B), number)
      check(`${what}: frame pointer`, p.context(Context.FIBER_FP), 0n)
      check(`${what}: base`, p.context(Context.BASE), p.base + BigInt(p.data))
      // As a call of the VM would: native code goes on behind the call, with the result.
      check(`${what}: return address`, p.context(Context.RESUME), p.stub('startReturn'))
      p.setContext(Context.RESULT, 42n)
      p.memory.setInt32(Context.RESULT + 8, 3, true)
      p.resume()
      checkReturned(stage, what)
      check(`${what}: result`, [p.context(Context.RESULT), p.context32(Context.RESULT + 8)], [42n, 3])
    }
  }
}

/** A function without native code, called natively: its caller's frame waits for the VM's result. */
const callVm: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  play(
    stage,
    (m) => {
      m.pushFrame(0)
      m.callSymbol('stub:callVm')
      m.store(roles.resultPayload, roles.base, offsetOf(0))
      m.store(roles.resultTag, roles.base, offsetOf(1))
      m.popFrame(0)
      m.ret()
    },
    {
      after: () => {
        check('callVm: status', p.context32(Context.STATUS), Status.CALL_VM)
        p.setContext(Context.RESULT, 0xfeed_face_cafe_beefn)
        p.setContext(Context.RESULT + 8, 0xdddd_dddd_0000_0009n)
        p.resume()
        checkReturned(stage, 'callVm')
        check('callVm: payload', BigInt.asUintN(64, word(stage, 0)), 0xfeed_face_cafe_beefn)
        check('callVm: tag', word(stage, 1), 9n)
      },
    },
  )
}

/** What a routine saves is as it was, however many registers it takes. */
const savedRegisters: Scene = (stage) => {
  const { p, check } = stage
  const { roles } = p.target
  for (let count = 1; count <= 8; count++) {
    const saved = roles.general.slice(0, count)
    for (let i = 0; i < 16; i++) setWord(stage, i, BigInt(i + 1) * 0x0fed_cba9_8765n)
    play(stage, (m) => {
      saved.forEach((register, i) => {
        m.load(register, roles.base, offsetOf(i))
      })
      m.saveGeneral(count)
      saved.forEach((register) => {
        m.constant(register, 3n)
      })
      m.restoreGeneral(count)
      saved.forEach((register, i) => {
        m.store(register, roles.base, offsetOf(32 + i))
      })
      m.ret()
    })
    checkReturned(stage, `${count} saved registers`)
    saved.forEach((register, i) => {
      check(`${count} saved: register ${register}`, word(stage, 32 + i), word(stage, i))
    })
  }
}

const SCENES: Readonly<Record<string, Scene>> = {
  results,
  spills,
  frames,
  calls,
  signs,
  depth,
  counting,
  requests,
  exits,
  callVm,
  savedRegisters,
}

/** @param watch lets the caller see which operations are used */
export function runScenes(
  p: Playground,
  watch: (machine: Machine) => Machine,
): { count: number; failures: string[] } {
  const failures: string[] = []
  for (const [name, scene] of Object.entries(SCENES)) {
    scene({
      p,
      machine: (isFar) => watch(p.target.makeMachine(isFar)),
      check(what, actual, expected) {
        const [is, want] = [actual, expected].map((value) => [value].flat().map(String).join(', '))
        if (is !== want) failures.push(`${name}: ${what} is ${is}, should be ${want}`)
      },
    })
  }
  return { count: Object.keys(SCENES).length, failures }
}
