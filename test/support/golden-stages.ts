/**
 * Makes what golden files are compared with: runs a tool on each program, all in this process, since starting
 * Node hundreds of times takes longer than everything the tools do.
 *
 * usage: node golden-stages.js TOOL FLAGS FOLDER EXTENSION FILE...
 *   writes FOLDER/NAME.EXTENSION for each FILE; what a tool that fails says goes to standard error, and the
 *   output is missing
 */
import { mkdirSync, rmSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import type { Command } from '../../tools/shared/main.js'

const [tool, flags, folder, extension, ...files] = process.argv.slice(2) as [string, string, string, string]
const { main } = (await import(`../../tools/commands/${tool}.js`)) as { main: Command }

mkdirSync(folder, { recursive: true })
for (const file of files as string[]) {
  const output = join(folder, `${basename(file, extname(file))}.${extension}`)
  rmSync(output, { force: true })
  const code = await main([...flags.split(' ').filter((flag) => flag !== ''), '-o', output, file])
  if (code !== 0) console.error(`${tool} ${flags} ${file}: exit code ${code}`)
}
