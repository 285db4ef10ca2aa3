/**
 * The sandbox: a `FileAccess` that stays inside folders which the user allowed. The policy in two sentences: a
 * name must lie in an allowed folder as it is written, and so must whatever it leads to; what lies elsewhere is
 * refused without having been looked at, so that nothing can be learnt of it, not even whether it exists.
 *
 * How it is kept, also while somebody else moves things about: a name is followed here, one component after the
 * other, from the descriptor of an allowed folder. Each step is relative to the descriptor of the folder reached
 * (`/proc/self/fd/N/NAME`, which is what openat(2) does) and never lets the system follow a link. Links are read
 * and followed by the same rules. The last step, which does what was asked for, is relative to a descriptor, too,
 * and a link that takes the entry's place at the last moment is not followed (O_NOFOLLOW).
 */
import * as fs from 'node:fs'
import {
  type EntryStatus,
  type FileAccess,
  type FileName,
  makeFolder,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  type Purpose,
  removeEntry,
} from './access.js'
import { systemCode } from './reasons.js'
import { reasonOf } from './streams.js'

/** A folder in which something is allowed, by its name. */
export interface AllowedFolder {
  readonly name: string
  readonly purpose: Purpose
}

/** What a program is told about something that the sandbox does not allow. */
export function refusalText(purpose: Purpose, name: string): string {
  const [doing, flag] = purpose === 'read' ? ['reading', '-allow-read'] : ['writing', '-allow-write']
  return `access refused: ${doing} ${name} is not allowed (see ${flag})`
}

/** The sandbox does not allow it. */
export class AccessRefused extends Error {
  override name = 'AccessRefused'
}

/** An allowed folder that cannot be used; the message is for people. */
export class SandboxError extends Error {
  override name = 'SandboxError'
}

/** Of open(2); Node does not name it. A descriptor that only stands for a place. */
const O_PATH = 0o10000000
const { O_DIRECTORY = 0, O_NOFOLLOW = 0 } = fs.constants
const PLACE = O_PATH | O_DIRECTORY | O_NOFOLLOW
const ACCESS_MODES = O_RDONLY | O_WRONLY | O_RDWR

/** Links on the way to one entry, as in the system itself. */
const MAX_LINKS = 40

/** An allowed folder, held by its descriptor: what is allowed is this folder, whatever its name comes to mean. */
interface Root {
  readonly descriptor: number
  readonly purpose: Purpose
  /** Its names as components: the one without links first, then the one that the user gave. */
  readonly spellings: readonly (readonly string[])[]
}

/** Where the following of a name ended: `name` in the folder `descriptor`, which need not be there. */
interface Place {
  readonly descriptor: number
  /** `.`: the folder itself, which is an allowed one or was reached through a link. */
  readonly name: string
  /** Its components without links. */
  readonly path: readonly string[]
  /** The name ended in a slash. */
  readonly folderOnly: boolean
}

export class SandboxedFiles implements FileAccess {
  private readonly roots: readonly Root[]

  /**
   * @param refuse tells the program; must throw
   * @throws SandboxError
   */
  constructor(
    allowed: readonly AllowedFolder[],
    private readonly refuse: (purpose: Purpose, name: string) => never = throwRefused,
  ) {
    this.roots = allowed.map(openRoot)
  }

  open(name: FileName, flags: number): number {
    const mode = flags & ACCESS_MODES
    return this.withPlace(name, mode === O_RDONLY ? 'read' : 'write', true, (place) => {
      let allowed = flags
      if (mode === O_RDWR && !this.covers('read', place.path)) {
        if ((flags & O_TRUNC) === 0) this.refuse('read', textOf(name))
        // There is nothing to read in it but what the program writes.
        allowed = (flags & ~ACCESS_MODES) | O_WRONLY
      }
      if (place.folderOnly) requireFolder(place, flags)
      return this.unlessLinked('write', name, () => fs.openSync(pathOf(place), allowed | O_NOFOLLOW, 0o666))
    })
  }

  status(name: FileName, purpose: Purpose): EntryStatus {
    return this.withPlace(name, purpose, true, (place) => {
      const status = fs.lstatSync(pathOf(place))
      if (status.isSymbolicLink()) this.refuse(purpose, textOf(name))
      if (place.folderOnly && !status.isDirectory()) throw systemError('ENOTDIR')
      return status
    })
  }

  makeFolder(name: FileName): void {
    this.withPlace(name, 'write', false, (place) => {
      if (place.name === '.') throw systemError('EEXIST')
      makeFolder(pathOf(place))
    })
  }

  entries(name: FileName, purpose: Purpose): Buffer[] {
    return this.withPlace(name, purpose, true, (place) => {
      const folder = this.unlessLinked(purpose, name, () =>
        fs.openSync(pathOf(place), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
      )
      try {
        return fs.readdirSync(folderPath(folder), 'buffer') as Buffer[]
      } finally {
        fs.closeSync(folder)
      }
    })
  }

  remove(name: FileName): void {
    this.withPlace(name, 'write', false, (place) => {
      // Its entry stands in a folder that is not allowed.
      if (place.name === '.') this.refuse('write', textOf(name))
      if (/(?:^|\/)\.$/.test(bytesOf(name))) throw systemError('EINVAL')
      if (place.folderOnly) requireFolder(place, 0)
      removeEntry(pathOf(place))
    })
  }

  /** Its name is known to who may see it anyway. */
  workingFolder(): string {
    const name = process.cwd()
    const path = componentsOf(bytesOf(name))
    if (!this.covers('read', path) && !this.covers('write', path)) this.refuse('read', '.')
    return name
  }

  /** Whether one of the allowed folders is `path`, or around it. */
  private covers(purpose: Purpose, path: readonly string[]): boolean {
    return this.roots.some((root) => root.purpose === purpose && beginsWith(path, root.spellings[0] ?? []))
  }

  /** With O_NOFOLLOW: the entry became a link after it was looked at. */
  private unlessLinked<T>(purpose: Purpose, name: FileName, action: () => T): T {
    try {
      return action()
    } catch (error) {
      if (systemCode(error) === 'ELOOP') this.refuse(purpose, textOf(name))
      throw error
    }
  }

  /**
   * Follows a name, and does something at the place it leads to.
   *
   * @param follow whether a link in the end is followed; those on the way always are
   */
  private withPlace<T>(name: FileName, purpose: Purpose, follow: boolean, action: (place: Place) => T): T {
    const refused = (): never => this.refuse(purpose, textOf(name))
    const roots = this.roots.filter((root) => root.purpose === purpose)
    const walk = new Walk(roots, refused)
    try {
      return action(walk.follow(bytesOf(name), follow))
    } finally {
      walk.close()
    }
  }
}

/** The way along one name. */
class Walk {
  /** Descriptors of the folders from the root to the one reached; all but the root's are ours. */
  private readonly folders: number[] = []
  /** The components of the folder reached, without links. */
  private path: string[] = []
  /** What is still to be gone, last component first. */
  private pending: string[] = []
  private links = 0

  constructor(
    private readonly roots: readonly Root[],
    private readonly refuse: () => never,
  ) {}

  follow(name: string, follow: boolean): Place {
    if (name === '') throw systemError('ENOENT')
    let folderOnly = endsAsFolder(name)
    this.pending = componentsOf(name).reverse()
    const here = name.startsWith('/') ? [] : componentsOf(bytesOf(process.cwd()))
    this.enter(here)
    for (;;) {
      const component = this.pending.pop()
      const descriptor = this.folders.at(-1) as number
      if (component === undefined) return { descriptor, name: '.', path: this.path, folderOnly }
      if (component === '..') {
        this.leave()
        continue
      }
      const isLast = this.pending.length === 0
      const place = { descriptor, name: component, path: [...this.path, component], folderOnly }
      if (isLast && !follow) return place
      const target = linkTarget(place, isLast)
      if (target !== null) {
        if (isLast && endsAsFolder(target)) folderOnly = true
        this.followLink(target)
      } else if (isLast) return place
      else {
        this.folders.push(fs.openSync(pathOf(place), PLACE))
        this.path.push(component)
      }
    }
  }

  private followLink(target: string): void {
    if (++this.links > MAX_LINKS) throw systemError('ELOOP')
    this.pending.push(...componentsOf(target).reverse())
    if (target.startsWith('/')) this.enter([])
  }

  private leave(): void {
    if (this.folders.length === 1) return this.enter(this.path.slice(0, -1))
    fs.closeSync(this.folders.pop() as number)
    this.path.pop()
  }

  /**
   * Goes on from a folder that is not an allowed one but, if the name is to be allowed, is around one: by the
   * components alone, without a look, until they name an allowed folder.
   */
  private enter(from: readonly string[]): void {
    this.close()
    const path = [...from]
    for (;;) {
      const root = this.rootAt(path)
      if (root !== undefined) {
        this.folders.push(root.descriptor)
        this.path = [...(root.spellings[0] ?? [])]
        return
      }
      const component = this.pending.pop()
      if (component === undefined) this.refuse()
      if (component === '..') path.pop()
      else if (this.isOnTheWay([...path, component])) path.push(component)
      else this.refuse()
    }
  }

  /** The allowed folder that is `path` or, since a working directory may lie deep in it, around it. */
  private rootAt(path: string[]): Root | undefined {
    for (const root of this.roots) {
      for (const spelling of root.spellings) {
        if (!beginsWith(path, spelling)) continue
        this.pending.push(...path.slice(spelling.length).reverse())
        return root
      }
    }
    return undefined
  }

  /** Whether `path` is an allowed folder, or around one. */
  private isOnTheWay(path: readonly string[]): boolean {
    return this.roots.some(({ spellings }) => spellings.some((spelling) => beginsWith(spelling, path)))
  }

  close(): void {
    for (const descriptor of this.folders.splice(0).slice(1)) fs.closeSync(descriptor)
  }
}

/** Whether this system has what it takes to allow folders; without any, there can be a sandbox everywhere. */
export function canAllowFolders(): boolean {
  return fs.existsSync('/proc/self/fd')
}

function throwRefused(purpose: Purpose, name: string): never {
  throw new AccessRefused(refusalText(purpose, name))
}

function openRoot({ name, purpose }: AllowedFolder): Root {
  try {
    const descriptor = fs.openSync(name, O_PATH | O_DIRECTORY)
    const real = fs.readlinkSync(folderPath(descriptor), 'buffer')
    const given = name.startsWith('/') ? name : `${process.cwd()}/${name}`
    const spellings = [real, given].map((spelling) => componentsOf(bytesOf(spelling)))
    // Where `..` leads cannot be told from names alone.
    return { descriptor, purpose, spellings: spellings.filter((spelling) => !spelling.includes('..')) }
  } catch (error) {
    if (!canAllowFolders()) {
      throw new SandboxError('the sandbox can allow folders only where there is /proc/self/fd, as on Linux')
    }
    throw new SandboxError(`-allow-${purpose}=${name}: ${reasonOf(error)}`)
  }
}

/** What the link at a place leads to; null if there is no link. Where one has to pass, there must be something. */
function linkTarget(place: Place, isLast: boolean): string | null {
  try {
    return fs.readlinkSync(pathOf(place), 'buffer').toString('latin1')
  } catch (error) {
    const code = systemCode(error)
    if (code === null || !(isLast || code === 'EINVAL')) throw error
    return null
  }
}

/** For a name with a slash at its end; the system itself would follow a link there. */
function requireFolder(place: Place, flags: number): void {
  const status = fs.lstatSync(pathOf(place), { throwIfNoEntry: false })
  if (status === undefined) throw systemError((flags & O_CREAT) === 0 ? 'ENOENT' : 'EISDIR')
  if (!status.isDirectory()) throw systemError('ENOTDIR')
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, errno: 0 })
}

function folderPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`
}

function pathOf({ descriptor, name }: Place): Buffer {
  return Buffer.from(`${folderPath(descriptor)}/${name}`, 'latin1')
}

/** Names are handled as bytes, one character each. */
function bytesOf(name: FileName): string {
  return (typeof name === 'string' ? Buffer.from(name) : name).toString('latin1')
}

function textOf(name: FileName): string {
  return name.toString()
}

function componentsOf(name: string): string[] {
  return name.split('/').filter((component) => component !== '' && component !== '.')
}

function endsAsFolder(name: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(name)
}

function beginsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((component, i) => path[i] === component)
}
