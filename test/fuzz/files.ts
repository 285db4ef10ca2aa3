/** Programs of several files as one text: so they can be printed, kept and made smaller like any other. */

/** Stands before each file but the main program, which comes first. */
const MARK = /^# file: ([a-z0-9]+\.rush)$/

export function fileMark(name: string): string {
  return `# file: ${name}`
}

/** The main program, and the other files by their names. */
export function splitFiles(text: string): { main: string; others: ReadonlyMap<string, string> } {
  const main: string[] = []
  const others = new Map<string, string[]>()
  let lines = main
  for (const line of text.split('\n')) {
    const name = MARK.exec(line)?.[1]
    if (name === undefined) lines.push(line)
    else {
      lines = []
      others.set(name, lines)
    }
  }
  return {
    main: main.join('\n'),
    others: new Map([...others].map(([name, content]) => [name, content.join('\n')])),
  }
}
