/**
 * When two runs, of a graph before and behind a pass, are the same to everybody outside.
 *
 * What is compared: the sequence of events (writes to the frame, calls, steps of the VM, polls, allocations, stores
 * into arrays and hashes, each with the values of its operands and of its snapshot; at last the end of the run), and at
 * each event that may look at memory what memory holds then. Loads, guards that pass and pure operations cannot be
 * seen, nor can a store that is overwritten, or that stores what is there already.
 *
 * A guard that fails ends the run with an exit: the VM goes on at the snapshot's position with the frame as the
 * snapshot says. A pass may not change that but in one way: it may move a guard to where a loop is entered and leave
 * there, at the header (`hoistInvariants`). Then the VM executes the loop from its beginning, which is right if memory,
 * events and the snapshot are what they were when the first run entered that loop: from there both are the same
 * program. So an exit of the second run is accepted, too, if it equals such an entry of the first. It does not matter
 * whether the first run had failed that guard later on: leaving early costs time only.
 *
 * Objects that nobody sees need not be made: allocations that the second graph lacks, or whose objects are only stored
 * into there, are left out of both runs, with what is stored into these objects (`withoutObjects`). If an object had been
 * needed, something that uses it would differ, or be used before it is defined.
 *
 * That suffices for what the passes can break, provided that the entry snapshots and the guards of the first graph are
 * right; whether the builder makes them so is tried by whole programs (`make fuzz`).
 */
import { takesMemory } from '../../../lib/jit/ir/effects.js'
import { forEachUse, type Graph, Instruction, type Value } from '../../../lib/jit/ir/graph.js'
import type { Event, Outcome } from './interpret.js'
import { type Changes, liesIn } from './memory.js'

/** @returns how the second run differs, or null. The first has come to an end. */
export function differenceOf(first: Outcome, second: Outcome): string | null {
  if (second.ending === 'faults' || second.ending === 'endless')
    return `${second.ending}: ${second.events.at(-1)?.text}`
  const count = Math.min(first.events.length, second.events.length)
  let same = 0
  while (same < count && isSameEvent(first, second, same)) same++
  const isAlike = same === first.events.length && same === second.events.length
  if (!(isAlike && first.ending === second.ending) && !leavesAtEntry(first, second, same))
    return describe(first, second, same)
  return missingPoll(first, second)
}

function isSameEvent(first: Outcome, second: Outcome, i: number): boolean {
  const [a, b] = [first.events[i], second.events[i]]
  return (
    a !== undefined && b !== undefined && a.text === b.text && differingPlace(a.changes, b.changes) === null
  )
}

/** The ids of allocations in a graph whose objects are not only stored into, or into others that are. */
export function seenObjects({ blocks }: Graph): ReadonlySet<number> {
  const seen = new Set<number>()
  const isUnseen = (value: Value): boolean =>
    value instanceof Instruction && value.op === 'alloc' && !seen.has(value.id)
  for (let before = -1; before < seen.size; ) {
    before = seen.size
    for (const { instructions } of blocks) {
      for (const instruction of instructions) {
        const isStore = /^store(f|32)?$/.test(instruction.op)
        const [pointer] = instruction.args
        if (isStore && pointer !== undefined && isUnseen(pointer)) continue
        forEachUse(instruction, ({ id }) => seen.add(id))
      }
    }
  }
  return seen
}

/** The run as it is for those who cannot see the objects that other allocations make than these. */
export function withoutObjects(outcome: Outcome, seen: ReadonlySet<number>): Outcome {
  const isUnseen = ({ object, instruction }: Event): boolean => object !== null && !seen.has(instruction.id)
  const unseen = outcome.events.filter(isUnseen).map(({ object }) => object as bigint)
  if (unseen.length === 0) return outcome
  const visible = (changes: Changes): Changes =>
    new Map([...changes].filter(([place]) => !unseen.some((object) => liesIn(place, object))))
  const events: Event[] = []
  /** By number of events: those that remain of them, and what was stored behind the last of these. */
  const places: { count: number; pending: Changes }[] = [{ count: 0, pending: new Map() }]
  let pending: Changes = new Map()
  for (const event of outcome.events) {
    const changes = joined(pending, visible(event.changes))
    if (isUnseen(event)) pending = changes
    else {
      // What does not observe memory leaves the changes to who does.
      const observes = event.instruction.op !== 'frame.put'
      events.push({ ...event, changes: observes ? changes : event.changes })
      if (observes) pending = new Map()
    }
    places.push({ count: events.length, pending })
  }
  const entries = outcome.entries.map((entry) => {
    const place = places[entry.events] as (typeof places)[number]
    return { ...entry, events: place.count, changes: joined(place.pending, visible(entry.changes)) }
  })
  return { ...outcome, events, entries }
}

/** Changes behind others. */
function joined(first: Changes, then: Changes): Changes {
  const all = new Map(first)
  for (const [place, { before, now }] of then)
    all.set(place, { before: all.get(place)?.before ?? before, now })
  return all
}

/** A place that holds different words after the changes, which begin with equal memory. */
function differingPlace(a: Changes, b: Changes): string | null {
  for (const [place, { before, now }] of a) if (now !== (b.get(place)?.now ?? before)) return place
  for (const [place, { before, now }] of b) if (!a.has(place) && now !== before) return place
  return null
}

function leavesAtEntry(first: Outcome, second: Outcome, same: number): boolean {
  const last = second.events.length - 1
  const exit = second.events[last]
  if (second.ending !== 'exits' || exit === undefined || same < last) return false
  return first.entries.some(
    ({ events, text, changes }) =>
      events === last && text === exit.text && differingPlace(changes, exit.changes) === null,
  )
}

function describe(first: Outcome, second: Outcome, same: number): string {
  const of = ({ events, ending }: Outcome): string => events[same]?.text ?? `nothing more, it ${ending}`
  const place = differingPlace(
    first.events[same]?.changes ?? new Map(),
    second.events[same]?.changes ?? new Map(),
  )
  const memory = place === null ? '' : `; memory differs at ${place}`
  return `event ${same}: ${of(first)} became ${of(second)} (${first.ending}, ${second.ending})${memory}`
}

/**
 * Between two executions of an instruction that takes memory there must be a poll that asks for a collection, if there
 * was any poll before: what a loop allocates would never be collected.
 */
function missingPoll(first: Outcome, second: Outcome): string | null {
  let polls = 0
  let collecting = 0
  const last = new Map<number, { polls: number; collecting: number }>()
  for (const [i, { instruction }] of second.events.entries()) {
    const { id, op, imm } = instruction
    if (first.events[i]?.instruction.op === 'poll') polls++
    if (op === 'poll' && imm === 0n) collecting++
    if (!takesMemory(instruction)) continue
    const before = last.get(id)
    if (before !== undefined && polls > before.polls && collecting === before.collecting)
      return `event ${i}: ${op} again without a poll that collects`
    last.set(id, { polls, collecting })
  }
  return null
}
