#!/usr/bin/env node
/** rush-parse, which is commands/rush-parse.ts. */
import { launch } from './launch.js'

launch('rush-parse')
