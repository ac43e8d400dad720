import {
  Channel,
  type ChannelOptions,
  type MessageContract,
  type Handlers,
} from '../../../extension/src/protocol/channel.ts';
import type { HostContext } from './hostContext.ts';
import { describeFailure } from './request.ts';
import { watchHost } from './watchHost.ts';

/**
 * Opens the page's end of the transport.
 * @param check validates messages from the host by type. A message is dropped if it throws.
 * @param onLost receives whether the host is lost.
 * @returns the channel and a function that closes it.
 */
export function connect<FromHost extends MessageContract, FromPage extends MessageContract>(
  host: HostContext,
  handlers: Handlers<FromHost>,
  check: ChannelOptions<FromHost>['check'],
  onLost: (lost: boolean) => void = () => {},
): { readonly channel: Channel<FromHost, FromPage>; readonly close: () => void } {
  const channel = new Channel<FromHost, FromPage>({
    post: (envelope) => host.post(envelope),
    handlers,
    check,
    describeError: describeFailure,
  });
  const stop = host.subscribe((message) => {
    try {
      channel.receive(message);
    } catch (error) {
      // For the developer tools of the page. The page keeps its state.
      console.error(error);
    }
  });
  const stopWatching = watchHost(() => channel.ping(), onLost);
  return {
    channel,
    close: () => {
      stop();
      stopWatching();
      channel.close({ code: 'closed', message: 'The panel was closed.', hint: 'Open it again.' });
    },
  };
}
