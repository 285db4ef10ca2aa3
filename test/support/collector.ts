/** A sink that keeps what is written. */
export function collector(): { text(): string; write(text: string): void } {
  const parts: string[] = []
  return {
    text: () => parts.join(''),
    write: (text) => {
      parts.push(text)
    },
  }
}
