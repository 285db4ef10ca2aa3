/**
 * The one table of tags, object kinds and offsets. TypeScript and native code read and write the
 * same bytes, so both take every number from here.
 *
 * The heap is one region whose base is a multiple of 4 GiB and whose size is at most 2 GiB. An
 * *address* in TypeScript is the byte offset in the region: `I32[address >> 2]`. Native code holds
 * the absolute pointer, whose low 32 bits are that same offset, so a reference in a slot needs no
 * conversion in either direction.
 */

/** A value is a 16-byte slot: payload at +0 (8 bytes), tag at +8 (4 bytes), +12 (4 bytes) spare. */
export const enum Slot {
  SIZE = 16,
  SHIFT = 4,
  TAG = 8,
}
export const SLOT_SIZE = Slot.SIZE as number
export const SLOT_SHIFT = Slot.SHIFT as number
export const SLOT_TAG = Slot.TAG as number
/**
 * The spare word. Values never carry meaning here; a frame's callee slot keeps the caller's
 * position in it (see `lib/vm/frames.ts`) and a hash entry's key slot keeps the key's hash.
 */
export const SLOT_SPARE = 12

/**
 * Tags of slots. Those from FIRST_REFERENCE on have a reference to a heap object as payload, and
 * that object's kind (its first byte) is the same number.
 */
export const enum Tag {
  NULL = 0,
  /** No value yet: reading it is the error "identifier not found". Never visible to programs. */
  EMPTY = 1,
  /** payload 0 or 1 */
  BOOLEAN = 2,
  /** payload int64 */
  INTEGER = 3,
  /** payload float64 */
  FLOAT = 4,
  /** payload: index into the builtin table */
  BUILTIN = 5,
  STRING = 8,
  ARRAY = 9,
  HASH = 10,
  CLOSURE = 11,
  CLASS = 12,
  INSTANCE = 13,
  BOUND_METHOD = 14,
  ERROR = 15,
  /** A builtin method taken from a string, array, number, hash... without calling it. */
  METHOD_VALUE = 16,
  /** An object whose body lives on the JavaScript side (Regexp, File, Time...). */
  HOST = 17,
  /** A captured variable. Found in frame slots and closures, never in a program's hands. */
  CELL = 18,
  /** A JSON document around any value. */
  JSON = 19,
}

export const FIRST_REFERENCE = 8

/** Kinds of heap objects beyond those that share a number with a tag. */
export const enum Kind {
  FREE = 0,
  /** Backing block of arrays: slots. */
  SLOTS = 32,
  /** Backing block of strings, hash indexes: bytes without references. */
  BYTES = 33,
  /** Backing block of hashes: entries of two slots. */
  ENTRIES = 34,
  /** What a closure runs: arity, frame size, native entry. Never freed. */
  FUNCTION = 35,
}

/**
 * Header of every heap object: kind u8 at +0, mark u8 at +1, flags u8 at +2, spare u8 at +3.
 *
 * To allocate a small object, native code pops a cell of its size class: head = FREE_LISTS[class], 0 =
 * empty (then it must yield); FREE_LISTS[class] = the 8 bytes at head + 8; ALLOCATED += the class's
 * size; the first 4 bytes = kind. All other fields hold garbage and must be written before the next
 * safepoint. Pointers are absolute, 8 bytes, 0 = none. Blocks never change owner or place.
 */
export const enum Header {
  KIND = 0,
  MARK = 1,
  FLAGS = 2,
  AUX = 3,
}

/**
 * STRING, 32 bytes. Characters are code points of 1, 2 or 4 bytes each (the width: Header.AUX), so
 * indexing is O(1). The text starts at DATA, which points behind the header of a BYTES block. Several
 * strings may share a block: each sees only its own LENGTH, and only the one that ends at the
 * block's USED frontier may append in place.
 *
 * The width is always the smallest that fits all characters of the string: equal texts have equal
 * widths and equal bytes. The text always begins at the block's start. CAPACITY and USED of a BYTES
 * block count bytes. Two INTERNED strings are equal only if they are the same object.
 */
export const enum StringLayout {
  SIZE = 32,
  /** u32, characters */
  LENGTH = 4,
  /** absolute pointer to the first character (a BYTES block's start + 16) */
  DATA = 8,
  /** u32, 0 = not computed yet */
  HASH = 16,
  /** u32, 1 = the text is a constant or a name and is unique per content (interned) */
  INTERNED = 20,
}

/** BYTES, SLOTS and ENTRIES share this 16-byte header; the contents follow. */
export const enum BlockLayout {
  /** u32: bytes, slots or entries that fit */
  CAPACITY = 4,
  /** u32: the frontier; contents below it belong to somebody and are never changed by append */
  USED = 8,
  /** u32 (SLOTS only): 1 = more than one array header may point here; copy before element writes */
  SHARED = 12,
  DATA = 16,
}

/**
 * ARRAY, 16 bytes. Always has a SLOTS block, and its elements begin at the block's start.
 *
 * Reading element i: i < LENGTH, then the slot at DATA + 16 i. Writing: the same, but only if the
 * block's SHARED (at DATA - 4) is 0, or if i is USED - 1: each push makes one array longer than all others
 * with the block, so nobody else has its last element. Else copy first (native code: yield).
 *
 * Push: only if the block's USED (DATA - 8) equals LENGTH and is below CAPACITY (DATA - 12): write the slot
 * at DATA + 16 LENGTH, USED += 1, SHARED = 1, and make a new header with LENGTH + 1 and the same DATA. All
 * slots below USED hold values; the collector sets SHARED back to 0 when only one header is left.
 */
export const enum ArrayLayout {
  SIZE = 16,
  /** u32, elements */
  LENGTH = 4,
  /** absolute pointer to element 0 (a SLOTS block's start + 16) */
  DATA = 8,
}

/**
 * HASH, 32 bytes, insertion ordered like a compact dictionary: a dense ENTRIES block plus, from
 * 9 entries on, an index of u32 entry numbers + 1 (0 = free) with linear probing from `hash & MASK`.
 * Programs cannot delete in place, so there are no tombstones. Always has an ENTRIES block, which is its
 * own; the block's USED means nothing (COUNT counts). The hash function is in `hashes.ts`.
 */
export const enum HashLayout {
  SIZE = 32,
  /** u32, entries in use */
  COUNT = 4,
  /** absolute pointer to entry 0 (an ENTRIES block's start + 16) */
  ENTRIES = 8,
  /** absolute pointer to the first index word (a BYTES block's start + 16), 0 = no index */
  INDEX = 16,
  /** u32: index words - 1 (a power of two - 1), 0 = no index */
  MASK = 24,
  /** u32: entries that fit in the ENTRIES block */
  CAPACITY = 28,
}
/** One entry: the key's slot, whose spare word holds the key's hash, then the value's slot. */
export const HASH_ENTRY_SIZE = 32
export const HASH_ENTRY_VALUE = 16
/** Hashes with at most this many entries have no index: they are searched in order. */
export const HASH_LINEAR_LIMIT = 8

/** CLOSURE, 32 bytes + 8 per captured cell. */
export const enum ClosureLayout {
  /** u32, number of captured cells */
  COUNT = 4,
  /** absolute pointer to the FUNCTION record */
  FUNCTION = 8,
  /** absolute pointer to the class whose text contains the function, 0 = none (for `super`) */
  HOME = 16,
  /** cells: absolute pointers, 8 bytes each */
  CELLS = 32,
}

/** CELL, 32 bytes: one captured variable. */
export const enum CellLayout {
  SIZE = 32,
  VALUE = 16,
}

/** FUNCTION, 64 bytes. */
export const enum FunctionLayout {
  SIZE = 64,
  /** u32: index in the runtime's function table */
  INDEX = 4,
  /** absolute native address called for this function, 0 = run in the VM */
  ENTRY = 8,
  /** u32: parameters, with `self` for methods */
  PARAMETERS = 16,
  /**
   * i32: what QUICK takes in registers (`jit/ir/signature.ts`), 0 = there is no such entry; negative while somebody asks
   * the program to stop, so that nobody enters there
   */
  SIGNATURE = 20,
  /** u32: address of the record made before this one, 0 = it is the first */
  PREVIOUS = 24,
  /** u32: calls counted towards the hot threshold */
  CALLS = 28,
  /** u32: 1 = a method: slot 0 is `self` */
  METHOD = 32,
  /** u32: low word of the address of the function's own native code, 0 = none: ENTRY asks the VM to run it */
  NATIVE = 36,
  /** u32: word index in the heap of the code that the VM's loop fetches */
  START = 40,
  /** u32: the value of CALLS at which the tier manager wants to hear of the function */
  NEXT_EVENT = 44,
  /** u32: what a call costs of the depth limit (`frameCharge`) */
  CHARGE = 48,
  /** u32: bytes of the locals: from the frame's base to its operand stack */
  LOCAL_BYTES = 52,
  /** absolute native address of the entry that takes arguments in registers, if there is one */
  QUICK = 56,
}

/** CLASS, 64 bytes. Feedback and native code keep those alive whose addresses they hold; caches are emptied. */
export const enum ClassLayout {
  SIZE = 64,
  /** u32: number of instance variables of an object, inherited ones included */
  FIELDS = 4,
  /** absolute pointer to the name, a STRING */
  NAME = 8,
  /** absolute pointer to the superclass, 0 = none */
  SUPER = 16,
  /** absolute pointer to a HASH: method name -> CLOSURE */
  METHODS = 24,
  /** absolute pointer to a HASH: instance variable name -> INTEGER field number, inherited first */
  FIELD_NUMBERS = 32,
}

/** INSTANCE, 16 bytes + a slot per field. */
export const enum InstanceLayout {
  /** u32: fields allocated */
  FIELDS = 4,
  /** absolute pointer to the CLASS */
  CLASS = 8,
  SLOTS = 16,
}

/** BOUND_METHOD, 32 bytes: a method taken from an instance. */
export const enum BoundMethodLayout {
  SIZE = 32,
  /** absolute pointer to the INSTANCE */
  RECEIVER = 8,
  /** absolute pointer to the CLOSURE */
  METHOD = 16,
  /** absolute pointer to the name, a STRING */
  NAME = 24,
}

/** METHOD_VALUE, 48 bytes: a builtin method with its receiver, any value. */
export const enum MethodValueLayout {
  SIZE = 48,
  /** absolute pointer to the name, a STRING */
  NAME = 8,
  RECEIVER = 16,
}

/** ERROR, 48 bytes. */
export const enum ErrorLayout {
  SIZE = 48,
  /** u32, 0 = not thrown yet */
  LINE = 4,
  /** absolute pointers to STRINGs */
  TYPE = 8,
  MESSAGE = 16,
  /** absolute pointer to a STRING, 0 = not thrown yet */
  STACK = 24,
  /** u32 */
  COLUMN = 32,
  /** u32: number of the source text in the runtime's table */
  SOURCE = 36,
}

/** HOST, 16 bytes. */
export const enum HostLayout {
  SIZE = 16,
  /** u32: index in the runtime's table of host objects; the sweep releases it */
  INDEX = 4,
  /** u32: which host type (the runtime's table) */
  TYPE = 8,
}

/** JSON, 32 bytes: a document; its data is one value, which the document keeps alive. */
export const enum JsonLayout {
  SIZE = 32,
  VALUE = 16,
}

/**
 * The context block: page 0 of the heap, what TypeScript and native code tell each other. Words
 * marked (p) hold absolute pointers, 8 bytes.
 */
export const enum Context {
  /** (p) the host's stack pointer while native code runs */
  HOST_SP = 0,
  /** (p) the fiber's stack pointer while the host runs */
  FIBER_SP = 8,
  /** (p) the fiber's frame pointer while the host runs */
  FIBER_FP = 16,
  /** (p) where native code goes on */
  RESUME = 24,
  /** (p) native address the start stub calls */
  ENTRY = 32,
  /** (p) base of the current Rush frame */
  BASE = 40,
  /** u32 why native code came back: a request number (`lib/jit/requests.ts`) */
  STATUS = 48,
  /** u32 calls that may still be nested before "stack overflow" */
  DEPTH = 52,
  /** 16 bytes: a result crossing the gate in either direction, as a slot */
  RESULT = 64,
  /** u32: not 0 = what runs shall stop at its next safepoint (see `interrupt.ts`) */
  INTERRUPT = 80,
  /** u32 arguments of a request */
  REQUEST_A = 84,
  REQUEST_B = 88,
  REQUEST_C = 92,
  /** (p) lowest stack pointer native code may reach */
  FIBER_LIMIT = 96,
  /** (p) end of the Rush stack: a frame may not reach beyond */
  STACK_LIMIT = 104,
  /** u32 bytes allocated since the last collection */
  ALLOCATED = 112,
  /** u32 the limit for ALLOCATED: beyond it the next safepoint collects */
  ALLOCATION_LIMIT = 116,
  /** u64 counters for statistics */
  NATIVE_CALLS = 120,
  /** u32: address of the FUNCTION record made last, 0 = none */
  FUNCTIONS = 128,
  /** (p) the entry that asks the VM to run a function, 0 = no native code here */
  CALL_VM = 136,
  /** (p) the table of methods found lately (`lib/runtime/method-cache.ts`), 0 = none */
  METHOD_CACHE = 160,
  /** 16 bytes: the constants 1 and 0, for counting with SSE instructions */
  ONE = 144,
  /** a slot that is always NULL: what a hash has for keys that it lacks */
  NULL_SLOT = 176,
  /** u64, 8 of them: the lowest n bytes of a word */
  BYTE_MASKS = 192,
  /** free lists of the small size classes, (p) each, 0 = empty */
  FREE_LISTS = 512,
  /** (p) each: the one-character strings of the code points below 256, 0 = not made yet; interned, permanent */
  CHARACTERS = 1024,
  /** u8 each: the size class by size in units of 16 bytes, rounded up */
  CLASS_OF = 3072,
  /** u32 each: SIZE_CLASSES */
  CLASS_SIZES = 3584,
  /** (p) each: what `type()` says of values with a tag, 0 = not the tag alone decides; filled by the JIT */
  TYPE_NAMES = 3712,
  /** (p) each, by Word: the texts of these values; filled by the JIT */
  WORDS = 3968,
  SIZE = 4096,
}

/**
 * Where the file-level variables of the program lie: in page 0, so near the context block that native code reaches
 * them in one instruction. Programs with more than NEAR_GLOBALS, and pieces of an interactive session, have theirs
 * elsewhere.
 */
export const NEAR_GLOBALS_START = Context.SIZE + 16 * SLOT_SIZE
export const NEAR_GLOBALS = 752

/** Values whose text forms are always the same. */
export const enum Word {
  NULL = 0,
  FALSE = 1,
  TRUE = 2,
}

/** Sizes of the small object classes in bytes; larger objects get pages of their own. */
export const SIZE_CLASSES: readonly number[] = [
  16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1280, 1632, 2048,
  2720, 4080, 8176,
]
export const PAGE_SIZE = 16384
/** The first bytes of a page of small objects are kept free so that cells stay 16-byte aligned. */
export const PAGE_HEADER = 16

/**
 * Output that is held back, as the signal handler of native code sees it (`jit/machine/signal-handler.ts`). It is
 * not a part of the heap.
 */
export const enum HeldOutput {
  /** u32 each, first of all: the bytes of DATA between these offsets are still to be written */
  START = 0,
  END = 4,
  /** u32: 1 = the run writes what begins at START itself: nobody knows whether that is done */
  WRITING = 8,
  /** u32: a signal that came meanwhile, which the run raises again when it has written; 0 = none */
  DEFERRED = 12,
  /** a `struct pollfd`: standard output */
  POLL_DESCRIPTOR = 16,
  /** addresses of functions of the C library */
  POLL = 24,
  WRITE = 32,
  SIGNAL = 40,
  RAISE = 48,
  DATA = 64,
}
