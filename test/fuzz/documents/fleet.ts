/** A worker process that is fed with numbers of documents, and replaced when one of these kills it or takes too long. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import type { DocumentKind } from '../../../lib/formats/envelope.js'
import type { SeedProgram } from './seeds.js'
import type { Report, Settings } from './worker.js'

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url))
/** In milliseconds, for one document. */
const PATIENCE = 20_000
/** Documents for one worker process: what they leave behind must not add up. */
const BATCH = 4000
/** Bounds the worker: whoever needs more memory for a small document dies of it, and is noticed. */
const LIMITS = ['--max-old-space-size=700']

export interface Finding {
  readonly number: number
  readonly what: string
  readonly problems: readonly string[]
}

export interface Result {
  readonly documents: number
  readonly verdicts: Map<string, number>
  readonly findings: Finding[]
  /** Largest size of a worker. */
  megabytes: number
}

export interface Plan {
  readonly seeds: readonly SeedProgram[]
  readonly first: number
  readonly count: number
  readonly only: DocumentKind | null
  /** See `Settings`. */
  readonly share: number
}

/** @param isOver asked before each batch */
export async function tryDocuments(
  plan: Plan,
  onFinding: (finding: Finding) => void = () => {},
  isOver: () => boolean = () => false,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'rush-seeds-'))
  const seeds = join(folder, 'seeds')
  writeFileSync(seeds, serialize(plan.seeds))
  try {
    return await tryAll(plan, { seeds, share: plan.share }, onFinding, isOver)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tryAll(
  { first, count, only }: Plan,
  settings: Settings,
  onFinding: (finding: Finding) => void,
  isOver: () => boolean,
): Promise<Result> {
  const verdicts = new Map<string, number>()
  const findings: Finding[] = []
  const found = (finding: Finding): void => {
    findings.push(finding)
    onFinding(finding)
  }
  let megabytes = 0
  let number = first
  while (number < first + count && !isOver()) {
    const end = Math.min(first + count, number + BATCH)
    const death = await runBatch({ first: number, end, only }, settings, (report) => {
      if ('problems' in report) found(report)
      if (!('done' in report)) return
      megabytes = Math.max(megabytes, report.megabytes)
      for (const [key, times] of Object.entries(report.verdicts))
        verdicts.set(key, (verdicts.get(key) ?? 0) + times)
    })
    if (death === null) number = end
    else {
      found({ number: death.number, what: 'the process ended', problems: [death.reason] })
      number = death.number + 1
    }
  }
  return { documents: number - first, verdicts, findings, megabytes }
}

interface Death {
  readonly number: number
  readonly reason: string
}

/** Null if all documents were tried, else which one ended the process, and how. */
function runBatch(
  task: { first: number; end: number; only: DocumentKind | null },
  settings: Settings,
  take: (report: Report) => void,
): Promise<Death | null> {
  const cwd = join(dirname(settings.seeds), 'work')
  rmSync(cwd, { recursive: true, force: true })
  mkdirSync(cwd)
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(process.execPath, [...LIMITS, WORKER, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd,
      env: { ...process.env, RUSH_VERIFY: '1' },
    })
    let number = task.first
    let done = false
    let stderr = ''
    let late = false
    let timer = setTimeout(() => {}, 0)
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        late = true
        child.kill('SIGKILL')
      }, PATIENCE)
    }
    wait()
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = `${stderr}${text}`.slice(-1500)
    })
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const report = JSON.parse(line) as Report
      if ('next' in report) number = report.next
      if ('done' in report) done = true
      take(report)
      wait()
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (done) return resolve(null)
      const reason = late
        ? `took longer than ${PATIENCE / 1000} s`
        : `${signal ?? `exit code ${code}`}\n${stderr}`
      resolve({ number, reason })
    })
    child.stdin?.end(`${JSON.stringify(task)}\n`)
  })
}
