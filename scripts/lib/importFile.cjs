// A file of its own, because the oldest versions of Node cannot read `import()`.
'use strict';
const { pathToFileURL } = require('node:url');

module.exports = (path) => import(pathToFileURL(path).href);
