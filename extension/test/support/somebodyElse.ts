import { join } from 'node:path';

/** Does something as another user of another machine, who has a record of their own in a folder below `home`. */
export async function asSomebodyElse<Result>(home: string, work: () => Promise<Result>): Promise<Result> {
  const ours = process.env['AL_USER_FOLDER'];
  process.env['AL_USER_FOLDER'] = join(home, 'their record');
  try {
    return await work();
  } finally {
    process.env['AL_USER_FOLDER'] = ours;
  }
}
