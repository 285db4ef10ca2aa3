/**
 * `make test`: runs every test file and the golden comparison, shows what failed, and ends with the
 * line `N passed, N failed`.
 *
 * Test files are run by Node itself, a few at a time: tap's own runner needs seconds to start.
 *
 * usage: node run-tests.js [--check] [--full[=WORD,...]] [WORD...]   with words: only files whose path contains one
 *   --check: `make check` too; --full: also what would take more than five minutes in all (of these files only)
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findArm64 } from './arm64.js'
import { readTap, type TapReport } from './tap-report.js'

/** Against files that hang; on a machine with much else to do the longest take several times their four minutes. */
const FILE_TIMEOUT_MS = 30 * 60 * 1000
/** One more than cores: some files wait for terminals and timers. */
const JOBS = Math.min(5, Math.max(2, availableParallelism()) + 1)

/**
 * What takes longest, longest first: they begin first, so that no processor is idle at the end while one of
 * them still runs. `make golden` stands among the files.
 */
const LONGEST: readonly string[] = [
  'test/conformance/jit-emulated.test.ts',
  'test/conformance/interpreter-and-vm.test.ts',
  'test/repl/terminal.test.ts',
  'test/soak/soak.test.ts',
  'test/fuzz/fuzz.test.ts',
  'golden',
  'test/conformance/jit-limits.test.ts',
  'test/conformance/jit-observed.test.ts',
  'test/native/native.test.ts',
  'test/conformance/jit-gc.test.ts',
  'test/conformance/jit-at-once.test.ts',
  'test/jit/listing.test.ts',
  'test/jit/machine.test.ts',
  'test/conformance/jit-used.test.ts',
  'test/repl/sessions.test.ts',
]

interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  seconds: number
}

function run(command: string, parameters: readonly string[], env = process.env): Promise<Finished> {
  return new Promise((resolve) => {
    const start = performance.now()
    const child: ChildProcess = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], env })
    const timer = setTimeout(() => child.kill('SIGKILL'), FILE_TIMEOUT_MS)
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', (error) => (stderr += `${error.message}\n`))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout, stderr, seconds: (performance.now() - start) / 1000 })
    })
  })
}

/** The source files of tests; compiled leftovers of deleted ones are not run. */
function testFiles(words: readonly string[]): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .sort()
}

const parameters = process.argv.slice(2)
/** What must stand in the names of files that are run with all that they have: '' stands in each. */
const full = parameters
  .find((word) => /^--full(=|$)/.test(word))
  ?.slice('--full='.length)
  .split(',')

const total: TapReport = { passed: 0, failed: 0, skipped: [], failures: [] }

function record(name: string, report: TapReport, result: Finished): void {
  // A file that dies, or that tests nothing, must not pass for one without failures.
  if (report.failed === 0 && (result.code !== 0 || report.passed + report.skipped.length === 0)) {
    report.failed = 1
    const end = result.signal ?? `exit code ${result.code}`
    report.failures.push(`${end}, ${report.passed} assertions passed\n${lastLines(result.stdout, 20)}`)
  }
  total.passed += report.passed
  total.failed += report.failed
  for (const reason of report.skipped) total.skipped.push(`${name}: ${reason}`)
  const mark = report.failed > 0 ? 'FAIL' : 'pass'
  const counts = `${report.passed} passed${report.failed > 0 ? `, ${report.failed} failed` : ''}`
  console.log(`${mark} ${name} (${counts}, ${result.seconds.toFixed(1)} s)`)
  if (report.failed === 0) return
  for (const failure of report.failures) console.log(failure.replace(/^/gm, '    '))
  if (result.stderr.trim() !== '') console.log(lastLines(result.stderr, 30).replace(/^/gm, '    stderr: '))
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

async function runFile(file: string): Promise<void> {
  const compiled = join('dist', file.replace(/\.ts$/, '.js'))
  const isFull = full?.some((word) => file.includes(word)) ?? false
  const env = isFull ? { ...process.env, RUSH_TESTS: 'full' } : process.env
  const result = await run(process.execPath, [compiled], env)
  record(file, readTap(result.stdout), result)
}

async function runMake(target: string): Promise<void> {
  const result = await run('make', ['--no-print-directory', '-s', 'TAP=1', target])
  const report = readTap(result.stdout)
  // A target that compares nothing (no programs yet, `check`) counts as one test.
  if (report.passed + report.failed === 0 && result.code === 0) report.passed = 1
  if (result.code !== 0) report.failures = [result.stdout.replace(/^ok .*\n/gm, '').trimEnd()]
  record(`make ${target}`, report, result)
}

const words = parameters.filter((word) => !word.startsWith('--'))
const golden = words.length === 0 && existsSync('Makefile') ? ['golden'] : []
const place = (name: string): number => (LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length)
const queue = [...testFiles(words), ...golden].sort((a, b) => place(a) - place(b))
if (parameters.includes('--check')) await runMake('check')
await Promise.all(
  Array.from({ length: JOBS }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      await (name === 'golden' ? runMake(name) : runFile(name))
    }
  }),
)

const arm64 = findArm64()
if (arm64.command === null) total.skipped.push(`everything that runs ARM64 code: ${arm64.reason}`)
for (const reason of new Set(total.skipped)) console.log(`SKIPPED ${reason}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
