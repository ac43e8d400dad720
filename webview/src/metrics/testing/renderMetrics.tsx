import '../../ui/testing/jsdomGaps.ts';
import { act, cleanup, render } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import type { MetricsFromHost, MetricsFromWebview, MetricsState } from '../../../../extension/src/protocol/metrics.ts';
import { MemoryHost } from '../../bridge/memoryHost.ts';
import { setTranslations } from '../../bridge/translate.ts';
import { MetricsApp } from '../MetricsApp.tsx';
import { MetricsPanel } from '../panel/metricsPanel.ts';

export interface Opened {
  readonly panel: MetricsPanel;
  readonly host: MemoryHost<MetricsFromWebview, MetricsFromHost>;
  /** The requests of the page after `metrics/ready`. */
  readonly asked: (string | { readonly runId: string })[];
  /** The answer of the host. Throw to simulate a failure. */
  answer: (runId: string) => MetricsState;
  exportModel: () => void;
  push(state: MetricsState): Promise<void>;
  click(name: string): Promise<void>;
  text(): string;
}

export function useCleanPage(): void {
  afterEach(() => {
    cleanup();
    setTranslations({});
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

/** Opens the page with a host in memory. jsdom has no ResizeObserver, so no chart is drawn. */
export async function openMetrics(
  state: MetricsState,
  options: {
    readonly saved?: unknown;
    readonly strings?: Readonly<Record<string, string>>;
    readonly failFirst?: Error;
  } = {},
): Promise<Opened> {
  const asked: Opened['asked'] = [];
  let fail = options.failFirst;
  const host = new MemoryHost<MetricsFromWebview, MetricsFromHost>(
    {
      events: {},
      requests: {
        'metrics/ready': async () => {
          const error = fail;
          fail = undefined;
          if (error) throw error;
          return { strings: options.strings ?? {}, state };
        },
        'metrics/open-run': async ({ runId }) => {
          asked.push({ runId });
          return opened.answer(runId);
        },
        'metrics/export-model': async () => {
          asked.push('export');
          opened.exportModel();
          return null;
        },
      },
    },
    options.saved,
  );
  const panel = new MetricsPanel(host.context);
  const opened: Opened = {
    host,
    panel,
    asked,
    answer: () => state,
    exportModel: () => undefined,
    push: async (next) => {
      host.channel.send('metrics/state', next);
      await settle();
    },
    click: async (name) => {
      act(() => control(name).click());
      await settle();
    },
    text: () => document.body.textContent ?? '',
  };
  render(<MetricsApp panel={panel} />);
  await settle();
  return opened;
}

/** A button, link or radio button by its label or text. */
export function control(name: string): HTMLElement {
  for (const one of document.querySelectorAll<HTMLElement>('vscode-button, button, input, vscode-link')) {
    const text = one instanceof HTMLInputElement ? one.parentElement?.textContent : one.textContent;
    if ((one.getAttribute('aria-label') ?? text?.trim()) === name) return one;
  }
  throw new Error(`There is no ${name}.`);
}

/** Waits until all requests are answered and shown. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
}
