/** The sound documents that are mutated: of small programs, and of test programs. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../../../lib/bytecode/index.js'
import type { BytecodeProgram } from '../../../lib/bytecode/program.js'
import type { DocumentKind, DocumentTypes } from '../../../lib/formats/envelope.js'
import { compileObject, hostTarget } from '../../../lib/jit/index.js'
import type { ProfileDocument } from '../../../lib/jit/profile.js'
import { loadProgram } from '../../../lib/modules/load.js'
import { isBuiltin, runBytecode } from '../../../lib/run/index.js'
import { defaultRunOptions } from '../../../lib/run/options.js'
import { BUILTINS } from '../../../lib/runtime/builtins/registry.js'

/** Something of everything, in few bytes. */
const SOURCES: readonly string[] = [
  `total = 0
fn add(a, b) { return a + b }
for (i = 0; i < 6; i = i + 1) { total = add(total, i * 2) }
print(total, total / 3, -total % 4, total == 30, !(total < 3))`,
  `fn f(n) { if (n < 2) { return n } return f(n - 1) + f(n - 2) }
print(f(7), f(6.5))`,
  `class Shape { fn initialize(w) { @w = w; @n = 0 } fn area() { @n = @n + 1; return @w * 2.5 } }
class Box < Shape { fn initialize(w, h) { super(w); @h = h } fn area() { return super() * @h } }
s = 0
for (i = 0; i < 4; i = i + 1) { b = Box.new(i, 2); s = s + b.area() + Shape.new(1).area() }
print(s, type(b), b.area)`,
  `fn counter() { n = 0; return fn(x) { n = n + x; return n } }
a = counter(); b = counter()
a(1); a(2); b(10)
print([1, 2, 3].map(fn(x) { return a(x) * 2 }), b(1))`,
  `h = {"k": [1, 2.5, "s"], 2: null, true: {"z": 1}}
h["new"] = h["k"][1] + 1
h["k"][0] = "x" + "é😀"
for (i = 0; i < 3; i = i + 1) { print(i, h["k"][i], "text"[i]) }
print(h, len(h), h["none"], h["k"].length, "a-b".split("-"))`,
  `fn risky(n) {
  try { if (n == 1) { throw "no" } if (n == 2) { return [][5].x } if (n == 3) { throw TypeError("t") } return n / 0 }
  catch (TypeError e) { return e.message } catch (e) { return type(e) } finally { print("done", n) }
}
for (i = 0; i < 5; i = i + 1) { switch (risky(i)) { case "no", 1: { print("one") } default: print("other") } }`,
  `i = 0
while (true) { i = i + 1; if (i % 2 == 0) { continue } if (i > 7) { break } print(i && i > 3 || "small") }
fn deep(n) { try { return deep(n + 1) } catch (e) { return "deep" } }
x = [1, 2, 3].push(4); x.pop()
print(x, big = 9223372036854775807 + 1, 0.1 + 0.2, 1 / 3, substr("abcdef", 1, 3), ord("a"), chr(98))`,
  `import { PI, sqrt } from "std/math"
import { nothing } from "./missing"
print(PI, sqrt(2))`,
]

const TOP = new URL('../../../../', import.meta.url).pathname
const FOLDERS = ['test/programs', 'test/conformance/core', 'test/conformance/data-types']
/** Larger programs would be mutated less often, and take longer. */
const MOST_BYTES = 900
/** What a program must not use here: it depends on the clock, on chance or on the world outside. */
const FORBIDDEN = /builtin_random|\b(file|directory|path|Time|TimeZone|Duration)\b/

/** Built-in functions that mutated bytecode may name. */
export const HARMLESS: ReadonlySet<string> = new Set(
  BUILTINS.map(({ name }) => name).filter((name) => !FORBIDDEN.test(name)),
)

export interface SeedProgram {
  readonly name: string
  readonly documents: DocumentTypes
}

function textsOfFiles(): [string, string][] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(TOP, folder))
      .filter((name) => name.endsWith('.rush') && statSync(join(TOP, folder, name)).size <= MOST_BYTES)
      .sort()
      .map((name): [string, string] => [
        join(TOP, folder, name),
        readFileSync(join(TOP, folder, name), 'utf8'),
      ]),
  )
}

/** @param many test programs, too, and not only those that were written for this */
export async function makeSeeds(many: boolean): Promise<SeedProgram[]> {
  const texts: [string, string][] = SOURCES.map((text, index) => [`seed-${index}.rush`, text])
  if (many) texts.push(...textsOfFiles().filter(([, text]) => !FORBIDDEN.test(text)))
  const seeds: SeedProgram[] = []
  for (const [file, text] of texts) {
    const documents = await documentsOf(text, file)
    if (documents !== null) seeds.push({ name: file, documents })
  }
  return seeds
}

/** Null if the program has mistakes. */
async function documentsOf(text: string, file: string): Promise<DocumentTypes | null> {
  const { document, diagnostics } = loadProgram(text, file)
  if (diagnostics.length > 0) return null
  const { program, diagnostics: refused } = compile(document, isBuiltin)
  if (refused.length > 0) return null
  // As it comes from a document: without getters.
  const bytecode = JSON.parse(JSON.stringify(program)) as BytecodeProgram
  const profile = await profileOf(bytecode)
  return {
    'rush-ast': JSON.parse(JSON.stringify(document)),
    'rush-bytecode': bytecode,
    'rush-profile': profile,
    'rush-object': compileObject(bytecode, { target: hostTarget()?.name ?? 'arm64' }),
  }
}

async function profileOf(program: BytecodeProgram): Promise<ProfileDocument> {
  let profile: ProfileDocument | null = null
  const nowhere = { write: () => {}, flush: () => {} }
  const options = {
    ...defaultRunOptions(nowhere),
    errors: nowhere,
    maxHeap: 24 << 20,
    maxDepth: 2000,
    saveProfile: (made: ProfileDocument) => {
      profile = made
    },
  }
  await runBytecode({ program, mode: 'bytecode', options })
  if (profile === null) throw new Error('no profile was made')
  return profile
}

export const KINDS: readonly DocumentKind[] = ['rush-ast', 'rush-bytecode', 'rush-object', 'rush-profile']
