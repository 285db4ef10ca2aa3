import { isUtf8 } from 'node:buffer'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bytesOfText, textOfBytes } from '../../lib/runtime/builtins/files-system.js'
import { runProgram } from '../interpreter/run-program.js'
import { mismatches } from './expressions.js'

const LINUX = process.platform === 'linux'

/** Relative names count from the working directory: each test has its own. */
t.beforeEach(() => process.chdir(mkdtempSync(join(tmpdir(), 'rush-files-'))))
t.afterEach(() => {
  const folder = process.cwd()
  process.chdir(tmpdir())
  rmSync(folder, { recursive: true })
})

t.test('file: states and modes', async (t) => {
  writeFileSync('old', 'héllo')
  const wrong = mismatches(
    [
      ['[f, type(f), f.path, f.is_open]', '[#<File:new (closed)>, FILE, new, false]'],
      ['f.open()', '! failed to open file new: open new: no such file or directory'],
      ['f.open("rw")', '! invalid file mode: rw'],
      ['f.open(1)', '! file mode argument must be STRING'],
      ['f.open("r", 1)', '! wrong number of arguments for file.open: want=0 or 1, got=2'],
      ['f.read()', '! file is not open: new'],
      ['f.write(1)', '! file content argument must be STRING'],
      ['f.write("a")', '! file is not open: new'],
      ['f.close()', '! file is not open: new'],
      ['f.size()', '! file does not exist: new'],
      ['f.open("w") == f', 'true'],
      ['f', '#<File:new (open)>'],
      ['f.open(1)', '! file is already open: new'],
      ['[f.write("aé😀"), f.size(), f.read()]', '[7, 7, ]'],
      ['[f.close().is_open, f.open("a+").read(), f.write("z"), f.read()]', '[false, aé😀, 1, ]'],
      ['f.close().open("r+").write("AB")', '2'],
      ['f.read().length', '3'],
      ['f.close().open("r").write("x")', '! failed to write to file new: write new: bad file descriptor'],
      ['f.write("")', '! failed to write to file new: write new: bad file descriptor'],
      ['f.close().open("a").write("")', '0'],
      ['f.close().open("a").read()', '! failed to read file new: read new: bad file descriptor'],
      ['[f.delete(), f.exists?(), f.is_open]', '[true, false, false]'],
      ['file("old").open().read().length', '5'],
      ['file("old/x").exists?()', 'false'],
      ['file("").exists?()', 'false'],
      ['file("x" + chr(0)).open("w").path.length', '! failed to open file x\0: open x\0: invalid argument'],
      ['file("a..b")', '! invalid file path: path traversal not allowed'],
      ['file(1)', '! argument to `file` must be STRING, got INTEGER'],
      ['f.open', '#<FileMethod:open on #<File:new (closed)>>'],
      ['f.nothing', '! unknown property nothing for file'],
      ['f.path()', '! not a function: STRING'],
    ],
    'f = file("new")',
  )
  t.same(wrong, [])
})

t.test('folders as files', async (t) => {
  mkdirSync('d')
  const wrong = mismatches([
    ['file("d").exists?()', 'true'],
    ['file("d").open("w")', '! failed to open file d: open d: is a directory'],
    ['file("d").open().read()', '! failed to read file d: read d: is a directory'],
    ['file("d").delete()', 'true'],
    ['file("d").delete()', '! failed to delete file d: remove d: no such file or directory'],
    ['file("d/e").open("w")', '! failed to open file d/e: open d/e: no such file or directory'],
  ])
  t.same(wrong, [])
})

t.test('every file can be copied through a string', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff))
  t.same(bytesOfText(textOfBytes(bytes)), bytes)
  const text = Buffer.from('plain, ünïcödé, 日本, 😀')
  t.equal(textOfBytes(text), text.toString())
  // A sequence cut off in the middle, and one that is longer than allowed.
  for (const hex of ['61e282', 'c080', 'f09f98', 'eda080', 'ff61', '80f09f9880']) {
    const piece = Buffer.from(hex, 'hex')
    t.same(bytesOfText(textOfBytes(piece)), piece, hex)
  }
  for (let first = 0x7f; first < 0x100; first++) {
    for (const rest of [
      [],
      [0x80],
      [0x8f, 0x80],
      [0x90, 0xbf, 0x80],
      [0xa0, 0x80],
      [0xbf, 0xbf, 0xbf],
      [0x41],
    ]) {
      const sequence = Buffer.from([first, ...rest])
      const decoded = textOfBytes(Buffer.concat([Buffer.from([0xff]), sequence])).slice(1)
      t.same(bytesOfText(decoded), sequence)
      if (isUtf8(sequence)) t.equal(decoded, sequence.toString(), 'what is valid is read as usual')
    }
  }
  writeFileSync('in', bytes)
  t.same(runProgram('file("out").open("w").write(file("in").open().read())').error, null)
  t.same(readFileSync('out'), bytes)
})

t.test('open files are closed by the collector and at the end', { skip: !LINUX }, async (t) => {
  const count = (): number => readdirSync('/proc/self/fd').length
  const before = count()
  const { rt } = runProgram('kept = file("a").open("w")\nfile("b").open("w")\nfile("c").open("w")')
  t.equal(count(), before + 3)
  rt.heap.collect()
  t.ok(count() < before + 3)
  rt.hosts.releaseAll()
  t.equal(count(), before)
})

t.test('directory', async (t) => {
  writeFileSync('plain', '')
  mkdirSync('full/a/b', { recursive: true })
  for (const name of ['é', 'a1', '_x', 'B', '9', '10', '.hidden']) writeFileSync(join('full', name), '')
  mkdirSync('outside')
  writeFileSync('outside/stays', '')
  symlinkSync('../outside', 'full/link')
  const wrong = mismatches([
    ['[directory("d"), type(directory("d")), directory("d").path]', '[#<Directory:d>, DIRECTORY, d]'],
    ['directory("x/y//z/").create().list()', '[]'],
    ['directory("x").create().list()', '[y]'],
    ['directory("full").list()', '[.hidden, 10, 9, B, _x, a, a1, link, é]'],
    ['directory("plain").create()', '! failed to create directory plain: mkdir plain: not a directory'],
    ['directory("plain/y").create()', '! failed to create directory plain/y: mkdir plain: not a directory'],
    ['directory("").create()', '! failed to create directory : mkdir : no such file or directory'],
    ['directory("plain").list()', '! failed to list directory plain: open plain: not a directory'],
    ['directory("no").list()', '! failed to list directory no: open no: no such file or directory'],
    [
      '[directory("x").exists?(), directory("plain").exists?(), directory("plain/x").exists?()]',
      '[true, false, false]',
    ],
    ['directory("full").delete()', 'true'],
    ['directory("full").delete()', 'true'],
    ['directory("plain").delete()', 'true'],
    ['directory("").delete()', 'true'],
    ['directory(".").delete()', '! failed to delete directory .: RemoveAll .: invalid argument'],
    ['directory("/").delete()', '! failed to delete directory /: RemoveAll /: invalid argument'],
    ['directory("..")', '! invalid directory path: path traversal not allowed'],
    ['directory(1)', '! argument to `directory` must be STRING, got INTEGER'],
    ['directory("d").list(1)', '! wrong number of arguments for directory.list: want=0, got=1'],
    ['directory("d").size', '! unknown property size for directory'],
  ])
  t.same(wrong, [])
  t.same(readdirSync('.').sort(), ['outside', 'x'])
  t.ok(existsSync('outside/stays'), 'links are not followed')
})
