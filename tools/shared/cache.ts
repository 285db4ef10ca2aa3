/** The flags of the bytecode cache (command-line.md section 6). */
import type { BytecodeCache } from '../../lib/cache/cache.js'
import type { Flag, OptionValues } from './flags.js'
import { FileError, writeStream } from './io.js'
import { EXIT } from './main.js'

export const CACHE_FLAGS: readonly Flag[] = [
  { name: 'cache', type: 'boolean', default: false, description: 'Enable bytecode caching' },
  {
    name: 'cache-stats',
    type: 'boolean',
    default: false,
    description: 'Show cache statistics and exit',
  },
  { name: 'clear-cache', type: 'boolean', default: false, description: 'Clear bytecode cache and exit' },
]

/**
 * Does what `-clear-cache` or `-cache-stats` says.
 *
 * @returns the exit code, or null if there is neither
 * @throws FileError
 */
export async function cacheCommand(options: OptionValues): Promise<number | null> {
  if (!options.clearCache && !options.cacheStats) return null
  const { cacheStatistics, clearCache } = await import('../../lib/cache/folder.js')
  if (options.clearCache) {
    attempt('Error clearing cache', clearCache)
    writeStream(1, 'Cache cleared successfully\n')
  } else {
    const { files, bytes } = attempt('Error getting cache stats', cacheStatistics)
    const size = `${bytes} bytes (${(bytes / 1024).toFixed(2)} KB)`
    writeStream(1, `Cache statistics:\n  Files: ${files}\n  Total size: ${size}\n`)
  }
  return EXIT.success
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    // By its name: its class is loaded only for these commands.
    if (error instanceof Error && error.name === 'CacheError')
      throw new FileError(`${what}: ${error.message}`)
    throw error
  }
}

/** Where the bytecode of `file` (as typed) is kept; null without `-cache`. */
export async function cacheFor(file: string, options: OptionValues): Promise<BytecodeCache | null> {
  if (!options.cache) return null
  const { BytecodeCache } = await import('../../lib/cache/cache.js')
  const { isBuiltin } = await import('../../lib/runtime/builtins/registry.js')
  return new BytecodeCache(file, isBuiltin)
}
