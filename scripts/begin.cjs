// The first file of every npm script. Any Node can read it and nodeVersion.cjs; what comes after needs Node 20.
// Usage: node scripts/begin.cjs <script> [arguments…]
'use strict';
require('./lib/nodeVersion.cjs');

var path = require('path');

var script = process.argv[2];
if (script === undefined || script === '--help') {
  console.log('Usage: node scripts/begin.cjs <script> [arguments…]. "npm run" lists the commands.');
} else {
  // The script finds its own arguments where it would find them without this file.
  process.argv.splice(1, 2, path.resolve(__dirname, '..', script));
  require('./lib/importFile.cjs')(process.argv[1]);
}
