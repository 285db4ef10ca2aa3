import t from 'tap'
import { basename, cleanPath, dirname, joinPaths } from '../../lib/runtime/builtins/paths.js'
import { mismatches } from './expressions.js'

t.test('clean, basename and dirname', async (t) => {
  const rows = [
    ['/a/b.txt', '/a/b.txt', 'b.txt', '/a'],
    ['a//b///c', 'a/b/c', 'c', 'a/b'],
    ['a/b/', 'a/b', 'b', 'a/b'],
    ['a/../b', 'b', 'b', '.'],
    ['a/../../b', '../b', 'b', '..'],
    ['../../b', '../../b', 'b', '../..'],
    ['/../a', '/a', 'a', '/'],
    ['/a/../..', '/', '..', '/'],
    ['a/b/..', 'a', '..', 'a/b'],
    ['.', '.', '.', '.'],
    ['./', '.', '.', '.'],
    ['/', '/', '/', '/'],
    ['//', '/', '/', '/'],
    ['', '.', '.', '.'],
    ['~/a\\b/ ...', '~/a\\b/ ...', ' ...', '~/a\\b'],
  ] as const
  for (const [path, ...expected] of rows) {
    t.same([cleanPath(path), basename(path), dirname(path)], expected, `"${path}"`)
  }
})

t.test('join', async (t) => {
  const rows = [
    ['etc', 'hosts', 'etc/hosts'],
    ['a/', 'b', 'a/b'],
    ['a', '/b', 'a/b'],
    ['', 'b', 'b'],
    ['a', '', 'a'],
    ['', '', ''],
    ['a', '../../b', '../b'],
    ['/a', '../../b', '/b'],
    ['a/b', '.', 'a/b'],
    ['.', 'x', 'x'],
  ] as const
  for (const [first, second, expected] of rows) t.equal(joinPaths(first, second), expected)
})

t.test('values and messages', async (t) => {
  const wrong = mismatches([
    ['type(path("a"))', 'PATH'],
    ['path("a//b")', '#<Path:a//b>'],
    ['path("a//b").value', 'a//b'],
    ['path("a").join("b").join("..")', '#<Path:a>'],
    ['path("").absolute().value', process.cwd()],
    ['path("x/../y").absolute().value', `${process.cwd()}/y`],
    ['path("/x/../y").absolute().value', '/y'],
    ['path("a") == path("a")', 'false'],
    ['path("a").join', '#<PathMethod:join on #<Path:a>>'],
    ['type(path("a").join)', 'PATH_METHOD'],
    ['path(1)', '! argument to `path` must be STRING, got INTEGER'],
    ['path()', '! wrong number of arguments. got=0, want=1'],
    ['path("a").join()', '! wrong number of arguments for path.join: want=1, got=0'],
    ['path("a").join(path("b"))', '! path join argument must be STRING'],
    ['path("a").exists?()', '! unknown property exists? for path'],
    ['path("a").value()', '! not a function: STRING'],
    ['path("a").new()', '! not a class: PATH'],
  ])
  t.same(wrong, [])
})
