import { startServer, type ServerOptions } from '../../../../scripts/lib/editor/server.ts';
import { openPage } from './page.ts';

export interface HostTestOptions extends ServerOptions {
  extensionFolder: string;
  /** A CommonJS file that exports `run(): Promise<void>`; it runs in the extension host and may require `vscode`. */
  testsBundle: string;
  /** Milliseconds until the run counts as hanging. */
  limit?: number;
}

export interface HostTestResult {
  /** 0 when `run()` resolved, 1 when it rejected. */
  exitCode: number;
  /** What the tests printed with `console`, the message of a rejection included. */
  log: string[];
}

/**
 * Runs tests in VS Code's extension host and returns how they ended.
 * @throws Error with the last output when they never end.
 */
export async function runHostTests(options: HostTestOptions): Promise<HostTestResult> {
  const { limit = 300_000, ...serverOptions } = options;
  const server = await startServer(serverOptions);
  const log: string[] = [];
  try {
    const testPage = await openPage();
    try {
      const exit = new Promise<number>((resolve) => {
        void testPage.page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
      });
      await testPage.page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
        log.push(`[${type}] ${args.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ')}`);
      });
      await testPage.page.goto(server.url, { waitUntil: 'commit' });
      let timer: NodeJS.Timeout | undefined;
      const hanging = new Promise<never>((_resolve, reject) => {
        const complain = (): void =>
          reject(
            new Error(
              `The tests in the extension host did not end in ${limit / 1000} s.\n${log.slice(-30).join('\n')}\n` +
                `Console:\n${testPage.consoleTail(30)}\nServer:\n${server.tail(30)}`,
            ),
          );
        timer = setTimeout(complain, limit);
      });
      const exitCode = await Promise.race([exit, hanging]).finally(() => clearTimeout(timer));
      return { exitCode, log };
    } finally {
      await testPage.close().catch(() => undefined);
    }
  } finally {
    await server.stop();
  }
}
