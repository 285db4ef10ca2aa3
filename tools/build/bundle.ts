/**
 * Makes one script of all tools, for `tools/shared/launch.ts`. Packages that few runs need, or that have
 * native code, stay outside.
 *
 * usage: node bundle.js DIST-FOLDER OUTPUT-FILE
 */
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

const TOOLS = ['rush-parse', 'rush-compile', 'rush-vm', 'rush-jit-asm', 'rush-run']
const OUTSIDE = ['koffi', 're2js', 'msgpackr']

const [folder, output] = process.argv.slice(2)
if (folder === undefined || output === undefined) {
  process.stderr.write('usage: bundle DIST-FOLDER OUTPUT-FILE\n')
  process.exit(2)
}
const dist = resolve(folder)

/** What is required at first use becomes a part of the bundle, too. */
const REQUIRE = /\bcreateRequire\(import\.meta\.url\)\(/g

/** Each module finds its files beside itself, as if it had not been bundled. */
const ownPlaces: Plugin = {
  name: 'own places',
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const place = relative(dist, path)
      if (place.startsWith('..')) return undefined
      const url = `new URL(${JSON.stringify(place)}, dist).href`
      const text = readFileSync(path, 'utf8').replaceAll(REQUIRE, 'require(')
      return { contents: text.replaceAll('import.meta.url', url), loader: 'js' }
    })
  },
}

/** What only hot programs need is evaluated when they do (see the module that this one stands for). */
const loadedLate: Plugin = {
  name: 'loaded late',
  setup(build) {
    build.onLoad({ filter: /\/load-machinery\.js$/ }, () => ({
      contents: "export const loadMachinery = () => require('./machinery.js').Machinery",
      loader: 'js',
    }))
  },
}

/** Commander would load it, and with it all of Node's networking, for a feature that no tool uses. */
const noChildProcess: Plugin = {
  name: 'no child processes',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) => {
      if (!importer.includes('/commander/')) throw new Error(`${importer}: child processes are not bundled`)
      return { path: 'child_process', namespace: 'empty' }
    })
    build.onLoad({ filter: /^/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
  },
}

const entries = TOOLS.map((tool) => {
  const name = JSON.stringify(tool)
  return `exports[${name}] = () => import(${JSON.stringify(`./${join('tools', 'commands', tool)}.js`)})`
})
await build({
  stdin: { contents: entries.join('\n'), resolveDir: dist },
  outfile: output,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  charset: 'ascii',
  minifyWhitespace: true,
  external: OUTSIDE,
  plugins: [loadedLate, ownPlaces, noChildProcess],
  banner: { js: '(function (require, dist) { const exports = {}, module = { exports };' },
  footer: { js: 'return module.exports })' },
  logLevel: 'warning',
})
