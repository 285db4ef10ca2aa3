/**
 * Statements (core.md sections 2 and 3). After a mistake parsing goes on with the next statement.
 */
import type {
  AssignmentTarget,
  Block,
  CatchClause,
  ClassDeclaration,
  ExportStatement,
  Expression,
  ForStatement,
  FunctionDeclaration,
  Identifier,
  ImportItem,
  ImportStatement,
  MethodDefinition,
  Point,
  Program,
  ReturnStatement,
  SimpleStatement,
  Statement,
  StringLiteral,
  SwitchCase,
  SwitchStatement,
  ThrowStatement,
  TryStatement,
  WhileStatement,
} from './ast.js'
import { ExpressionParser } from './parse-expressions.js'
import { ParsingStopped, SYNTAX_FAILURE } from './token-reader.js'
import { describeToken, reservedWord, type TokenKind } from './tokens.js'

const AT_END: ReadonlySet<TokenKind> = new Set<TokenKind>(['end of file'])
const AT_BRACE: ReadonlySet<TokenKind> = new Set<TokenKind>(['}', 'end of file'])
const AT_CLAUSE: ReadonlySet<TokenKind> = new Set<TokenKind>(['case', 'default', '}', 'end of file'])

/** What a `return` without a value may stand before, besides a newline. */
const AFTER_EMPTY_RETURN: ReadonlySet<TokenKind> = new Set<TokenKind>([
  ';',
  '}',
  'case',
  'default',
  'end of file',
])

/** Words that only go on with a statement begun before. */
const MISPLACED: ReadonlyMap<TokenKind, string> = new Map<TokenKind, string>([
  ['else', "'else' without 'if'"],
  ['catch', "'catch' without 'try'"],
  ['finally', "'finally' without 'try'"],
  ['case', "'case' outside of 'switch'"],
  ['default', "'default' outside of 'switch'"],
  ['from', "'from' outside of 'import'"],
  ['as', "'as' outside of 'import'"],
])

/** Why an expression cannot be assigned to. */
const TARGET_MISTAKES: Partial<Record<Expression['type'], string>> = {
  CallExpression: 'the result of a call',
  NewExpression: 'the result of a call',
  SuperExpression: 'the result of a call',
  MemberExpression: 'a member (instance variables are set by methods: @name = ...)',
  BinaryExpression: 'the result of an operator',
  LogicalExpression: 'the result of an operator',
  UnaryExpression: 'the result of an operator',
  IntegerLiteral: 'a number',
  FloatLiteral: 'a number',
  StringLiteral: 'a string',
}

export class StatementParser extends ExpressionParser {
  parseProgram(): Program {
    const start: Point = { line: 1, column: 1, offset: 0 }
    const body: Statement[] = []
    try {
      this.parseStatements(body, AT_END)
    } catch (error) {
      if (!(error instanceof ParsingStopped)) throw error
    }
    const { end } = this.tokenAt(this.tokens.length)
    return { type: 'Program', body, position: { start, end } }
  }

  /** Reads statements into `body` up to a token of the kinds in `until`. */
  private parseStatements(body: Statement[], until: ReadonlySet<TokenKind>): void {
    const level = this.open.length
    const { forHead } = this
    for (;;) {
      while (this.accept(';'));
      if (until.has(this.token.kind)) return
      const { index } = this
      try {
        body.push(this.parseStatement())
      } catch (error) {
        if (error !== SYNTAX_FAILURE) throw error
        this.forHead = forHead
        this.synchronize(index, level)
        // A closing brace that belongs to nothing would keep the loop from moving on.
        if (this.index === index && !until.has(this.token.kind)) this.advance()
      }
    }
  }

  protected override parseBlock(): Block {
    const { start } = this.openBracket('{')
    const body: Statement[] = []
    this.parseStatements(body, AT_BRACE)
    this.closeBracket()
    return { type: 'Block', body, position: this.from(start) }
  }

  private parseStatement(): Statement {
    const { kind, start } = this.token
    switch (kind) {
      case 'return':
        return this.parseReturn()
      case 'throw':
        return this.parseThrow()
      case 'break':
        this.advance()
        return { type: 'BreakStatement', position: this.from(start) }
      case 'continue':
        this.advance()
        return { type: 'ContinueStatement', position: this.from(start) }
      case 'while':
        return this.parseWhile()
      case 'for':
        return this.parseFor()
      case 'switch':
        return this.parseSwitch()
      case 'try':
        return this.parseTry()
      case 'class':
        return this.parseClass()
      case 'import':
        return this.parseImport()
      case 'export':
        return this.parseExport()
      case 'fn':
        return this.atFunctionName() ? this.parseFunctionDeclaration() : this.parseSimple()
      case 'if':
        return this.parseIfStatement()
      case '{':
        return this.atHashLiteral() ? this.parseSimple() : this.parseBlock()
      default:
        this.rejectMisplaced()
        return this.parseSimple()
    }
  }

  /** Reports tokens that cannot begin a statement, in words that fit. */
  private rejectMisplaced(): void {
    const { token } = this
    const mistake = MISPLACED.get(token.kind)
    if (mistake !== undefined) this.fail(token.start, mistake)
    if (token.kind === ')' || token.kind === ']' || token.kind === '}') {
      // What a broken statement left behind is no mistake of its own.
      if (this.hasErrors) throw SYNTAX_FAILURE
      this.fail(token.start, `unexpected '${token.kind}': no bracket is open here`)
    }
  }

  /** A `{` at the start of a statement opens a hash literal before `}` or an expression and `:`. */
  private atHashLiteral(): boolean {
    return this.token.opensHash || this.next.kind === '}'
  }

  private atFunctionName(): boolean {
    const { kind, newlines } = this.next
    return newlines === 0 && (kind === 'identifier' || reservedWord(kind) !== undefined)
  }

  /** An expression or an assignment. */
  private parseSimple(): SimpleStatement {
    const { start } = this.token
    return this.finishSimple(this.parseExpression(), start)
  }

  /** Ends at the last `}` when a newline follows; on the same line the expression goes on. */
  private parseIfStatement(): SimpleStatement {
    const { start } = this.token
    const node = this.parseIf()
    if (this.token.newlines > 0) {
      return { type: 'ExpressionStatement', expression: node, position: this.from(start) }
    }
    return this.finishSimple(this.parseOperators(this.parsePostfix(node, start), start), start)
  }

  private finishSimple(expression: Expression, start: Point): SimpleStatement {
    if (!this.at('=') || !this.onSameLine) {
      return { type: 'ExpressionStatement', expression, position: this.from(start) }
    }
    const target = this.assignmentTarget(expression, start)
    this.advance()
    const value = this.parseValue()
    return { type: 'AssignmentStatement', target, value, position: this.from(start) }
  }

  private assignmentTarget(expression: Expression, start: Point): AssignmentTarget {
    const { type, position } = expression
    if (type === 'Identifier' || type === 'InstanceVariable' || type === 'IndexExpression') {
      // A parenthesised expression has no node of its own but reaches further than its node.
      const bare = position.start.offset === start.offset && position.end.offset === this.lastEnd.offset
      if (bare) return expression as AssignmentTarget
      this.fail(start, 'cannot assign to an expression in parentheses')
    }
    this.fail(start, `cannot assign to ${TARGET_MISTAKES[type] ?? 'this expression'}`)
  }

  /** The right side of an assignment, which is not an assignment itself. */
  private parseValue(): Expression {
    const value = this.parseExpression()
    if (this.at('=') && this.onSameLine) {
      this.fail(
        this.token.start,
        "unexpected '=': an assignment has no value, so assignments cannot be chained",
      )
    }
    return value
  }

  private parseReturn(): ReturnStatement {
    const { start } = this.advance()
    const empty = this.token.newlines > 0 || AFTER_EMPTY_RETURN.has(this.token.kind)
    const argument = empty ? null : this.parseExpression()
    return { type: 'ReturnStatement', argument, position: this.from(start) }
  }

  private parseThrow(): ThrowStatement {
    const { start } = this.advance()
    if (this.token.newlines > 0 || this.at('end of file')) {
      this.fail(start, "expected an expression after 'throw' on the same line")
    }
    const argument = this.parseExpression()
    return { type: 'ThrowStatement', argument, position: this.from(start) }
  }

  private parseWhile(): WhileStatement {
    const { start } = this.advance()
    const test = this.parseCondition("after 'while'")
    const body = this.parseBlock()
    return { type: 'WhileStatement', test, body, position: this.from(start) }
  }

  private parseFor(): ForStatement {
    const { start } = this.advance()
    if (!this.at('(') || this.token.newlines > 0) this.failExpecting("'(' after 'for'")
    const { forHead } = this
    this.forHead = this.openBracket('(')
    const init = this.at(';') ? null : this.parseSimple()
    this.expect(';', ' (for (init; condition; update) { ... })')
    const test = this.at(';') ? null : this.parseExpression()
    this.expect(';', ' (for (init; condition; update) { ... })')
    const update = this.at(')') ? null : this.parseSimple()
    this.closeBracket()
    this.forHead = forHead
    const body = this.parseBlock()
    return { type: 'ForStatement', init, test, update, body, position: this.from(start) }
  }

  private parseSwitch(): SwitchStatement {
    const { start } = this.advance()
    const discriminant = this.parseCondition("after 'switch'")
    const cases: SwitchCase[] = []
    this.openBracket('{')
    while (this.at('case') || this.at('default')) {
      if (this.at('default') && cases.some((clause) => clause.tests === null)) {
        this.report(this.token.start, "a 'switch' has only one 'default'")
      }
      cases.push(this.parseCase())
    }
    this.closeBracket("'case', 'default' or ")
    return { type: 'SwitchStatement', discriminant, cases, position: this.from(start) }
  }

  private parseCase(): SwitchCase {
    const { kind, start } = this.advance()
    let tests: Expression[] | null = null
    if (kind === 'case') {
      tests = []
      do tests.push(this.parseExpression())
      while (this.onSameLine && this.accept(','))
    }
    if (!this.at(':') || !this.onSameLine) this.failExpecting(kind === 'case' ? "',' or ':'" : "':'")
    const { end: colon } = this.advance()
    const body: Statement[] = []
    this.parseStatements(body, AT_CLAUSE)
    const end = body[body.length - 1]?.position.end ?? colon
    return { type: 'SwitchCase', tests, body, position: { start, end } }
  }

  private parseTry(): TryStatement {
    const { start } = this.advance()
    const block = this.parseBlock()
    const handlers: CatchClause[] = []
    while (this.at('catch')) handlers.push(this.parseCatch())
    const finalizer = this.accept('finally') ? this.parseBlock() : null
    if (handlers.length === 0 && finalizer === null) {
      this.fail(start, "'try' needs a 'catch' or a 'finally'")
    }
    return { type: 'TryStatement', block, handlers, finalizer, position: this.from(start) }
  }

  private parseCatch(): CatchClause {
    const { start } = this.advance()
    if (!this.at('(') || this.token.newlines > 0) this.failExpecting("'(' after 'catch'")
    this.openBracket('(')
    let errorType: Identifier | null = null
    let parameter = this.expectName('a variable name')
    if (!this.at(')')) {
      errorType = parameter
      parameter = this.expectName("')' or a variable name")
    }
    this.closeBracket()
    const body = this.parseBlock()
    return { type: 'CatchClause', errorType, parameter, body, position: this.from(start) }
  }

  private parseClass(): ClassDeclaration {
    const { start } = this.advance()
    const name = this.expectName('a class name')
    const superclass = this.accept('<') ? this.expectName('a superclass name') : null
    this.openBracket('{')
    const methods: MethodDefinition[] = []
    const level = this.open.length
    while (!this.at('}') && !this.at('end of file')) {
      if (this.accept(';')) continue
      const { index } = this
      try {
        methods.push(this.parseMethod())
      } catch (error) {
        if (error !== SYNTAX_FAILURE) throw error
        this.synchronize(index, level)
      }
    }
    this.closeBracket()
    return { type: 'ClassDeclaration', name, superclass, methods, position: this.from(start) }
  }

  private parseMethod(): MethodDefinition {
    const { kind, start } = this.token
    if (kind !== 'fn') {
      const found = describeToken(this.token)
      this.fail(start, `a class body holds only methods: expected 'fn' but found ${found}`)
    }
    this.advance()
    const name = this.at('initialize') ? this.identifierAtCursor() : this.expectName('a method name')
    const method = this.parseFunctionRest(start)
    return { type: 'MethodDefinition', name, function: method, position: this.from(start) }
  }

  private parseFunctionDeclaration(): FunctionDeclaration {
    const { start } = this.advance()
    const name = this.expectName('a function name')
    const declared = this.parseFunctionRest(start)
    return { type: 'FunctionDeclaration', name, function: declared, position: this.from(start) }
  }

  private parseImport(): ImportStatement {
    const { start } = this.advance()
    const items: ImportItem[] = []
    this.openBracket('{')
    while (this.at('identifier')) {
      items.push(this.parseImportItem())
      if (!this.accept(',')) break
    }
    this.closeBracket(items.length === 0 ? 'a name or ' : "',' or ")
    this.expect('from', ' (import { names } from "place")')
    const { kind, start: sourceStart, end } = this.token
    if (kind !== 'string') this.failExpecting('the place of the module as a string')
    const value = String(this.advance().value)
    const source: StringLiteral = { type: 'StringLiteral', value, position: { start: sourceStart, end } }
    return { type: 'ImportStatement', items, source, position: this.from(start) }
  }

  private parseImportItem(): ImportItem {
    const imported = this.expectName('a name')
    const local = this.accept('as') ? this.expectName('a name') : imported
    return { type: 'ImportItem', imported, local, position: this.from(imported.position.start) }
  }

  private parseExport(): ExportStatement {
    const { start } = this.advance()
    if (!this.at('identifier') || this.token.newlines > 0) this.failExpecting("a name after 'export'")
    const name = this.identifierAtCursor()
    let value: Expression | null = null
    if (this.at('=') && this.token.newlines === 0) {
      this.advance()
      value = this.parseValue()
    }
    return { type: 'ExportStatement', name, value, position: this.from(start) }
  }
}
