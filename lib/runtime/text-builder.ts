/**
 * Long texts made of many short pieces. Added up with `+=` they would be ropes, which need dozens of bytes
 * for each piece until somebody reads them; what fits the longest string need not fit the memory then.
 */
import { constants } from 'node:buffer'
import { HeapExhausted } from '../heap/heap.js'

/** Pieces, and characters in them, that are put together at once. */
const MOST_PIECES = 4096
const MOST_CHARACTERS = 1 << 20

export class TextBuilder {
  private readonly chunks: string[] = []
  private pieces: string[] = []
  /** Characters in `pieces`. */
  private waiting = 0
  private length = 0

  /** @throws HeapExhausted if no string can be so long */
  add(text: string): void {
    this.pieces.push(text)
    this.waiting += text.length
    if (this.waiting >= MOST_CHARACTERS || this.pieces.length === MOST_PIECES) this.joinPieces()
  }

  /** The whole; nothing can be added any more. */
  finish(): string {
    this.joinPieces()
    return this.chunks.length === 1 ? (this.chunks[0] as string) : this.chunks.join('')
  }

  private joinPieces(): void {
    this.length += this.waiting
    if (this.length > constants.MAX_STRING_LENGTH) throw new HeapExhausted(this.length)
    this.chunks.push(this.pieces.join(''))
    this.pieces = []
    this.waiting = 0
  }
}
