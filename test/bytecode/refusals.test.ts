/** Programs beyond the limits of bytecode are refused whichever tier is to run them. */
import t from 'tap'
import { analyseScopes, compile, MAX_ARGUMENTS, MAX_FRAME_SLOTS } from '../../lib/bytecode/index.js'
import { frameBound, refusals } from '../../lib/bytecode/refusals.js'
import { conformancePrograms, document, isBuiltin } from './tools.js'

function list(count: number, item: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join(', ')
}

function locals(count: number): string {
  return `f = fn() { ${list(count, (i) => `v${i} = ${i}`).replaceAll(',', ';')} }`
}

function messages(text: string): string[] {
  const tree = document(text)
  const refused = refusals(tree, analyseScopes(tree, isBuiltin))
  t.same(refused, compile(tree, isBuiltin).diagnostics, 'as the compiler says')
  return refused.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

t.test('what does not fit is refused with its place', async (t) => {
  const slots = (count: number): string =>
    `1:5 function needs ${count} slots for variables and intermediate values (limit ${MAX_FRAME_SLOTS})`
  const ones = (count: number): string => list(count, () => '1')
  const nested = `${`print(${ones(200)}, `.repeat(11)}1${')'.repeat(11)}`
  const rows: readonly (readonly [text: string, ...refusals: string[]])[] = [
    [locals(MAX_FRAME_SLOTS - 2)],
    [locals(MAX_FRAME_SLOTS - 1), slots(MAX_FRAME_SLOTS + 1)],
    [`f = fn(${list(MAX_FRAME_SLOTS, (i) => `p${i}`)}) { }`, slots(MAX_FRAME_SLOTS + 1)],
    [`f = fn() { ${nested} }`, slots(2212)],
    [`f = fn() { ${nested.replaceAll('print', 'f.new')} }`, slots(2234)],
    [`print(${ones(MAX_ARGUMENTS)})`],
    [`print(${ones(MAX_ARGUMENTS + 1)})`, '1:6 too many arguments: 256 (limit 255)'],
    [`x = [fn() {\n f.g(${ones(256)}) }]`, '2:5 too many arguments: 256 (limit 255)'],
    [`f.new(${ones(256)})`, '1:6 too many arguments: 256 (limit 255)'],
    [`class A { fn m() { super(${ones(256)}) } }`, '1:25 too many arguments: 256 (limit 255)'],
    [`x = [${ones(5000)}]; y = {${list(5000, (i) => `${i}: 1`)}}`],
  ]
  for (const [text, ...refusals] of rows) t.same(messages(text), refusals, `${text.slice(0, 60)}...`)
})

t.test('the bound that saves compiling is a bound', async (t) => {
  for (const { file, document } of conformancePrograms()) {
    const scopes = analyseScopes(document, isBuiltin)
    const { functions } = compile(document, isBuiltin).program
    const above = functions.filter(
      ({ locals, maxStack }, i) =>
        locals + maxStack > frameBound(scopes.functions[i] as (typeof scopes.functions)[number]),
    )
    t.same(above, [], file)
  }
})
