/** The bar chart: how many times faster than the VM, in the steady state, on a logarithmic scale. */
import type { Name } from './contenders.js'
import type { Samples } from './ratios.js'

const COLOURS: Readonly<Partial<Record<Name, string>>> = {
  JIT: '#d62828',
  Node: '#3a7d44',
  LuaJIT: '#1d4e89',
  Lua: '#8a9bb0',
}
const LEFT = 110
const RIGHT = 60
const TOP = 56
const PLOT = 560
const BAR = 7
const GAP = 8
const TEXT = 'font-family="sans-serif" font-size="11" fill="#333"'

/** An SVG document; programs from top to bottom, the geometric mean at the end. */
export function drawChart(samples: Samples): string {
  const names = samples.names.filter((name) => COLOURS[name] !== undefined)
  const groups = [
    ...samples.programs.map((program) => ({
      title: program,
      speed: (name: Name) => samples.ratio(program, 'VM', name, 'steady'),
    })),
    { title: 'geomean', speed: (name: Name) => samples.mean('VM', name, 'steady') },
  ]
  const speeds = groups.flatMap(({ speed }) => names.flatMap((name) => speed(name) ?? []))
  const lowest = Math.floor(Math.min(0, ...speeds.map(Math.log10)))
  const highest = Math.ceil(Math.max(1, ...speeds.map(Math.log10)))
  const x = (speed: number): number => LEFT + (PLOT * (Math.log10(speed) - lowest)) / (highest - lowest)
  const step = names.length * BAR + GAP
  const bottom = TOP + groups.length * step

  const grid = Array.from({ length: highest - lowest + 1 }, (_, i) => 10 ** (lowest + i)).flatMap((speed) => [
    `<line x1="${at(x(speed))}" y1="${TOP - 4}" x2="${at(x(speed))}" y2="${bottom}" stroke="#ddd"/>`,
    `<text x="${at(x(speed))}" y="${TOP - 8}" text-anchor="middle" ${TEXT}>${Number(speed.toPrecision(1))}x</text>`,
  ])
  const legend = names.flatMap((name, i) => [
    `<rect x="${LEFT + i * 90}" y="24" width="10" height="10" fill="${COLOURS[name]}"/>`,
    `<text x="${LEFT + i * 90 + 15}" y="33" ${TEXT}>${name}</text>`,
  ])
  const bars = groups.flatMap(({ title, speed }, g) => {
    const top = TOP + g * step + GAP / 2
    const label = `<text x="${LEFT - 8}" y="${top + (step - GAP) / 2 + 4}" text-anchor="end" ${TEXT}>${title}</text>`
    return [label, ...names.flatMap((name, i) => bar(speed(name), top + i * BAR, COLOURS[name] ?? ''))]
  })
  function bar(speed: number | null, y: number, colour: string): string[] {
    if (speed === null) return []
    const [from = 0, to = 0] = [x(1), x(speed)].sort((a, b) => a - b)
    return [`<rect x="${at(from)}" y="${y}" width="${at(to - from)}" height="${BAR - 1}" fill="${colour}"/>`]
  }

  const width = LEFT + PLOT + RIGHT
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 12}" role="img">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="8" y="16" ${TEXT}>Times faster than the Rush VM, in the steady state (logarithmic)</text>`,
    ...legend,
    ...grid,
    ...bars,
    '</svg>',
    '',
  ].join('\n')
}

function at(position: number): string {
  return position.toFixed(1)
}
