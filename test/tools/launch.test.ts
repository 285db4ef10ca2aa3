/** The tools as they are started: the bundle, and V8's code caches for it. */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import t from 'tap'
import { codeCacheFile } from '../../tools/launch.js'
import { toolPath } from './run-tool.js'

const PROGRAM = 'examples/factorial.rush'
const OUTPUT = readFileSync('test/golden/output/factorial.txt', 'utf8')

const caches = dirname(codeCacheFile('rush-run'))
const files = readdirSync(caches).map((name) => join(caches, name))

t.test('there is a code cache for each tool and tier, and V8 takes it', async (t) => {
  const bundle = join(dirname(caches), 'rush.cjs')
  const source = readFileSync(bundle, 'latin1')
  const kinds = files.map((file) => basename(file, '.code')).sort()
  t.strictSame(kinds, [
    'rush-compile',
    'rush-jit-asm',
    'rush-parse',
    'rush-run',
    'rush-run-bytecode',
    'rush-run-jit',
    'rush-vm',
    'rush-vm-jit',
  ])
  for (const file of files) {
    const script = new Script(source, { filename: bundle, cachedData: readFileSync(file) })
    t.equal(script.cachedDataRejected, false, file)
  }
})

/** A build in a folder of its own, with nothing that a run in the interpreter or the VM does not need. */
function copyBuild(folder: string): string {
  const tools = dirname(toolPath('rush-run'))
  for (const name of ['rush-run.js', 'launch.js', 'package.json']) {
    cpSync(join(tools, name), join(folder, 'tools', name))
  }
  cpSync(dirname(caches), join(folder, 'bundle'), { recursive: true })
  return join(folder, 'tools', 'rush-run.js')
}

t.test('a cache that does not fit has no effect and stays as it is', async (t) => {
  const tool = copyBuild(t.testdir())
  const folder = join(dirname(dirname(tool)), 'bundle', basename(caches))
  const run = (nodeFlags: readonly string[], ...flags: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...nodeFlags, tool, ...flags, PROGRAM], {
      encoding: 'utf8',
    })
    return { stdout, stderr, status }
  }
  const well = { stdout: OUTPUT, stderr: '', status: 0 }
  const good = readFileSync(join(folder, 'rush-run.code'))
  const other = Buffer.from(good)
  // Bytes 4 to 7 are the hash of V8's version.
  other[4] = (other[4] as number) ^ 1
  t.strictSame(run([]), well)
  for (const bytes of [Buffer.alloc(0), Buffer.from('no code'), good.subarray(0, good.length / 2), other]) {
    for (const kind of ['rush-run', 'rush-run-bytecode']) writeFileSync(join(folder, `${kind}.code`), bytes)
    t.strictSame(run([]), well)
    t.strictSame(run([], '-bytecode'), well)
    t.ok(readFileSync(join(folder, 'rush-run.code')).equals(bytes), 'not written')
  }
  // V8 itself refuses a cache that was made with other flags.
  writeFileSync(join(folder, 'rush-run.code'), good)
  t.strictSame(run(['--no-opt']), well)
  rmSync(folder, { recursive: true })
  t.strictSame(run([]), well)
  t.strictSame(run([], '--bytecode'), well)
  t.throws(() => statSync(folder), { code: 'ENOENT' })
})
