/** Messages of errors that are known to happen when a program is compiled, should it come to that place. */
export const KNOWN_FAILURES = {
  jumpOutsideLoop: (jump: 'break' | 'continue') => `${jump} statement not in loop`,
  superOutsideMethod: () => 'super() can only be used within a method',
  fieldOutsideObject: (name: string) => `instance variable @${name} used outside of object context`,
  exportUndefined: (name: string) => `cannot export undefined variable: ${name}`,
  noExport: (place: string, name: string) => `module ${place} does not export ${name}`,
} as const
