import type { Ports } from '../../src/workflow/ports/ports.ts';

/**
 * A folder that may be written, as far as commands look at it.
 * @param FolderContext the class, which a test can only load after it has replaced VS Code.
 */
export function fakeFolder(FolderContext: { readonly prototype: object }, ports: Ports): unknown {
  const own = { stranger: null, browseOnly: false, isReadOnly: false, ports };
  const properties = Object.entries(own).map(([name, value]) => [name, { value }]);
  return Object.create(FolderContext.prototype, Object.fromEntries(properties));
}
