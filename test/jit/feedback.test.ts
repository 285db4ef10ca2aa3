/** Whether the tier manager notices that an instruction has met something new. */
import t from 'tap'
import { MAX_CLASSES, NONE, SiteFeedback } from '../../lib/vm/feedback.js'

t.test('all news but counts make the extent grow', async (t) => {
  const site = new SiteFeedback()
  const news: [string, () => void][] = [
    ['the first tag', () => (site.left |= 1 << 3)],
    ['a smaller tag', () => (site.left |= 1 << 0)],
    ['a tag of the right operand', () => (site.right |= 1 << 3)],
    ['a tag of the third', () => (site.third |= 1 << 3)],
    ['a function', () => site.addTarget(7)],
    ['another function', () => site.addTarget(2)],
    ['a built-in function', () => site.addBuiltin(7)],
    ['another built-in function', () => site.addBuiltin(2)],
    ['a field', () => site.addField(7)],
    ['another field', () => site.addField(2)],
    ['wide characters', () => (site.wide = true)],
    ...Array.from({ length: MAX_CLASSES + 1 }, (_, i): [string, () => void] => [
      `class ${i}`,
      () => site.addClass(1000 - i),
    ]),
  ]
  for (const [what, note] of news) {
    const before = site.extent
    note()
    t.ok(site.extent > before, what)
    const after = site.extent
    note()
    t.equal(site.extent, after, `${what} once more`)
  }
})

t.test('how often something was seen does not count', async (t) => {
  const site = new SiteFeedback()
  site.count++
  site.whenTrue++
  site.whenFalse++
  t.equal(site.extent, new SiteFeedback().extent)
  t.equal(site.target, NONE)
})
