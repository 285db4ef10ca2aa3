/**
 * Makes the golden files of what programs print: each runs in the interpreter, with the options of a command
 * without flags, all in this process, since starting Node takes longer than most of the programs.
 *
 * usage: node golden-output.js FOLDER FILE...
 *   writes FOLDER/NAME.txt for each FILE: its output, then, if it fails, what it says about that
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { runSource } from '../../lib/run/index.js'
import { defaultRunOptions } from '../../lib/run/options.js'
import { collector } from './collector.js'

const [folder, ...files] = process.argv.slice(2) as [string]

mkdirSync(folder, { recursive: true })
for (const file of files as string[]) {
  const stdout = collector()
  const stderr = collector()
  const options = {
    ...defaultRunOptions({ write: stdout.write, flush: () => {} }),
    errors: { write: stderr.write },
  }
  const text = readFileSync(file, 'utf8')
  const code = await runSource({ text, file, mode: 'interpreter', options })
  const failure = code === 0 ? '' : `--- standard error\n${stderr.text()}--- exit code ${code}\n`
  writeFileSync(join(folder, `${basename(file, extname(file))}.txt`), stdout.text() + failure)
}
