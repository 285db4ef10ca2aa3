#!/usr/bin/env node
/** rush-run, which is commands/rush-run.ts. */
import { launch } from './launch.js'

launch('rush-run')
