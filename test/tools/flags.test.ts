import t from 'tap'
import { defaultRunOptions, RUN_FLAGS } from '../../lib/run/options.js'
import { parseFlags, type ToolSpec, UsageError, usageText } from '../../tools/shared/flags.js'

const TOOL: ToolSpec = {
  name: 'rush-test',
  flags: [
    { name: 'jit', type: 'boolean', default: false, description: 'Use JIT compilation' },
    { name: 'log-level', type: 'string', default: 'none', description: 'VM logging level' },
    { name: 'format', type: 'string', default: 'json', choices: ['json', 'text'], description: 'Format' },
    {
      name: 'hot-threshold',
      type: 'integer',
      default: 100,
      value: 'N',
      minimum: 1,
      maximum: 1000,
      description: 'Calls',
    },
    { name: 'compile-timeout', type: 'number', default: 5, minimum: 0, description: 'Seconds' },
    { name: 'o', type: 'string', default: '', value: 'FILE', description: 'Write to FILE' },
    { name: 'only', type: 'list', default: [], value: 'NAME', description: 'Only these' },
  ],
  notes: ['', 'A note.'],
}
const DEFAULTS = {
  jit: false,
  logLevel: 'none',
  format: 'json',
  hotThreshold: 100,
  compileTimeout: 5,
  o: '',
  only: [],
}

t.test('spellings of flags', async (t) => {
  const cases: [string, object, string[]][] = [
    ['', {}, []],
    ['file', {}, ['file']],
    ['-jit file', { jit: true }, ['file']],
    ['--jit file', { jit: true }, ['file']],
    ['-jit false', { jit: true }, ['false']],
    ['-jit=false', { jit: false }, []],
    ['-jit -jit=0', { jit: false }, []],
    ['-log-level=debug', { logLevel: 'debug' }, []],
    ['-log-level debug x', { logLevel: 'debug' }, ['x']],
    ['--log-level debug', { logLevel: 'debug' }, []],
    ['--log-level=a=b', { logLevel: 'a=b' }, []],
    ['-log-level=', { logLevel: '' }, []],
    ['-log-level -jit', { logLevel: '-jit' }, []],
    ['-o - x', { o: '-' }, ['x']],
    ['-o=out', { o: 'out' }, []],
    ['--o out', { o: 'out' }, []],
    ['-hot-threshold 1 -compile-timeout=.5', { hotThreshold: 1, compileTimeout: 0.5 }, []],
    ['-only=a,b -jit --only c -only a x', { jit: true, only: ['a,b', 'c', 'a'] }, ['x']],
    ['-jit -- -jit x', { jit: true }, ['-jit', 'x']],
    ['- -jit', {}, ['-', '-jit']],
    ['file -nope --', {}, ['file', '-nope', '--']],
  ]
  for (const [line, options, operands] of cases) {
    const result = parseFlags(TOOL, line === '' ? [] : line.split(' '))
    t.same(result, { options: { ...DEFAULTS, ...options }, operands }, line)
  }
  t.same(parseFlags(TOOL, ['']).operands, [''])
})

t.test('words for true and false', async (t) => {
  for (const word of ['true', '1', 't', 'T', 'TRUE', 'True'])
    t.equal(parseFlags(TOOL, [`-jit=${word}`]).options.jit, true)
  for (const word of ['false', '0', 'f', 'F', 'FALSE', 'False']) {
    t.equal(parseFlags(TOOL, [`-jit=${word}`]).options.jit, false)
  }
})

t.test('mistakes', async (t) => {
  const cases: [string, string][] = [
    ['-nope', 'flag provided but not defined: -nope'],
    ['--nope=1', 'flag provided but not defined: -nope'],
    ['---jit', 'bad flag syntax: ---jit'],
    ['-=x', 'bad flag syntax: -=x'],
    ['--=x', 'bad flag syntax: --=x'],
    ['-log-level', 'flag needs an argument: -log-level'],
    ['-jit=maybe', 'invalid boolean value "maybe" for -jit: parse error'],
    ['-jit=', 'invalid boolean value "" for -jit: parse error'],
    ['-jit=constructor', 'invalid boolean value "constructor" for -jit: parse error'],
    ['-hot-threshold x', 'invalid value "x" for flag -hot-threshold: parse error'],
    ['-hot-threshold 1.5', 'invalid value "1.5" for flag -hot-threshold: parse error'],
    ['-hot-threshold=', 'invalid value "" for flag -hot-threshold: parse error'],
    ['-hot-threshold 0', 'invalid value "0" for flag -hot-threshold: must be at least 1'],
    [
      '-hot-threshold 99999999999999999999',
      'invalid value "99999999999999999999" for flag -hot-threshold: must be at most 1000',
    ],
    ['-compile-timeout -1', 'invalid value "-1" for flag -compile-timeout: must be at least 0'],
    ['-compile-timeout Infinity', 'invalid value "Infinity" for flag -compile-timeout: parse error'],
    ['-format xml', 'invalid value "xml" for flag -format: must be one of json, text'],
    ['-nope -jit=maybe', 'flag provided but not defined: -nope'],
    ['-jit=maybe -nope', 'invalid boolean value "maybe" for -jit: parse error'],
  ]
  for (const [line, message] of cases) {
    t.throws(() => parseFlags(TOOL, line.split(' ')), { name: 'UsageError', message, exitCode: 2 }, line)
  }
})

t.test('help comes where it stands on the line', async (t) => {
  for (const line of ['-h', '--help', '-help', '-jit -h -nope']) {
    t.throws(() => parseFlags(TOOL, line.split(' ')), new UsageError('', 0), line)
  }
  t.throws(() => parseFlags(TOOL, ['-nope', '-h']), { message: /^flag provided but not defined/ })
})

t.test('usage text', async (t) => {
  const lines = [
    'Usage of rush-test:',
    '  -compile-timeout number',
    '    \tSeconds (default 5)',
    '  -format string',
    '    \tFormat (default "json")',
    '  -hot-threshold N',
    '    \tCalls (default 100)',
    '  -jit',
    '    \tUse JIT compilation',
    '  -log-level string',
    '    \tVM logging level (default "none")',
    '  -o FILE',
    '    \tWrite to FILE',
    '  -only NAME',
    '    \tOnly these',
    '',
    'A note.',
    '',
  ]
  t.equal(usageText(TOOL), lines.join('\n'))
})

t.test('the flags of runs have their documented defaults', async (t) => {
  const sink = { write: () => {}, flush: () => {} }
  const { errors, ...options } = defaultRunOptions(sink)
  t.type(errors.write, 'function')
  t.same(options, {
    logLevel: 'none',
    hotThreshold: 100,
    osrThreshold: 500,
    compileTimeout: 5,
    maxCompiledFunctions: 1000,
    maxCacheEntries: 1000,
    maxCacheSize: 67108864,
    maxHeap: 1073741824,
    maxDepth: 100000,
    maxString: 2 ** 29,
    maxArray: 2 ** 26,
    maxJsonDepth: 1_000_000,
    maxSource: 4194304,
    timeout: 0,
    sandbox: false,
    allowRead: [],
    allowWrite: [],
    deoptStress: false,
    gcStress: false,
    jitRegisters: 0,
    noExecMemory: false,
    object: null,
    jitStats: '',
    jitTraceExits: false,
    jitOnly: [],
    jitDeny: [],
    jitDisablePass: [],
    perfMap: false,
    saveProfile: null,
    watchHeap: null,
    dump: [],
    dumpFunction: '',
    output: sink,
  })
  t.equal(new Set(RUN_FLAGS.map((flag) => flag.name)).size, RUN_FLAGS.length)
})

t.test('a flag whose name begins with "no-" is a flag like others', async (t) => {
  const tool: ToolSpec = { name: 'tool', flags: RUN_FLAGS, notes: [] }
  t.equal(parseFlags(tool, ['-no-exec-memory']).options.noExecMemory, true)
  t.equal(parseFlags(tool, ['--no-exec-memory=false', '-gc-stress']).options.noExecMemory, false)
})
