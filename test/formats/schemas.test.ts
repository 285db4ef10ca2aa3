import { readFileSync } from 'node:fs'
import t from 'tap'
import { OPCODES } from '../../lib/bytecode/opcodes.js'
import { BYTECODE_VERSION } from '../../lib/bytecode/program.js'
import { type DocumentKind, VERSIONS } from '../../lib/formats/envelope.js'
import { MAX_AST_HEIGHT, readDocument } from '../../lib/formats/read.js'
import { OBJECT_VERSION } from '../../lib/jit/object.js'
import { PROFILE_VERSION } from '../../lib/jit/profile.js'
import { CHILD_KEYS, MAX_TREE_HEIGHT } from '../../lib/syntax/index.js'
import { opcodeTable, renewTable } from '../../tools/build/opcode-table.js'

const schemas = new URL('../../../schemas/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, schemas), 'utf8')

interface Schema {
  properties: Record<string, { const?: unknown }>
  required: string[]
  additionalProperties?: boolean
  $defs: Record<string, Schema>
}
const schemaOf = (name: string): Schema => JSON.parse(read(`${name}.schema.json`)) as Schema

t.test('the AST schema has exactly the node types and children of the parser', async (t) => {
  const { $defs } = schemaOf('ast')
  const nodes = Object.entries($defs).filter(([, schema]) => schema.properties?.type)
  t.same(nodes.map(([name]) => name).sort(), Object.keys(CHILD_KEYS).sort())
  for (const [name, schema] of nodes) {
    t.equal(schema.properties.type?.const, name)
    for (const key of CHILD_KEYS[name as keyof typeof CHILD_KEYS])
      t.ok(schema.properties[key], `${name}.${key}`)
  }
})

/** Fields that need not be there. */
const OPTIONAL: Readonly<Record<string, string>> = { 'ast IntegerLiteral': 'raw', 'ast FloatLiteral': 'raw' }

t.test('all objects are closed, and all fields required but for a few', async (t) => {
  for (const name of ['ast', 'bytecode', 'profile', 'object']) {
    const schema = schemaOf(name)
    for (const [part, { properties, required, additionalProperties }] of [
      ['document', schema] as const,
      ...Object.entries(schema.$defs),
    ]) {
      if (!properties) continue
      t.equal(additionalProperties, false, `${name} ${part}`)
      if (name === 'profile' && part === 'Site') continue
      const fields = Object.keys(properties).filter((field) => field !== OPTIONAL[`${name} ${part}`])
      t.same(required, fields, `${name} ${part}`)
    }
  }
})

t.test('versions agree', async (t) => {
  t.equal(VERSIONS['rush-bytecode'], BYTECODE_VERSION)
  t.equal(VERSIONS['rush-profile'], PROFILE_VERSION)
  t.equal(VERSIONS['rush-object'], OBJECT_VERSION)
  for (const [kind, version] of Object.entries(VERSIONS)) {
    const { properties } = schemaOf(kind.slice('rush-'.length))
    t.equal(properties.version?.const, version)
    t.equal(properties.format?.const, kind)
  }
  t.equal(MAX_AST_HEIGHT, MAX_TREE_HEIGHT)
})

t.test('the examples in the README are valid documents', async (t) => {
  const examples = [...read('README.md').matchAll(/<!-- example: ([a-z-]+) -->\n```json\n([\s\S]*?)```/g)]
  t.same(examples.map((match) => match[1]).sort(), Object.keys(VERSIONS).sort())
  for (const [, kind, text] of examples) {
    t.equal(readDocument(Buffer.from(text as string), kind as DocumentKind, 'README.md').format, kind)
  }
})

t.test('the README has the present table of instructions (else: make docs)', async (t) => {
  const readme = read('README.md')
  t.equal(renewTable(readme), readme)
  t.equal(opcodeTable().split('\n').length, OPCODES.length + 2)
  t.throws(() => renewTable('no markers'), /markers/)
})
