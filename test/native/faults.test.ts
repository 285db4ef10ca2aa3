/** Where native code cannot run, or memory is refused: the VM runs the program and says why, once. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { hostTarget } from '../../lib/jit/target.js'
import type { JitReport } from '../../lib/jit/tier/report.js'
import { NativeUnavailable, nativeSystem, Protection } from '../../lib/native/system.js'
import { runSource } from '../../lib/run/index.js'
import { defaultRunOptions } from '../../lib/run/options.js'
import { findArm64 } from '../support/arm64.js'
import { toolPath, withFolder } from '../tools/run-tool.js'

t.setTimeout(240_000)

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

function node(words: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, words, options)
  return { code: status, stdout, stderr }
}

const HOT = 'f = fn(x) { x * 2 }\ns = 0\nfor (i = 0; i < 2000; i = i + 1) { s = s + f(i) }\nprint(s)\n'
const HOT_OUTPUT = '3998000\n'

function inTheVm(t: Test, ended: Ended, reason: RegExp, name: string): void {
  t.equal(ended.code, 0, name)
  t.equal(ended.stdout, HOT_OUTPUT, name)
  t.match(ended.stderr, new RegExp(`^rush: ${reason.source}; running in the bytecode VM\\n$`), name)
}

// --- koffi ---

const PACKAGE = `@koromix/koffi-${process.platform}-${process.arch}`

/** A build beside packages of its own: all that there are but koffi. */
function buildWithoutKoffi(folder: string): string {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@koromix'), { recursive: true })
  for (const name of ['commander', 'msgpackr', 're2js', 'ajv'])
    symlinkSync(resolve('node_modules', name), join(modules, name))
  cpSync(dirname(dirname(toolPath('rush-run'))), join(folder, 'dist'), {
    recursive: true,
    filter: (file) => !/\/dist\/(test|golden)$/.test(file),
  })
  cpSync('package.json', join(folder, 'package.json'))
  return join(folder, 'dist', 'tools', 'rush-run.js')
}

t.test('koffi is missing, damaged, or made for something else', async (t) => {
  // Not below the packages of this project.
  withFolder((folder) => tryKoffi(t, folder))
})

function tryKoffi(t: Test, folder: string): void {
  writeFileSync(join(folder, 'p.rush'), HOT)
  const tool = buildWithoutKoffi(folder)
  const file = join(folder, 'p.rush')
  const failed = /the library koffi cannot be loaded \([^\n]+\)/
  inTheVm(t, node([tool, '-jit', file]), failed, 'missing')
  t.same(node([tool, file]), { code: 0, stdout: HOT_OUTPUT, stderr: '' }, 'nobody else needs it')

  const home = join(folder, 'node_modules', PACKAGE)
  const contents: Readonly<Record<string, string>> = {
    'no library': 'module.exports = require("./koffi.node")\n',
    'an exception': 'throw new Error("not today\\nat all")\n',
    'no functions': 'module.exports = {}\n',
  }
  for (const [name, text] of Object.entries(contents)) {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    writeFileSync(join(home, 'index.js'), text)
    writeFileSync(join(home, 'koffi.node'), '\u007fELF')
    const reason = name === 'no functions' ? /the C library cannot be used \([^\n]+\)/ : failed
    inTheVm(t, node([tool, '-jit', file]), reason, name)
  }
  const other = findArm64().command === null ? null : resolve('.arm64/node_modules')
  if (other === null || process.arch === 'arm64') return
  rmSync(home, { recursive: true, force: true })
  cpSync(join(other, '@koromix/koffi-linux-arm64'), home, { recursive: true })
  inTheVm(t, node([tool, '-jit', file]), failed, 'another CPU')
}

// --- CPU and system ---

t.test('a CPU and a system that native code does not know', async (t) => {
  const folder = t.testdir({
    'p.rush': HOT,
    'pretend.cjs': `for (const name of ['arch', 'platform'])
  Object.defineProperty(process, name, { value: process.env['PRETEND_' + name] ?? process[name] })\n`,
  })
  const words = ['-r', join(folder, 'pretend.cjs'), toolPath('rush-run'), '-jit', join(folder, 'p.rush')]
  for (const arch of ['riscv64', 'ia32', 'arm'])
    inTheVm(
      t,
      node(words, { PRETEND_arch: arch }),
      new RegExp(`native code needs an ARM64 or x86-64 CPU, and this is ${arch}`),
      arch,
    )
  for (const platform of ['win32', 'freebsd'])
    inTheVm(
      t,
      node(words, { PRETEND_platform: platform }),
      new RegExp(`native code is not supported on ${platform}`),
      platform,
    )
  // Its koffi is not here.
  const darwin = node(words, { PRETEND_platform: 'darwin' })
  inTheVm(t, darwin, /the library koffi cannot be loaded \([^\n]+\)/, 'darwin')
})

// --- memory ---

function limited(kib: number, file: string, ...flags: string[]): Ended {
  const script = `ulimit -v ${kib}; exec "$@"`
  const words = ['-c', script, 'bash', process.execPath, toolPath('rush-run'), ...flags, file]
  const { status, stdout, stderr } = spawnSync('bash', words, { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

// Sizes between what Node needs for itself and what the default heap takes besides.
t.test('address space is refused', { skip: process.platform !== 'linux' }, async (t) => {
  const file = join(t.testdir({ 'p.rush': HOT }), 'p.rush')
  const alone = 1_700_000
  const refused = /the system refuses \d+ MiB of memory; -max-heap asks for less\n$/
  const plain = limited(alone, file)
  t.match(plain, { code: 1, stdout: '', stderr: new RegExp(`^${refused.source}`) })
  t.same(limited(alone, file, '-max-heap=16777216'), { code: 0, stdout: HOT_OUTPUT, stderr: '' })
  t.same(limited(alone, file, '-bytecode', '-max-heap=16777216'), { code: 0, stdout: HOT_OUTPUT, stderr: '' })
  const both = limited(alone, file, '-jit')
  const said = /rush: no free address space for the heap; running in the bytecode VM\n/
  t.match(both, { code: 1, stdout: '', stderr: new RegExp(`^${said.source}${refused.source}`) })
})

/** A run with native code in this process, while `refuse` decides what rights memory may have. */
async function runRefusing(refuse: (protection: number) => boolean): Promise<{
  code: number
  stdout: string
  stderr: string
}> {
  const system = nativeSystem()
  const { protect } = system
  let stdout = ''
  let stderr = ''
  system.protect = (address, bytes, protection) => {
    if (refuse(protection)) throw new NativeUnavailable('refused')
    protect(address, bytes, protection)
  }
  try {
    const output = {
      write(text: string): void {
        stdout += text
      },
      flush(): void {},
    }
    const errors = {
      write(text: string): void {
        stderr += text
      },
    }
    const options = { ...defaultRunOptions(output), errors, maxHeap: 8 << 20, jitStats: 'json' as const }
    const code = await runSource({ text: HOT, file: 'p.rush', mode: 'jit', options })
    return { code, stdout, stderr }
  } finally {
    system.protect = protect
  }
}

const native = hostTarget() === null ? { skip: 'no native code here' } : {}

t.test('memory may be had, but not the right to execute it', native, async (t) => {
  for (const [name, refuse] of Object.entries({
    'to execute': (protection: number) => (protection & Protection.EXECUTE) !== 0,
    'to write': (protection: number) => (protection & Protection.WRITE) !== 0,
    'guard page': (protection: number) => protection === Protection.NONE,
  })) {
    const { code, stdout, stderr } = await runRefusing(refuse)
    t.same([code, stdout], [0, HOT_OUTPUT], name)
    t.match(stderr, /^rush: refused; running in the bytecode VM\n\{.*\}\n$/, name)
  }
})

t.test('memory is refused later, when a function is compiled', native, async (t) => {
  for (const [name, given] of Object.entries({
    'but for the heap': 1,
    'but for the heap and the stubs': 2,
  })) {
    let writable = 0
    const { code, stdout, stderr } = await runRefusing(
      (protection) => (protection & Protection.WRITE) !== 0 && ++writable > given,
    )
    t.same([code, stdout], [0, HOT_OUTPUT], name)
    const { refusals, compilations } = JSON.parse(stderr) as JitReport
    t.ok(compilations.refused > 0 && compilations.succeeded === 0, name)
    t.same([...new Set(refusals.map(({ reason }) => reason))], ['memory'], name)
  }
})

t.test('code that must be taken out of use cannot be used again', native, async (t) => {
  let executable = 0
  await t.rejects(
    runRefusing((protection) => (protection & Protection.EXECUTE) !== 0 && ++executable > 2),
    { name: 'CodeLost' },
  )
})
