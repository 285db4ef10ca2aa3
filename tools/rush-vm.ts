#!/usr/bin/env node
/** rush-vm, which is commands/rush-vm.ts. */
import { launch } from './launch.js'

launch('rush-vm')
