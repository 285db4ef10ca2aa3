/**
 * Makes a validator from every schema: plain JavaScript functions, written by ajv while Rush is
 * built, so that no tool loads ajv or compiles a schema when it starts.
 *
 * usage: node generate-validators.js SCHEMA-FOLDER OUTPUT-FOLDER
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnySchemaObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'

const SUFFIX = '.schema.json'

const [schemaFolder, outputFolder] = process.argv.slice(2)
if (schemaFolder === undefined || outputFolder === undefined) {
  process.stderr.write('usage: generate-validators SCHEMA-FOLDER OUTPUT-FOLDER\n')
  process.exit(2)
}

const names = readdirSync(schemaFolder)
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => name.slice(0, -SUFFIX.length))
  .sort()
const schemas = names.map(
  (name) => JSON.parse(readFileSync(join(schemaFolder, name + SUFFIX), 'utf8')) as AnySchemaObject,
)
const ajv = new Ajv2020({
  schemas,
  strict: true,
  // A union requires its `type` without repeating what its branches say of it.
  strictRequired: false,
  allowUnionTypes: true,
  discriminator: true,
  unicodeRegExp: true,
  code: { source: true, optimize: true, lines: true },
})

mkdirSync(outputFolder, { recursive: true })
for (const [index, name] of names.entries()) {
  const validate = ajv.getSchema(schemas[index]?.$id as string)
  if (!validate) throw new Error(`no schema ${name}`)
  const code = standalone.default(ajv, validate)
  // What a validator needs from ajv at run time would have to be loaded with it.
  const needed = /require\([^)]*\)/.exec(code)
  if (needed) throw new Error(`${name}${SUFFIX}: a keyword needs ${needed[0]} at run time; say it otherwise`)
  writeFileSync(join(outputFolder, `${name}.cjs`), code)
}
