/** What the VM observes of a function shortly before it is compiled. */

/** More classes than this at one site are not told apart. */
export const MAX_CLASSES = 4

/** Marks of `target`, `builtin` and `field`. */
export const NONE = -1
export const MANY = -2

/** The position under which feedback is kept that is about a function's entry: the types of its arguments. */
export const ENTRY_SITE = -1

/** Of one instruction, or of the entry. Sets of tags are bit masks: bit t is set when tag t was seen. */
export class SiteFeedback {
  /** Tags of the left or only operand; of the container for index operations; of the receiver. */
  left = 0
  /** Tags of the right operand; of the index for index operations; of the first argument. */
  right = 0
  /** Tags of the value that is stored (index operations), or of the second argument. */
  third = 0
  /** Of the entry: tags of each parameter, by its slot, and of what the function returns. */
  readonly parameters: number[] = []
  results = 0
  /** Branches: how often the condition was true and false. */
  whenTrue = 0
  whenFalse = 0
  count = 0
  /** Calls: index of the function called; NONE yet, MANY: several or not a closure. */
  target = NONE
  /** Calls: number of the built-in function called; same marks. */
  builtin = NONE
  /** Addresses of the classes of receivers, or of what is instantiated; of at most MAX_CLASSES. */
  readonly classes: number[] = []
  /** More classes were seen than `classes` tells. */
  manyClasses = false
  /** Number of the instance variable; same marks. */
  field = NONE
  /** Indexing strings: characters that take more than one byte were met. */
  wide = false
  /** Guards made from this failed too often: use the general way. */
  generic = false
  /** Guards of what was inlined here failed too often: call it. */
  noInline = false

  /** Of a loop's header: guards for all its passes at once failed too often, so each pass checks for itself. */
  checksEach = false

  /** Guards made from it have failed too often before. */
  widened = false
  /** Id of the code that had been compiled last when something new was seen of it behind such code. */
  changedAt = -1

  /**
   * How much has been seen, but for how often: more whenever something is new. What is noted only grows (sets of
   * tags, lists of classes, marks from NONE over one to MANY), so that a sum tells, and each visit is cheap.
   */
  get extent(): number {
    const { left, right, third, target, builtin, field, classes } = this
    const marks = extentOf(target) + extentOf(builtin) + extentOf(field)
    return left + right + third + marks + classes.length + Number(this.manyClasses) + Number(this.wide)
  }

  addBuiltin(index: number): void {
    this.builtin = this.builtin === NONE || this.builtin === index ? index : MANY
  }

  addTarget(index: number): void {
    this.target = this.target === NONE || this.target === index ? index : MANY
  }

  addField(number: number): void {
    this.field = this.field === NONE || this.field === number ? number : MANY
  }

  addClass(address: number): void {
    if (this.classes.includes(address)) return
    if (this.classes.length < MAX_CLASSES) this.classes.push(address)
    else this.manyClasses = true
  }

  /** The one class seen, or 0. */
  get onlyClass(): number {
    return this.classes.length === 1 && !this.manyClasses ? (this.classes[0] as number) : 0
  }
}

function extentOf(mark: number): number {
  return mark === NONE ? 0 : mark === MANY ? 2 : 1
}
