/**
 * Scope analysis (core.md section 7): which variable does each name mean? Decided from the text
 * alone, in two steps. `collect` walks the tree once, in order of evaluation, and notes per scope
 * what it binds, what occurs first and what is read anywhere inside. Then scopes are settled from the
 * outside in, and every identifier gets its variable.
 *
 * The interpreter and the bytecode compiler both use the result, so a closure made by one tier
 * can run in the other: same slots, same cells, same function numbers.
 */
import type * as ast from '../syntax/ast.js'
import { type Capture, EXPORT_PREFIX } from './program.js'

export type FunctionNode = ast.Program | ast.FunctionExpression

/** A variable: one slot of a frame, or one file-level slot. */
export class Variable {
  /** Frame slot, or number among the globals. */
  slot = -1
  /** Some inner function uses it: it lives in a cell. Never true for globals. */
  captured = false

  constructor(
    readonly name: string,
    /** Null for what no name in the text means. */
    readonly scope: Scope | null,
    readonly global: boolean,
    readonly parameter: boolean,
    /** The name is a built-in function's: that is the variable's first value. */
    readonly builtin: boolean,
  ) {}
}

/** What an identifier means where it stands. */
export type Reference =
  | { kind: 'global'; variable: Variable }
  | { kind: 'local'; variable: Variable }
  | { kind: 'upvalue'; variable: Variable; index: number }
  | { kind: 'builtin'; name: string }
  | { kind: 'unbound'; name: string }

/** The file, a function or a catch clause. */
export class Scope {
  /** Own variables by name, once settled. */
  readonly variables = new Map<string, Variable>()
  /** Offset of the first direct binding of each name; of `fn x` that of the word `fn`, where `x`'s scope starts. */
  readonly bindings = new Map<string, number>()
  /** Whether the first occurrence outside nested functions is a read. */
  readonly readFirst = new Map<string, boolean>()
  /** Names read anywhere inside, nested functions included. */
  readonly reads = new Set<string>()
  readonly children: Scope[] = []

  constructor(
    readonly kind: 'file' | 'function' | 'catch',
    readonly parent: Scope | null,
    /** Offset of the `fn` or `catch` word. */
    readonly start: number,
    /** The function whose frame holds the variables. */
    readonly frame: FunctionInfo,
  ) {}
}

/** One function of the program (or the file's body, number 0), with its frame. */
export class FunctionInfo {
  /** Number of the file whose text contains it (`ScopeInfo.files`). */
  file = 0
  /** The body scope; catch clauses inside have scopes of their own in the same frame. */
  scope!: Scope
  /** Frame slots taken by variables; tiers put their temporaries behind them. */
  locals = 0
  readonly captures: Capture[] = []
  readonly upvalues: Variable[] = []
  /** Variables of this frame in slot order. */
  readonly variables: Variable[] = []
  name = '<anonymous>'

  constructor(
    /** Number in the program's function table, in order of the text. */
    readonly index: number,
    readonly node: FunctionNode,
    readonly parent: FunctionInfo | null,
    /** Set for methods: the name, for `super`. */
    readonly methodName: string | null,
  ) {}

  get method(): boolean {
    return this.methodName !== null
  }
}

export interface ClassInfo {
  index: number
  node: ast.ClassDeclaration
  /** `@` names in the class's text, in order of first mention. */
  fields: string[]
}

/** A file of the program: number 0 is the main program, the others are its modules in their order. */
export interface FileInfo {
  name: string
  /** The file's body; null if the module cannot be had, or runs already (`Session`). */
  body: FunctionInfo | null
  /** Why a module cannot be had. */
  error: string | null
  /** File-level variables that hold what a module exports, by exported name. */
  exports: ReadonlyMap<string, Variable>
  /** Slots of its file-level variables, exports included: `first` up to, not including, `end`. */
  globals: { first: number; end: number }
}

/** The result of scope analysis of a whole program. Nodes are keys by identity; the tree is not changed. */
export interface ScopeInfo {
  files: FileInfo[]
  /** Of all files: the main program's first, then module by module. */
  functions: FunctionInfo[]
  /** File-level variables of all files, and one for each export. */
  globals: Variable[]
  /** Which file an import statement means. */
  importOf: Map<ast.ImportStatement, FileInfo>
  /** The export statements that export something, with the variable for it. */
  exportOf: Map<ast.ExportStatement, Variable>
  functionOf: Map<FunctionNode, FunctionInfo>
  classOf: Map<ast.ClassDeclaration, ClassInfo>
  catchScopes: Map<ast.CatchClause, Scope>
  /** Identifiers that are variables (reads and bindings), `@x` and `super` (their `self`). */
  references: Map<ast.Node, Reference>
}

type Lookup = ast.Identifier | ast.InstanceVariable | ast.SuperExpression

/** What a program is made of, as scope analysis needs it. */
export type Files = Pick<ast.AstDocument, 'program' | 'imports' | 'modules'>

/** What an interactive session has before it reads its next piece of program. */
export interface Session {
  /** Its file-level variables by slot, those of modules and exports included. */
  readonly globals: readonly Variable[]
  /** Which of them the pieces themselves bind: name -> slot. */
  readonly variables: ReadonlyMap<string, number>
  /** Whether a name that nothing binds means something all the same (`CustomError`). */
  staysUnbound(name: string): boolean
  /** Modules that have run, by file. */
  readonly modules: ReadonlyMap<string, FileInfo>
}

/**
 * @param isBuiltin whether a name is a built-in function's
 * @param session for a piece of an interactive session: the main program goes on where the last one ended.
 *   Names that are bound nowhere yet become file-level variables, since a later piece may bind them.
 */
export function analyseScopes(
  files: Files,
  isBuiltin: (name: string) => boolean,
  session: Session | null = null,
): ScopeInfo {
  return new Analysis(isBuiltin, session).run(files)
}

const NO_SLOTS = { first: 0, end: 0 } as const

class Analysis {
  private readonly info: ScopeInfo = {
    files: [],
    importOf: new Map(),
    exportOf: new Map(),
    functions: [],
    globals: [],
    functionOf: new Map(),
    classOf: new Map(),
    catchScopes: new Map(),
    references: new Map(),
  }
  /** Of the file that is walked. */
  private uses: { node: Lookup; scope: Scope }[] = []
  private exports: ast.ExportStatement[] = []
  private imports: ast.ImportStatement[] = []
  private file = 0
  private scope!: Scope
  private fields: Set<string> | null = null

  constructor(
    private readonly isBuiltin: (name: string) => boolean,
    private readonly session: Session | null,
  ) {}

  run({ program, imports, modules }: Files): ScopeInfo {
    const { info, session } = this
    const importers: { links: readonly ast.ImportLink[]; statements: readonly ast.ImportStatement[] }[] = []
    const analyse = (root: ast.Program, name: string, links: readonly ast.ImportLink[]): void => {
      this.analyseFile(root, name)
      importers.push({ links, statements: this.imports })
    }
    for (const variable of session?.globals ?? []) info.globals.push(variable)
    analyse(program, '', imports)
    modules.forEach((module, index) => {
      const file = 'error' in module ? module.file : module.source.file
      const known = session?.modules.get(file)
      if (known !== undefined) info.files.push(known)
      else if ('error' in module) {
        info.files.push({
          name: file,
          body: null,
          error: module.error,
          exports: new Map(),
          globals: NO_SLOTS,
        })
      } else {
        this.file = index + 1
        analyse(module.program, file, module.imports)
      }
    })
    for (const { links, statements } of importers) {
      const numbers = new Map(links.map(({ place, module }) => [place, module]))
      for (const node of statements) {
        const file = info.files[(numbers.get(node.source.value) ?? -2) + 1]
        if (file === undefined) throw new Error(`import of ${node.source.value} leads nowhere`)
        info.importOf.set(node, file)
      }
    }
    for (const fn of info.functions) fn.locals = fn.variables.length
    return info
  }

  private analyseFile(program: ast.Program, name: string): void {
    const { info } = this
    this.uses = []
    this.exports = []
    this.imports = []
    const first = info.globals.length
    const body = this.addFunction(program, null, null)
    body.name = this.file === 0 ? '<main>' : `<module ${name}>`
    this.scope = new Scope('file', null, 0, body)
    body.scope = this.scope
    if (this.file === 0) {
      for (const [known, slot] of this.session?.variables ?? [])
        this.scope.variables.set(known, info.globals[slot] as Variable)
    }
    this.statements(program.body)
    this.settle(body.scope)
    for (const use of this.uses) info.references.set(use.node, this.resolve(use.node, use.scope))
    const exports = this.declareExports()
    info.files.push({ name, body, error: null, exports, globals: { first, end: info.globals.length } })
  }

  /** One variable per name that the file exports: the value at the moment of the export. */
  private declareExports(): ReadonlyMap<string, Variable> {
    const exports = new Map<string, Variable>()
    for (const node of this.exports) {
      const { name } = node.name
      let variable = exports.get(name)
      if (variable === undefined) {
        variable = this.addGlobal(new Variable(EXPORT_PREFIX + name, null, true, false, false))
        exports.set(name, variable)
      }
      this.info.exportOf.set(node, variable)
    }
    return exports
  }

  private addFunction(
    node: FunctionNode,
    parent: FunctionInfo | null,
    methodName: string | null,
  ): FunctionInfo {
    const info = new FunctionInfo(this.info.functions.length, node, parent, methodName)
    info.file = this.file
    this.info.functions.push(info)
    this.info.functionOf.set(node, info)
    return info
  }

  // --- collecting ---------------------------------------------------------------------------

  private read(node: ast.Identifier): void {
    this.uses.push({ node, scope: this.scope })
    this.noteFirst(node.name, true)
    for (let scope: Scope | null = this.scope; scope !== null; scope = scope.parent)
      scope.reads.add(node.name)
  }

  private bind(node: ast.Identifier, offset = node.position.start.offset): void {
    this.uses.push({ node, scope: this.scope })
    this.noteFirst(node.name, false)
    const { bindings } = this.scope
    // The first in the text, which may be walked later: the update of a `for` stands before its body.
    bindings.set(node.name, Math.min(offset, bindings.get(node.name) ?? offset))
  }

  /** Notes an occurrence in this scope and in those around it, up to the function's own. */
  private noteFirst(name: string, isRead: boolean): void {
    for (let scope = this.scope; ; scope = scope.parent as Scope) {
      if (scope.variables.has(name)) return
      if (!scope.readFirst.has(name)) scope.readFirst.set(name, isRead)
      if (scope.kind !== 'catch') return
    }
  }

  private statements(list: readonly ast.Statement[]): void {
    for (const statement of list) this.statement(statement)
  }

  private statement(node: ast.Statement): void {
    switch (node.type) {
      case 'ExpressionStatement':
        return this.expression(node.expression)
      case 'AssignmentStatement':
        return this.assignment(node)
      case 'ReturnStatement':
        if (node.argument !== null) this.expression(node.argument)
        return
      case 'ThrowStatement':
        return this.expression(node.argument)
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'WhileStatement':
        this.expression(node.test)
        return this.statements(node.body.body)
      case 'ForStatement':
        if (node.init !== null) this.statement(node.init)
        if (node.test !== null) this.expression(node.test)
        this.statements(node.body.body)
        if (node.update !== null) this.statement(node.update)
        return
      case 'SwitchStatement':
        this.expression(node.discriminant)
        for (const clause of node.cases) {
          for (const test of clause.tests ?? []) this.expression(test)
          this.statements(clause.body)
        }
        return
      case 'TryStatement':
        this.statements(node.block.body)
        for (const handler of node.handlers) this.catchClause(handler)
        if (node.finalizer !== null) this.statements(node.finalizer.body)
        return
      case 'ClassDeclaration':
        return this.classDeclaration(node)
      case 'FunctionDeclaration':
        this.functionBody(node.function, null, node.name.name)
        // `fn x` means `x = fn`, where the binding stands before the function.
        return this.bind(node.name, node.position.start.offset)
      case 'ImportStatement':
        this.imports.push(node)
        for (const item of node.items) this.bind(item.local)
        return
      case 'ExportStatement':
        // In the main program, in functions and in catch clauses nothing is exported.
        if (this.file > 0 && this.scope.kind === 'file') this.exports.push(node)
        if (node.value === null) return this.read(node.name)
        this.named(node.value, node.name.name)
        return this.bind(node.name)
      case 'Block':
        return this.statements(node.body)
    }
  }

  private assignment(node: ast.AssignmentStatement): void {
    const { target, value } = node
    if (target.type === 'IndexExpression') {
      this.expression(target.object)
      this.expression(target.index)
      return this.expression(value)
    }
    if (target.type === 'Identifier') {
      this.named(value, target.name)
      return this.bind(target)
    }
    this.expression(value)
    this.expression(target)
  }

  /** A function that is assigned to a name is called by that name in listings and statistics. */
  private named(value: ast.Expression, name: string): void {
    if (value.type === 'FunctionExpression') this.functionBody(value, null, name)
    else this.expression(value)
  }

  private expressions(list: readonly ast.Expression[]): void {
    for (const node of list) this.expression(node)
  }

  private expression(node: ast.Expression): void {
    switch (node.type) {
      case 'Identifier':
        return this.read(node)
      case 'InstanceVariable':
        this.uses.push({ node, scope: this.scope })
        this.fields?.add(node.name)
        return
      case 'IntegerLiteral':
      case 'FloatLiteral':
      case 'StringLiteral':
      case 'BooleanLiteral':
      case 'NullLiteral':
        return
      case 'UnaryExpression':
        return this.expression(node.operand)
      case 'BinaryExpression':
      case 'LogicalExpression':
        this.expression(node.left)
        return this.expression(node.right)
      case 'CallExpression':
        this.expression(node.callee)
        return this.expressions(node.arguments)
      case 'NewExpression':
        this.expression(node.callee)
        return this.expressions(node.arguments)
      case 'SuperExpression':
        this.uses.push({ node, scope: this.scope })
        return this.expressions(node.arguments)
      case 'IndexExpression':
        this.expression(node.object)
        return this.expression(node.index)
      case 'MemberExpression':
        return this.expression(node.object)
      case 'ArrayLiteral':
        return this.expressions(node.elements)
      case 'HashLiteral':
        for (const pair of node.pairs) {
          this.expression(pair.key)
          this.expression(pair.value)
        }
        return
      case 'IfExpression':
        this.expression(node.test)
        this.statements(node.consequent.body)
        if (node.alternate?.type === 'IfExpression') this.expression(node.alternate)
        else if (node.alternate) this.statements(node.alternate.body)
        return
      case 'FunctionExpression':
        return this.functionBody(node, null, null)
    }
  }

  private classDeclaration(node: ast.ClassDeclaration): void {
    if (node.superclass !== null) this.read(node.superclass)
    const fields = new Set<string>()
    const info: ClassInfo = { index: this.info.classOf.size, node, fields: [] }
    this.info.classOf.set(node, info)
    const outer = this.fields
    this.fields = fields
    for (const method of node.methods) {
      this.functionBody(method.function, method.name.name, `${node.name.name}.${method.name.name}`)
    }
    this.fields = outer
    info.fields = [...fields]
    this.bind(node.name)
  }

  private functionBody(node: ast.FunctionExpression, methodName: string | null, name: string | null): void {
    const outer = this.scope
    const info = this.addFunction(node, outer.frame, methodName)
    if (name !== null) info.name = name
    const scope = new Scope('function', outer, node.position.start.offset, info)
    info.scope = scope
    outer.children.push(scope)
    if (methodName !== null) this.declare(scope, 'self', true)
    for (const parameter of node.parameters) {
      // The same name twice: the last argument counts, so the later slot takes the name over.
      this.declare(scope, parameter.name, true)
    }
    this.scope = scope
    this.statements(node.body.body)
    this.scope = outer
  }

  private catchClause(node: ast.CatchClause): void {
    const outer = this.scope
    const scope = new Scope('catch', outer, node.position.start.offset, outer.frame)
    outer.children.push(scope)
    this.info.catchScopes.set(node, scope)
    this.declare(scope, node.parameter.name, true)
    this.uses.push({ node: node.parameter, scope })
    this.scope = scope
    this.statements(node.body.body)
    this.scope = outer
  }

  // --- settling -----------------------------------------------------------------------------

  private addGlobal(variable: Variable): Variable {
    variable.slot = this.info.globals.push(variable) - 1
    return variable
  }

  /** Whether a name that is bound nowhere may be bound by a later piece of the session. */
  private mayBeBoundLater(name: string): boolean {
    return this.session !== null && this.file === 0 && !this.session.staysUnbound(name)
  }

  private declare(scope: Scope, name: string, parameter: boolean): Variable {
    const global = scope.kind === 'file'
    const builtin = !parameter && this.isBuiltin(name)
    const variable = new Variable(name, scope, global, parameter, builtin)
    const list = global ? this.info.globals : scope.frame.variables
    variable.slot = list.length
    list.push(variable)
    scope.variables.set(name, variable)
    return variable
  }

  /** Rules 1 and 2 of core.md 7.1; parents are settled before their children. */
  private settle(scope: Scope): void {
    for (const name of scope.bindings.keys()) {
      if (!scope.variables.has(name) && this.owns(scope, name)) this.declare(scope, name, false)
    }
    for (const child of scope.children) this.settle(child)
  }

  private owns(scope: Scope, name: string): boolean {
    if (scope.kind === 'file') return true
    let outer = scope.parent
    while (outer !== null && !outer.variables.has(name)) outer = outer.parent
    if (outer === null) return !this.mayBeBoundLater(name) || scope.readFirst.get(name) !== true
    const owner = outer.variables.get(name) as Variable
    const bound = outer.bindings.get(name)
    if (owner.parameter || bound === undefined || bound <= scope.start) return false
    return !(scope.readFirst.get(name) === true || !scope.reads.has(name))
  }

  // --- resolving ----------------------------------------------------------------------------

  private resolve(node: Lookup, scope: Scope): Reference {
    const name = node.type === 'Identifier' ? node.name : 'self'
    let variable = node.type === 'Identifier' ? find(scope, name) : findSelf(scope)
    if (variable === null) {
      if (this.isBuiltin(name)) return { kind: 'builtin', name }
      if (node.type !== 'Identifier' || !this.mayBeBoundLater(name)) return { kind: 'unbound', name }
      variable = this.declare(this.info.functions[0]?.scope as Scope, name, false)
    }
    if (variable.global) return { kind: 'global', variable }
    if (variable.scope?.frame === scope.frame) return { kind: 'local', variable }
    variable.captured = true
    return { kind: 'upvalue', variable, index: upvalueIndex(scope.frame, variable) }
  }
}

function find(scope: Scope | null, name: string): Variable | null {
  for (; scope !== null; scope = scope.parent) {
    const variable = scope.variables.get(name)
    if (variable !== undefined) return variable
  }
  return null
}

/** The `self` of the nearest method around, whatever else is called `self` in between. */
function findSelf(scope: Scope): Variable | null {
  for (let info: FunctionInfo | null = scope.frame; info !== null; info = info.parent) {
    if (info.method) return info.variables[0] as Variable
  }
  return null
}

/** The number of a captured variable among a function's cells, threading it through those between. */
function upvalueIndex(info: FunctionInfo, variable: Variable): number {
  const known = info.upvalues.indexOf(variable)
  if (known >= 0) return known
  const parent = info.parent as FunctionInfo
  const capture: Capture =
    variable.scope?.frame === parent
      ? { from: 'local', index: variable.slot }
      : { from: 'upvalue', index: upvalueIndex(parent, variable) }
  info.upvalues.push(variable)
  info.captures.push(capture)
  return info.upvalues.length - 1
}
