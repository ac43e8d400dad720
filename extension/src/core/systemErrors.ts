/** What the operating system says when it refuses something: Node's errors of files and programs. */
export interface SystemError extends Error {
  /** Such as `ENOENT`. */
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    'code' in error &&
    typeof error.code === 'string'
  );
}

/** The code of an error of the system, such as `ENOENT`; the empty text for any other. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

type Wording = readonly [message: (path: string) => string, hint: string];

const permissions = 'Check the permissions of the file and of the folders above it.';
const space = 'Free some space, then try again.';

const wordings: Readonly<Record<string, Wording>> = {
  EACCES: [(path) => `You have no permission for ${path}`, permissions],
  EPERM: [(path) => `The system does not allow this with ${path}`, permissions],
  EROFS: [
    (path) => `${path} lies on a drive that cannot be written to`,
    'Choose another place, or make the drive writable.',
  ],
  ENOENT: [(path) => `${path} is not there`, 'Check the path; something may have moved or removed it meanwhile.'],
  ENOTDIR: [(path) => `A part of the path ${path} is a file, not a folder`, 'Check the path, or rename that file.'],
  EISDIR: [(path) => `${path} is a folder, where a file is needed`, 'Check the path, or rename that folder.'],
  EEXIST: [
    (path) => `${path} is there already, and is not what is needed there`,
    'Rename or remove it, then try again.',
  ],
  ENOTEMPTY: [(path) => `The folder ${path} is not empty`, 'Another program may be writing there; try again.'],
  ELOOP: [(path) => `${path} is a link that leads in a circle`, 'Remove the link.'],
  ENAMETOOLONG: [(path) => `The path ${path} is too long for this system`, 'Move the folder to a shorter path.'],
  ENOSPC: [(path) => `The disk is full: ${path} was not written`, space],
  EDQUOT: [(path) => `Your share of the disk is used up: ${path} was not written`, space],
  EMFILE: [
    (path) => `Too many files are open at once for ${path}`,
    'Close other programs, or raise the limit (ulimit -n).',
  ],
  ENFILE: [(path) => `Too many files are open at once for ${path}`, 'Close other programs, then try again.'],
  EBUSY: [(path) => `Another program uses ${path}`, 'Close it, then try again.'],
  EIO: [(path) => `The disk failed at ${path}`, 'Check the disk and its cable, then try again.'],
};

/** A refusal of the system in words: what, where, what to do. */
export function systemErrorReport(error: SystemError): { message: string; hint: string; where?: string } {
  const { code, syscall, path } = error;
  if (syscall.startsWith('spawn')) {
    const program = path ?? syscall.slice('spawn '.length);
    return { message: `The program ${program} could not be started (${code}).`, hint: 'Check that it is installed.' };
  }
  const [message, hint] = wordings[code] ?? [
    (where: string) => `The system refused "${syscall}" for ${where}`,
    'Check the path and the disk, then try again.',
  ];
  const text = `${message(path ?? 'a file')} (${code}).`;
  return path === undefined ? { message: text, hint } : { message: text, hint, where: path };
}
