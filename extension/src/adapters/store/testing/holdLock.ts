import Database from 'better-sqlite3';

/** A process that holds the database until it is killed: `node holdLock.ts <database> <BEGIN statement>`. */
const [, , databasePath, statement] = process.argv;
if (databasePath === undefined || statement === undefined) throw new Error('usage: holdLock.ts <database> <statement>');
const database = new Database(databasePath);
database.exec(statement);
console.log('locked');
// Keep a reference, so that the garbage collector does not close the database.
setInterval(() => database.open, 1000);
