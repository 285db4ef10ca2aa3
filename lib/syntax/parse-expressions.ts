/**
 * Expressions (core.md sections 3 and 4). Operators, postfix forms and `else if` are read in loops;
 * the parser recurses only into brackets, whose nesting is limited.
 */
import type {
  BinaryOperator,
  Block,
  Expression,
  FunctionExpression,
  HashPair,
  Identifier,
  IfExpression,
  Point,
  UnaryOperator,
} from './ast.js'
import { TokenReader } from './token-reader.js'
import { BINARY_LEVELS, describeToken, type Token, type TokenKind } from './tokens.js'

/** Reserved words that begin a statement without a value. */
const STATEMENT_WORDS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'for',
  'while',
  'return',
  'import',
  'export',
  'try',
  'throw',
  'class',
  'break',
  'continue',
  'switch',
])

export abstract class ExpressionParser extends TokenReader {
  protected abstract parseBlock(): Block

  protected parseExpression(): Expression {
    const { start } = this.token
    return this.parseOperators(this.parseOperand(), start)
  }

  /**
   * Reads the operators and operands that follow `first`, which began at `start` (a parenthesised
   * operand begins before its node). Operands and pending operators wait on two stacks.
   */
  protected parseOperators(first: Expression, start: Point): Expression {
    if (this.operatorLevel() === 0) return first
    const operands = [first]
    const starts = [start]
    const operators: Token[] = []
    for (;;) {
      const level = this.operatorLevel()
      while (operators.length > 0) {
        const pending = operators[operators.length - 1] as Token
        if ((BINARY_LEVELS.get(pending.kind) ?? 0) < level) break
        operators.pop()
        starts.pop()
        const right = operands.pop() as Expression
        const left = operands.pop() as Expression
        operands.push(this.operation(pending, left, right, starts[starts.length - 1] as Point))
      }
      if (level === 0) return operands[0] as Expression
      operators.push(this.advance())
      starts.push(this.token.start)
      operands.push(this.parseOperand())
    }
  }

  /** The level of the operator at the cursor if it continues the expression, otherwise 0. */
  private operatorLevel(): number {
    const { kind, newlines } = this.token
    // After a blank or comment line a leading `-` begins a new statement or element.
    if (kind === '-' && newlines > 1 && !this.insideForHead) return 0
    return BINARY_LEVELS.get(kind) ?? 0
  }

  private operation(operator: Token, left: Expression, right: Expression, start: Point): Expression {
    const position = this.from(start)
    const { kind } = operator
    if (kind === '&&' || kind === '||') {
      return { type: 'LogicalExpression', operator: kind, left, right, position }
    }
    return {
      type: 'BinaryExpression',
      operator: kind as BinaryOperator,
      operatorPoint: operator.start,
      left,
      right,
      position,
    }
  }

  /** Prefix operators and the operand behind them. */
  private parseOperand(): Expression {
    const { kind, start } = this.token
    if (kind !== '-' && kind !== '!') return this.parsePostfix(this.parsePrimary(), start)
    const prefixes: Token[] = []
    while (this.at('-') || this.at('!')) prefixes.push(this.advance())
    const { start: operandStart } = this.token
    let operand = this.parsePostfix(this.parsePrimary(), operandStart)
    for (const prefix of prefixes.reverse()) {
      const operator = prefix.kind as UnaryOperator
      operand = { type: 'UnaryExpression', operator, operand, position: this.from(prefix.start) }
    }
    return operand
  }

  /** Reads the calls, indexes and members that follow `first`, which began at `start`. */
  protected parsePostfix(first: Expression, start: Point): Expression {
    let node = first
    for (;;) {
      const { kind, newlines, start: open } = this.token
      if (kind === '(' && newlines === 0) {
        const values = this.parseElements('(')
        node = { type: 'CallExpression', callee: node, arguments: values, open, position: this.from(start) }
      } else if (kind === '[' && newlines === 0) {
        this.openBracket('[')
        const index = this.parseExpression()
        this.closeBracket()
        node = { type: 'IndexExpression', object: node, index, open, position: this.from(start) }
      } else if (kind === '.') {
        node = this.parseMember(node, start)
      } else return node
    }
  }

  private parseMember(object: Expression, start: Point): Expression {
    this.advance()
    if (this.token.newlines > 0) this.fail(this.lastEnd, "expected a member name behind '.' on the same line")
    const property = this.expectName('a member name')
    const { kind, newlines, start: open } = this.token
    if (property.name === 'new' && kind === '(' && newlines === 0) {
      const values = this.parseElements('(')
      return { type: 'NewExpression', callee: object, arguments: values, open, position: this.from(start) }
    }
    return { type: 'MemberExpression', object, property, position: this.from(start) }
  }

  private parsePrimary(): Expression {
    const { kind, start, end } = this.token
    const position = { start, end }
    switch (kind) {
      case 'identifier':
        return this.identifierAtCursor()
      case 'instance variable':
        return { type: 'InstanceVariable', name: this.advance().text, position }
      case 'integer': {
        const { text, value } = this.advance()
        if (String(value) === text) return { type: 'IntegerLiteral', value, position }
        return { type: 'IntegerLiteral', value, raw: text, position }
      }
      case 'float': {
        const { text, value: parsed } = this.advance()
        const value = Number(parsed)
        if (String(value) === text) return { type: 'FloatLiteral', value, position }
        return { type: 'FloatLiteral', value, raw: text, position }
      }
      case 'string':
        return { type: 'StringLiteral', value: String(this.advance().value), position }
      case 'true':
      case 'false':
        this.advance()
        return { type: 'BooleanLiteral', value: kind === 'true', position }
      case 'null':
        this.advance()
        return { type: 'NullLiteral', position }
      case '(': {
        this.openBracket('(')
        const inner = this.parseExpression()
        this.closeBracket()
        return inner
      }
      case '[':
        return { type: 'ArrayLiteral', elements: this.parseElements('['), position: this.from(start) }
      case '{':
        return { type: 'HashLiteral', pairs: this.parsePairs(), position: this.from(start) }
      case 'if':
        return this.parseIf()
      case 'fn':
        return this.parseFunctionExpression()
      case 'super':
        return this.parseSuper()
      default:
        return this.failOperand()
    }
  }

  private failOperand(): never {
    const { token, tokens, index } = this
    if (STATEMENT_WORDS.has(token.kind)) {
      this.fail(token.start, `'${token.kind}' is a statement and cannot stand inside an expression`)
    }
    const before = tokens[index - 1]
    const doubled = before === undefined ? '' : before.kind + token.kind
    const touching = before !== undefined && before.end.offset === token.start.offset
    if (touching && /^([-+*/%]=|\+\+|\*\*)$/.test(doubled)) {
      this.fail(before.start, `there is no operator '${doubled}'`)
    }
    if (token.kind === '=') {
      this.fail(token.start, "expected an expression but found '='")
    }
    if (token.kind === 'end of file' && this.open.length > 0) this.failUnclosed('an expression')
    // The operand is missing at the end of an earlier line than the token that shows it.
    const note =
      before !== undefined && BINARY_LEVELS.has(before.kind) && this.errorPoint.line > before.end.line
        ? ` (after '${before.kind}' in line ${before.end.line})`
        : ''
    this.fail(this.errorPoint, `expected an expression but found ${describeToken(token)}${note}`)
  }

  private parseSuper(): Expression {
    const { start } = this.advance()
    const { start: open } = this.token
    if (this.at('.')) this.fail(open, 'only super(...) exists; it calls the method of the same name')
    if (!this.at('(') || this.token.newlines > 0) this.failExpecting("'(' directly after 'super'")
    const values = this.parseElements('(')
    return { type: 'SuperExpression', arguments: values, open, position: this.from(start) }
  }

  /** Arguments or array elements with their brackets. */
  private parseElements(kind: '(' | '['): Expression[] {
    const elements: Expression[] = []
    const closing = kind === '(' ? ')' : ']'
    this.openBracket(kind)
    while (!this.at(closing)) {
      elements.push(this.parseExpression())
      if (!this.passSeparator(closing)) break
    }
    this.closeBracket("',' or ")
    return elements
  }

  /** The pairs of a hash literal with its braces. */
  private parsePairs(): HashPair[] {
    const pairs: HashPair[] = []
    this.openBracket('{')
    while (!this.at('}')) {
      const { start } = this.token
      const key = this.parseExpression()
      if (!this.at(':') || !this.onSameLine) this.failUnclosed("':' after the key of a hash literal")
      this.advance()
      const value = this.parseExpression()
      pairs.push({ type: 'HashPair', key, value, position: this.from(start) })
      if (!this.passSeparator('}')) break
    }
    this.closeBracket("',' or ")
    return pairs
  }

  /** Passes one comma and any `;`; whether there was one of these or a newline, and an element follows. */
  private passSeparator(closing: TokenKind): boolean {
    let separated = this.token.newlines > 0
    let comma = false
    while (this.at(';') || (this.at(',') && !comma)) {
      if (this.advance().kind === ',') comma = true
      separated = true
    }
    return (separated || this.token.newlines > 0) && !this.at(closing) && !this.at('end of file')
  }

  protected parseIf(): IfExpression {
    const branches: { start: Point; test: Expression; consequent: Block }[] = []
    let last: Block | null = null
    for (;;) {
      const { start } = this.expect('if')
      const test = this.parseCondition("after 'if'")
      branches.push({ start, test, consequent: this.parseBlock() })
      if (!this.accept('else')) break
      if (this.at('if')) continue
      if (!this.at('{')) this.failExpecting("'{' or 'if' after 'else'")
      last = this.parseBlock()
      break
    }
    let alternate: Block | IfExpression | null = last
    for (const { start, test, consequent } of branches.reverse()) {
      alternate = { type: 'IfExpression', test, consequent, alternate, position: this.from(start) }
    }
    return alternate as IfExpression
  }

  /** An expression in its required parentheses. */
  protected parseCondition(role: string): Expression {
    if (!this.at('(') || this.token.newlines > 0) this.failExpecting(`'(' ${role}`)
    this.openBracket('(')
    const test = this.parseExpression()
    this.closeBracket()
    return test
  }

  private parseFunctionExpression(): FunctionExpression {
    const { start } = this.advance()
    if (this.at('identifier')) {
      this.fail(this.token.start, 'a function inside an expression has no name: write fn(...) { ... }')
    }
    return this.parseFunctionRest(start)
  }

  /** Parameters and body of the function whose `fn` began at `start`. */
  protected parseFunctionRest(start: Point): FunctionExpression {
    if (!this.at('(') || this.token.newlines > 0) this.failExpecting("'('")
    const parameters: Identifier[] = []
    this.openBracket('(')
    if (!this.at(')')) {
      do parameters.push(this.expectName('a parameter name'))
      while (this.accept(','))
    }
    this.closeBracket("',' or ")
    const body = this.parseBlock()
    return { type: 'FunctionExpression', parameters, body, position: this.from(start) }
  }
}
