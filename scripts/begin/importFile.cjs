// A separate file, because the oldest versions of Node cannot read `import()`.
'use strict';
const { pathToFileURL } = require('node:url');

module.exports = (path) =>
  import(pathToFileURL(path).href).catch((error) => {
    // A full disk or a read-only folder is no fault of the code: its path and reason are enough.
    console.error(error.syscall === undefined ? error : error.message);
    process.exit(1);
  });
