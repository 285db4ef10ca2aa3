#!/usr/bin/env node
/** rush-compile, which is commands/rush-compile.ts. */
import { launch } from './launch.js'

launch('rush-compile')
