// The first file of every npm script. Any Node can read it and nodeVersion.cjs; what comes after needs Node 20.
// Usage: node scripts/begin.cjs <script> [arguments…]
'use strict';
require('./begin/nodeVersion.cjs');
require('./begin/importFile.cjs')(require('path').join(__dirname, 'begin', 'begin.mjs'));
