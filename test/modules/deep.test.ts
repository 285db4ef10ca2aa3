/** Modules that import each other in a long row. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadProgram } from '../../lib/modules/load.js'
import { runTool, withFolder } from '../tools/run-tool.js'

const COUNT = 2500

t.test('a row of modules may be of any length', async (t) => {
  withFolder((folder) => {
    for (let i = 0; i < COUNT; i++) {
      const text =
        i === COUNT - 1
          ? 'export v = 1'
          : `import { v as w } from "./m${i + 1}"; import { } from "./last"; export v = w + 1`
      writeFileSync(join(folder, `m${i}.rush`), text)
    }
    writeFileSync(join(folder, 'last.rush'), '')
    const text = 'import { v } from "./m0"; print(v)'
    const file = join(folder, 'main.rush')
    writeFileSync(file, text)
    const { document, diagnostics } = loadProgram(text, file)
    t.same([diagnostics, document.modules.length], [[], COUNT + 1])
    const files = document.modules.map((module) => ('source' in module ? module.source.file : module.error))
    t.match(files[1], /m1\.rush$/, 'depth first')
    t.match(files[COUNT], /last\.rush$/)
    for (const mode of ['-bytecode=false', '-bytecode']) {
      const { code, stdout, stderr } = runTool('rush-run', [mode, file])
      t.same([code, stdout, stderr], [0, `${COUNT}\n`, ''], mode)
    }
  })
})
