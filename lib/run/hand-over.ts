/** What takes over calls that are nested too deeply for the interpreter. */
import { compileResolved } from '../bytecode/compile.js'
import type { BytecodeProgram } from '../bytecode/program.js'
import type { InterpretedUnit } from '../interpreter/interpreter.js'
import type { Runtime } from '../runtime/runtime.js'
import { Vm } from '../vm/vm.js'

function compileUnit({ document, scopes }: InterpretedUnit): BytecodeProgram {
  return compileResolved(document, scopes).program
}

/** Gives a VM that knows the units; nothing is made before the first time. */
export function makeHandOver(
  rt: Runtime,
  bytecodeOf = compileUnit,
): (units: readonly InterpretedUnit[]) => Vm {
  let vm: Vm | null = null
  let loaded = 0
  return (units) => {
    vm ??= new Vm(rt)
    for (; loaded < units.length; loaded++) {
      const unit = units[loaded] as InterpretedUnit
      vm.load(bytecodeOf(unit), unit.unit)
    }
    return vm
  }
}
