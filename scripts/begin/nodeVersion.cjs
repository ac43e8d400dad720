// Ends the process under a Node that is too old. Written so that such a Node can read it.
'use strict';

if (parseInt(process.versions.node, 10) < 20) {
  console.error('This needs Node 20 or newer to start; here is Node ' + process.versions.node + '.');
  console.error('Install a current Node from nodejs.org or your package manager.');
  process.exit(1);
}
