import type { RunEvent } from '../../workflow/ports/trainer.ts';

/** The events of a training as text: time and message. Omits the progress within an epoch. */
export function runOutputText(events: readonly RunEvent[]): string {
  return events
    .flatMap((event) => {
      const line = lineOf(event);
      return line === null ? [] : [`${event.time.slice(0, 19).replace('T', ' ')}  ${line}\n`];
    })
    .join('');
}

function lineOf(event: RunEvent): string | null {
  switch (event.kind) {
    case 'started':
      return `Started on ${event.device}, ${event.epochs} epochs${event.resumedAt === undefined ? '' : `, from epoch ${event.resumedAt}`}`;
    case 'epoch':
      return `Epoch ${event.epoch}/${event.epochs}  ${numbers(event.losses, 4)}  ${event.seconds.toFixed(1)} s`;
    case 'metrics':
      return `Validation after epoch ${event.epoch}  ${numbers(event.values, 3)}`;
    case 'log':
      return event.message;
    case 'warning':
      return `Warning: ${event.message}`;
    case 'finished':
      return event.status === 'finished' ? 'Finished' : 'Cancelled';
    case 'failed':
      return `Failed: ${event.error.message} ${event.error.hint}`.trim();
    case 'batch':
      return null;
  }
}

function numbers(values: Readonly<Record<string, number>>, digits: number): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(digits)}`)
    .join('  ');
}
