/** What the VM observes of a function shortly before it is compiled. */

/** Of one instruction. Sets of tags are bit masks: bit t is set when tag t was seen. */
export class SiteFeedback {
  /** Tags of the left or only operand; of the container for index operations. */
  left = 0
  /** Tags of the right operand; of the index for index operations. */
  right = 0
  /** Branches: how often the condition was true and false. */
  whenTrue = 0
  whenFalse = 0
  /** Calls: index of the function called; -1 none yet, -2 several or not a closure. */
  target = -1
  count = 0
  /** Calls: number of the built-in function called; same marks. */
  builtin = -1
  /** Guards made from this failed too often: use the general way. */
  generic = false

  addBuiltin(index: number): void {
    if (this.builtin === -1) this.builtin = index
    else if (this.builtin !== index) this.builtin = -2
  }

  addTarget(index: number): void {
    if (this.target === -1) this.target = index
    else if (this.target !== index) this.target = -2
  }
}

export const NO_TARGET = -1
export const MANY_TARGETS = -2
