/** The benchmark programs and copies of them that do a part of the work. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from './contenders.js'
import { BenchmarkError } from './process.js'

/** Each exists in all languages and has one constant that says how much work it does. */
export const PROGRAMS = [
  'fib',
  'ackermann',
  'tak',
  'loops',
  'collatz',
  'mandelbrot',
  'spectral-norm',
  'matmul',
  'sieve',
  'fannkuch',
  'queens',
  'quicksort',
  'nbody',
  'binary-trees',
  'richards',
  'deltablue',
  'closures',
  'strings',
  'words',
  'json',
  'try-catch',
] as const

export type Program = (typeof PROGRAMS)[number]

const SIZE = /\bROUNDS = (\d+)/

/** Gives out program files in a folder of its own, as programs cannot see arguments. */
export class ProgramFiles {
  private readonly written = new Set<string>()

  /**
   * @param sources where the programs are
   * @param folder where copies go
   */
  constructor(
    private readonly sources: string,
    private readonly folder: string,
  ) {}

  /** A program that does nothing: the time of the start-up. */
  empty(language: Language): string {
    return this.write(`empty.${language}`, () => '')
  }

  /** How often the program in the repository repeats its work. */
  rounds(program: Program, language: Language): number {
    const rounds = SIZE.exec(this.source(program, language))?.[1]
    if (rounds === undefined) throw new BenchmarkError(`${program}.${language} has no line ROUNDS = …`)
    return Number(rounds)
  }

  /** The program with another number of rounds. */
  copy(program: Program, language: Language, rounds: number): string {
    return this.write(`${program}-${rounds}.${language}`, () =>
      this.source(program, language).replace(SIZE, `ROUNDS = ${rounds}`),
    )
  }

  private source(program: Program, language: Language): string {
    return readFileSync(join(this.sources, `${program}.${language}`), 'utf8')
  }

  private write(name: string, text: () => string): string {
    const file = join(this.folder, name)
    if (!this.written.has(name)) writeFileSync(file, text())
    this.written.add(name)
    return file
  }
}
