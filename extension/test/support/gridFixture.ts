import { Channel } from '../../src/protocol/channel.ts';
import type { GridCellView, GridFromHost, GridFromWebview, GridQueryView } from '../../src/protocol/grid.ts';
import { GridController } from '../../src/host/panels/grid/gridController.ts';
import { checkGridMessage } from '../../src/host/panels/grid/gridMessages.ts';
import { describeError } from '../../src/host/panels/shell/messageChecks.ts';
import { english } from '../../src/host/text/localiser.ts';
import type { ImageList } from '../../src/workflow/review/imageVerdicts.ts';
import type { ReviewFixture } from './panelFixture.ts';

/** A page that speaks with a controller over the real transport. */
export interface GridPage {
  readonly page: Channel<GridFromHost, GridFromWebview>;
  readonly controller: GridController;
  /** Events of the host: their types and payloads. */
  readonly events: (readonly [type: string, payload: unknown])[];
  /** What the review editor was asked to show. */
  readonly shown: (number | ImageList)[];
  readonly answers: {
    lockReason: string | null;
    /** Whether the user confirms, and what was asked. */
    confirms: boolean;
    readonly questions: string[];
    /** How often the database was changed. */
    changes: number;
  };
  cells(query: Partial<GridQueryView>): Promise<(GridCellView | null)[]>;
}

/** All images by path. */
export const allImages: GridQueryView = {
  source: 'all',
  like: null,
  classId: null,
  verdict: null,
  split: null,
  folder: null,
  order: { kind: 'path' },
  reversed: false,
};

/** As VS Code carries messages: JSON. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export function openGrid({ ports, sessionId }: ReviewFixture, list?: ImageList): GridPage {
  const events: [string, unknown][] = [];
  const shown: (number | ImageList)[] = [];
  const answers: GridPage['answers'] = { lockReason: null, confirms: true, questions: [], changes: 0 };
  const controller = new GridController(
    {
      ports: () => ports,
      thumbnails: {
        pathIfReady: async ({ path }) => (path.endsWith('a.png') ? '/cache/a.webp' : null),
        make: (images, onDone) => {
          for (const [index, { path }] of images.entries()) {
            onDone(index, path.endsWith('b.png') ? null : `/cache/${path.split('/').at(-1) ?? ''}.webp`);
          }
        },
      },
      l10n: english,
      strings: () => ({ Pool: 'Vorrat' }),
      imageUrl: (path) => `shown:${path}`,
      showSample: async (sampleId) => void shown.push(sampleId),
      showImages: async (images) => void shown.push(images),
      now: () => '2026-01-01T00:00:00.000Z',
      lockReason: () => answers.lockReason,
      confirm: async (question) => {
        answers.questions.push(question);
        return answers.confirms;
      },
      withProgress: (_title, work) => work({}),
      databaseChanged: () => void (answers.changes += 1),
      send: (type, payload) => host.send(type, payload),
    },
    { sessionId, list },
  );
  const host: Channel<GridFromWebview, GridFromHost> = new Channel({
    post: (envelope) => page.receive(copy(envelope)),
    handlers: controller.handlers,
    check: checkGridMessage,
    describeError,
  });
  const note =
    (type: string) =>
    (payload: unknown): void =>
      void events.push([type, payload]);
  const page: Channel<GridFromHost, GridFromWebview> = new Channel({
    post: (envelope) => host.receive(copy(envelope)),
    handlers: {
      events: {
        'grid/state': note('grid/state'),
        'grid/show': note('grid/show'),
        'grid/thumbnail': note('grid/thumbnail'),
      },
      requests: {},
    },
    check: (_type, payload) => payload,
    describeError,
  });
  const cells = async (query: Partial<GridQueryView>): Promise<(GridCellView | null)[]> => {
    const { token, total } = await page.request('grid/query', { ...allImages, ...query });
    return [...(await page.request('grid/cells', { token, first: 0, count: Math.max(1, total) }))];
  };
  return { page, controller, events, shown, answers, cells };
}

export const namesOf = (cells: readonly (GridCellView | null)[]): (string | undefined)[] =>
  cells.map((cell) => cell?.name);

export async function newestIteration({ ports, sessionId }: ReviewFixture): Promise<{ readonly id: number }> {
  const iteration = (await ports.store.iterations.list(sessionId)).at(-1);
  if (iteration === undefined) throw new Error('The fixture has an iteration.');
  return iteration;
}

export async function datasetOf({ ports, sessionId }: ReviewFixture): Promise<number> {
  return (await ports.store.sessions.get(sessionId))?.datasetId ?? 0;
}
