import { afterEach, describe, expect, it } from 'vitest';
import { type MessageContract, RequestFailed } from '../../../extension/src/protocol/channel.ts';
import { connect } from './connect.ts';
import { MemoryHost } from './memoryHost.ts';
import { describeFailure } from './request.ts';
import { setTranslations, translate } from './translate.ts';

interface FromPage extends MessageContract {
  readonly events: Record<string, never>;
  readonly requests: { readonly double: { readonly payload: { readonly value: number }; readonly reply: number } };
}
interface FromHost extends MessageContract {
  readonly events: { readonly hello: string };
  readonly requests: Record<string, never>;
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function pair(answer: (value: number) => number) {
  const host = new MemoryHost<FromPage, FromHost>({
    events: {},
    requests: { double: async ({ value }) => answer(value) },
  });
  const heard: string[] = [];
  const page = connect<FromHost, FromPage>(
    host.context,
    { events: { hello: (text) => void heard.push(text) }, requests: {} },
    (_type, payload) => payload,
  );
  return { host, heard, ...page };
}

describe('the bridge', () => {
  it('carries requests, answers and events', async () => {
    const { host, heard, channel } = pair((value) => value * 2);
    expect(await channel.request('double', { value: 21 })).toBe(42);
    host.channel.send('hello', 'there');
    await tick();
    expect(heard).toEqual(['there']);
  });

  it('carries failures with their hint', async () => {
    const { channel } = pair(() => {
      throw new RequestFailed({ code: 'busy', message: 'It is busy.', hint: 'Wait.' });
    });
    const error: unknown = await channel.request('double', { value: 1 }).catch((reason: unknown) => reason);
    expect(describeFailure(error)).toEqual({ code: 'busy', message: 'It is busy.', hint: 'Wait.' });
  });

  it('ignores messages after it was closed, and rejects open requests', async () => {
    const { host, heard, channel, close } = pair((value) => value);
    const open = channel.request('double', { value: 1 });
    close();
    host.channel.send('hello', 'there');
    await expect(open).rejects.toThrow('The panel was closed.');
    await tick();
    expect(heard).toEqual([]);
  });

  it('keeps a copy of the state', () => {
    const { host } = pair((value) => value);
    const state = { place: 1 };
    host.context.setState(state);
    state.place = 2;
    expect(host.context.getState()).toEqual({ place: 1 });
  });
});

describe('translations', () => {
  afterEach(() => setTranslations({}));

  it('insert values at the places of the language', () => {
    setTranslations({ '{0} of {1}': 'von {1} das {0}.' });
    expect(translate('{0} of {1}', 3, 7)).toBe('von 7 das 3.');
  });

  it('stay English if there is none, and keep placeholders without a value', () => {
    expect(translate('{0} of {1}', 3)).toBe('3 of {1}');
    expect(translate('toString')).toBe('toString');
  });
});
