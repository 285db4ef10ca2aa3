#!/usr/bin/env node
/** rush-jit-asm, which is commands/rush-jit-asm.ts. */
import { launch } from './launch.js'

launch('rush-jit-asm')
