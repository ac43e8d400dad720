/** What a `when` clause compares: a key alone, or with a value or a pattern. */
const term = /^(!?)([\w:.]+)(?:\s*(==|!=|=~)\s*(.+))?$/;

/**
 * Whether a `when` clause holds: keys that are joined by `&&`, each alone, negated, or compared with `==`, `!=` or `=~`.
 * @throws Error for anything else that VS Code understands.
 */
export function holds(clause: string, keys: ReadonlyMap<string, unknown>): boolean {
  return clause.split('&&').every((part) => {
    const [, not, key = '', operator, operand = ''] = term.exec(part.trim()) ?? [];
    if (key === '') throw new Error(`This clause is not understood: ${part}`);
    const value = keys.get(key);
    if (operator === undefined) return Boolean(value) !== (not === '!');
    if (operator === '=~') return new RegExp(operand.slice(1, operand.lastIndexOf('/'))).test(String(value ?? ''));
    return (String(value ?? '') === operand.replace(/^'|'$/g, '')) === (operator === '==');
  });
}
