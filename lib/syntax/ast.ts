/**
 * The abstract syntax tree of Rush: plain JSON objects in the manner of unist and ESTree.
 *
 * Every node has a `type`, its children by name, and a `position`. Nothing else may be added by
 * later stages: scope analysis keeps its results in side tables, so that the tree which a tool
 * writes is the tree which the parser made.
 */

/** A place in the source text. */
export interface Point {
  /** 1-based. */
  line: number
  /** 1-based, counted in Unicode characters (code points). */
  column: number
  /** 0-based, counted in UTF-16 code units: an index into the JavaScript string. */
  offset: number
}

/** `end` is exclusive: the point just behind the last character. */
export interface Position {
  start: Point
  end: Point
}

interface NodeBase {
  position: Position
}

export interface Program extends NodeBase {
  type: 'Program'
  body: Statement[]
}

export interface Identifier extends NodeBase {
  type: 'Identifier'
  name: string
}

/** `@name`; `name` is without the `@`. */
export interface InstanceVariable extends NodeBase {
  type: 'InstanceVariable'
  name: string
}

/** `value` is a number up to 2^53 and a decimal string beyond, so that JSON keeps it exact. */
export interface IntegerLiteral extends NodeBase {
  type: 'IntegerLiteral'
  value: number | string
  /** The spelling in the source where it is not simply the value's digits (`010`). */
  raw?: string
}

export interface FloatLiteral extends NodeBase {
  type: 'FloatLiteral'
  value: number
  /** The spelling in the source where it differs from JavaScript's (`4.0`, `2.50`). */
  raw?: string
}

export interface StringLiteral extends NodeBase {
  type: 'StringLiteral'
  /** The text after escapes. */
  value: string
}

export interface BooleanLiteral extends NodeBase {
  type: 'BooleanLiteral'
  value: boolean
}

export interface NullLiteral extends NodeBase {
  type: 'NullLiteral'
}

export type UnaryOperator = '-' | '!'
export interface UnaryExpression extends NodeBase {
  type: 'UnaryExpression'
  operator: UnaryOperator
  operand: Expression
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'
export type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>='
export type BinaryOperator = ArithmeticOperator | ComparisonOperator
export interface BinaryExpression extends NodeBase {
  type: 'BinaryExpression'
  operator: BinaryOperator
  /** Where the operator stands: run-time errors are reported there. */
  operatorPoint: Point
  left: Expression
  right: Expression
}

export interface LogicalExpression extends NodeBase {
  type: 'LogicalExpression'
  operator: '&&' | '||'
  left: Expression
  right: Expression
}

export interface CallExpression extends NodeBase {
  type: 'CallExpression'
  /** A MemberExpression here makes it a method call. */
  callee: Expression
  arguments: Expression[]
  /** Where the `(` stands: stack traces name it. */
  open: Point
}

/** `X.new(…)` */
export interface NewExpression extends NodeBase {
  type: 'NewExpression'
  callee: Expression
  arguments: Expression[]
  open: Point
}

/** `super(…)` */
export interface SuperExpression extends NodeBase {
  type: 'SuperExpression'
  arguments: Expression[]
  open: Point
}

export interface IndexExpression extends NodeBase {
  type: 'IndexExpression'
  object: Expression
  index: Expression
  /** Where the `[` stands. */
  open: Point
}

export interface MemberExpression extends NodeBase {
  type: 'MemberExpression'
  object: Expression
  property: Identifier
}

export interface ArrayLiteral extends NodeBase {
  type: 'ArrayLiteral'
  elements: Expression[]
}

export interface HashPair extends NodeBase {
  type: 'HashPair'
  key: Expression
  value: Expression
}

export interface HashLiteral extends NodeBase {
  type: 'HashLiteral'
  pairs: HashPair[]
}

export interface IfExpression extends NodeBase {
  type: 'IfExpression'
  test: Expression
  consequent: Block
  /** `else if` nests another IfExpression here. */
  alternate: Block | IfExpression | null
}

export interface FunctionExpression extends NodeBase {
  type: 'FunctionExpression'
  parameters: Identifier[]
  body: Block
}

export type Expression =
  | Identifier
  | InstanceVariable
  | IntegerLiteral
  | FloatLiteral
  | StringLiteral
  | BooleanLiteral
  | NullLiteral
  | UnaryExpression
  | BinaryExpression
  | LogicalExpression
  | CallExpression
  | NewExpression
  | SuperExpression
  | IndexExpression
  | MemberExpression
  | ArrayLiteral
  | HashLiteral
  | IfExpression
  | FunctionExpression

export interface Block extends NodeBase {
  type: 'Block'
  body: Statement[]
}

export interface ExpressionStatement extends NodeBase {
  type: 'ExpressionStatement'
  expression: Expression
}

export type AssignmentTarget = Identifier | InstanceVariable | IndexExpression
export interface AssignmentStatement extends NodeBase {
  type: 'AssignmentStatement'
  target: AssignmentTarget
  value: Expression
}

export interface ReturnStatement extends NodeBase {
  type: 'ReturnStatement'
  argument: Expression | null
}

export interface ThrowStatement extends NodeBase {
  type: 'ThrowStatement'
  argument: Expression
}

export interface BreakStatement extends NodeBase {
  type: 'BreakStatement'
}

export interface ContinueStatement extends NodeBase {
  type: 'ContinueStatement'
}

export interface WhileStatement extends NodeBase {
  type: 'WhileStatement'
  test: Expression
  body: Block
}

export type SimpleStatement = ExpressionStatement | AssignmentStatement
export interface ForStatement extends NodeBase {
  type: 'ForStatement'
  init: SimpleStatement | null
  test: Expression | null
  update: SimpleStatement | null
  body: Block
}

/** `tests` is null for `default`. The body of `case 1: { … }` is one nested Block statement. */
export interface SwitchCase extends NodeBase {
  type: 'SwitchCase'
  tests: Expression[] | null
  body: Statement[]
}

export interface SwitchStatement extends NodeBase {
  type: 'SwitchStatement'
  discriminant: Expression
  cases: SwitchCase[]
}

export interface CatchClause extends NodeBase {
  type: 'CatchClause'
  /** `catch (TypeError e)` names a type, `catch (e)` takes every error. */
  errorType: Identifier | null
  parameter: Identifier
  body: Block
}

export interface TryStatement extends NodeBase {
  type: 'TryStatement'
  block: Block
  handlers: CatchClause[]
  finalizer: Block | null
}

export interface MethodDefinition extends NodeBase {
  type: 'MethodDefinition'
  /** May be named `initialize`. */
  name: Identifier
  function: FunctionExpression
}

export interface ClassDeclaration extends NodeBase {
  type: 'ClassDeclaration'
  name: Identifier
  superclass: Identifier | null
  methods: MethodDefinition[]
}

/** `fn name(…) { … }`, which means `name = fn(…) { … }`. */
export interface FunctionDeclaration extends NodeBase {
  type: 'FunctionDeclaration'
  name: Identifier
  function: FunctionExpression
}

export interface ImportItem extends NodeBase {
  type: 'ImportItem'
  imported: Identifier
  /** The same identifier as `imported` where there is no `as`. */
  local: Identifier
}

export interface ImportStatement extends NodeBase {
  type: 'ImportStatement'
  items: ImportItem[]
  source: StringLiteral
}

export interface ExportStatement extends NodeBase {
  type: 'ExportStatement'
  name: Identifier
  /** `export x` without a value exports the variable as it is. */
  value: Expression | null
}

export type Statement =
  | ExpressionStatement
  | AssignmentStatement
  | ReturnStatement
  | ThrowStatement
  | BreakStatement
  | ContinueStatement
  | WhileStatement
  | ForStatement
  | SwitchStatement
  | TryStatement
  | ClassDeclaration
  | FunctionDeclaration
  | ImportStatement
  | ExportStatement
  | Block

export type Node =
  | Program
  | Statement
  | Expression
  | HashPair
  | SwitchCase
  | CatchClause
  | MethodDefinition
  | ImportItem

/** A source text: kept for excerpts and listings. */
export interface Source {
  file: string
  text: string
  /** SHA-256 of the text, hexadecimal. */
  hash: string
}

/** Which module a place in an import statement of one file means. */
export interface ImportLink {
  /** As written. */
  place: string
  /** Number in `AstDocument.modules`. */
  module: number
}

export interface LoadedModule {
  source: Source
  program: Program
  imports: ImportLink[]
}

/** A module that an import statement names and that cannot be had: executing the import is an error. */
export interface FailedModule {
  file: string
  /** What follows `failed to import module PLACE: `. */
  error: string
}

export type Module = LoadedModule | FailedModule

/** The document `rush-parse` writes: the main program and every module that can be reached from it. */
export interface AstDocument {
  format: 'rush-ast'
  version: 2
  source: Source
  program: Program
  imports: ImportLink[]
  /** In the order in which a walk over the import statements comes to them first. */
  modules: Module[]
}
