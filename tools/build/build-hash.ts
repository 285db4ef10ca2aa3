/**
 * The hash of everything that decides what a program is compiled to, by which the cache notices that Rush
 * has changed. All of lib/ rather than the parts that matter: nobody has to remember to raise a version.
 *
 * usage: node build-hash.js PACKAGE-FILE COMPILED-LIB-FOLDER OUTPUT-FILE
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [packageFile, folder, output] = process.argv.slice(2)
if (packageFile === undefined || folder === undefined || output === undefined) {
  process.stderr.write('usage: build-hash PACKAGE-FILE COMPILED-LIB-FOLDER OUTPUT-FILE\n')
  process.exit(2)
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(js|cjs|rush)$/.test(name))
  .sort()
const parts = files.map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`)
writeFileSync(output, sha256([version, ...parts].join('\n')))
