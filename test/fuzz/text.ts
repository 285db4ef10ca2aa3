/** The text of a program while it grows: lines, indented as they nest, and names that occur nowhere else. */
import type { Random } from './random.js'

export const COMPARISONS = ['<', '>', '<=', '>=', '==', '!=']

export class Text {
  protected readonly lines: string[] = []
  private names = 0
  private indent = ''

  constructor(protected readonly random: Random) {}

  protected name(prefix: string): string {
    return `${prefix}${this.names++}`
  }

  protected line(text: string): void {
    this.lines.push(`${this.indent}${text}`)
  }

  /** @param end null: the block goes on with another head */
  protected block(head: string, body: () => void, end: string | null = '}'): void {
    this.line(`${head} {`)
    const { indent } = this
    this.indent += '  '
    body()
    this.indent = indent
    if (end !== null) this.line(end)
  }

  /** Does something `low` to `high` times. */
  protected repeat(low: number, high: number, make: () => void): void {
    for (let count = this.random.between(low, high); count > 0; count--) make()
  }

  protected get text(): string {
    return `${this.lines.join('\n')}\n`
  }
}
