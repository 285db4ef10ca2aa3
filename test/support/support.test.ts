import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { findArm64 } from './arm64.js'
import { checkLayers } from './check-layers.js'
import { readTap } from './tap-report.js'

/** Writes files below a new folder that is removed at the end. */
function folderWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'rush-test-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

t.test('TAP: only innermost results count, and failures of the subtest itself', async (t) => {
  const text = `TAP version 14
# Subtest: outer
    ok 1 - a
    # Subtest: inner
        ok 1 - b
        not ok 2 - c
          ---
          diff: 1
          ...
        1..2
    not ok 2 - inner
    ok 3 - d # SKIP no such machine
    1..3
not ok 1 - outer
# Subtest: late
    ok 1 - e
    1..1
not ok 2 - late # time=30000ms
ok 3 - alone
1..3
`
  const report = readTap(text)
  t.equal(report.passed, 4)
  t.equal(report.failed, 2)
  t.same(report.skipped, ['no such machine'])
  t.same(report.failures, [
    '        not ok 2 - c\n          ---\n          diff: 1',
    'not ok 2 - late # time=30000ms',
  ])
})

t.test('layers: imports upwards, sideways and of the system are found', async (t) => {
  const root = folderWith({
    'lib/syntax/a.ts': "import { x } from '../vm/x.js'\nimport { y } from './y.js'\n",
    'lib/vm/b.ts': "import {\n  parse,\n} from '../syntax/index.js'\nimport koffi from 'koffi'\n",
    'lib/formats/c.ts':
      "import type { P } from '../jit/profile.js'\nimport { q } from '../jit/object.js'\nimport m from 'msgpackr'\n",
    'lib/native/d.ts': "import koffi from 'koffi'\n",
    'lib/jit/ir/e.ts': "const n = await import('../../native/d.js')\n",
    'lib/heap/f.ts': "import { z } from '../../tools/z.js'\n",
    'lib/odd/g.ts': '',
    'lib/runtime/h.ts':
      "import * as fs from 'node:fs'\nimport 'fs/promises'\nimport { isUtf8 } from 'node:buffer'\n",
    'lib/runtime/i.ts': 'export const here = process.cwd() + process.hrtime()',
    'lib/files/j.ts': "import * as fs from 'node:fs'\nexport const here = process.cwd()",
    'tools/t.ts': "import koffi from 'koffi'\n",
    'test/u.ts': '',
  })
  t.same(checkLayers(root), [
    'lib/formats/c.ts: lib/formats may not import lib/jit (../jit/object.js)',
    'lib/heap/f.ts: imports ../../tools/z.js, outside lib/',
    'lib/jit/ir/e.ts: lib/jit/ir may not import lib/native (../../native/d.js)',
    'lib/odd/g.ts: folder odd has no place among the layers (test/support/check-layers.ts)',
    'lib/runtime/h.ts: lib/runtime may not import node:fs (go through lib/files)',
    'lib/runtime/h.ts: lib/runtime may not import fs/promises (go through lib/files)',
    'lib/runtime/i.ts: lib/runtime may not use process.cwd (go through lib/files)',
    'lib/syntax/a.ts: lib/syntax may not import lib/vm (../vm/x.js)',
    'lib/vm/b.ts: only lib/native may import koffi',
    'tools/t.ts: only lib/native may import koffi',
  ])
})

t.test('arm64: a command, or the reason why there is none', async (t) => {
  const { command, reason } = findArm64(folderWith({}))
  if (process.arch === 'arm64') t.same(command, [process.execPath])
  else {
    t.equal(command, null)
    t.match(reason, /apt-get install|make arm64/)
  }
})
