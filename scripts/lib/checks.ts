import { join } from 'node:path';
import { node, python, root, tool } from '../begin/paths.mjs';

/** A static check. */
export type Check = readonly [title: string, command: string, args: readonly string[]];

export function checks(): Check[] {
  return [
    ['Types: everything', tool('tsc'), ['-p', 'tsconfig.json']],
    ['Types: webview', tool('tsc'), ['-p', 'webview/tsconfig.json']],
    ['Types: core without Node', tool('tsc'), ['-p', 'extension/src/core/tsconfig.json']],
    ['Lint: TypeScript', tool('oxlint'), []],
    ['Unused code', tool('knip'), ['--no-progress']],
    ['Format: TypeScript', tool('oxfmt'), ['--check', '.']],
    ['Plain English', node, [join(root, 'scripts', 'prose.ts')]],
    ['Lint: Python', python, ['-m', 'ruff', 'check', 'trainer']],
    ['Format: Python', python, ['-m', 'ruff', 'format', '--check', 'trainer']],
    [
      'Types: Python',
      python,
      ['-m', 'mypy', '--config-file', join(root, 'trainer', 'pyproject.toml'), 'trainer/al_trainer'],
    ],
  ];
}
