// @vitest-environment jsdom
import './testing/jsdomGaps.ts';
import { cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { Button, IconButton } from './Button.tsx';
import { Combobox, matchingOptions } from './Combobox.tsx';
import { Dropdown } from './Dropdown.tsx';
import { Link, ProgressBar } from './indicators.tsx';
import { MessageBar } from './MessageBar.tsx';

afterEach(cleanup);

function element(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`There is no ${selector}.`);
  return found;
}

test('a field finds the start of a name first, then the start of a word, then any part', () => {
  const options = ['potted plant', 'wanted', 'teddy bear', 'big ted'].map((text) => ({ text }));
  const found = (typed: string): string[] => matchingOptions(options, typed).map(({ text }) => text);
  expect(found('Ted')).toEqual(['teddy bear', 'big ted', 'potted plant', 'wanted']);
  expect(found('')).toEqual(options.map(({ text }) => text));
  expect(found('x')).toEqual([]);
});

describe('buttons', () => {
  it('act unless they are disabled', () => {
    const onClick = vi.fn<() => void>();
    const { rerender } = render(<Button onClick={onClick}>Go</Button>);
    element('vscode-button').click();
    rerender(
      <Button onClick={onClick} disabled>
        Go
      </Button>,
    );
    element('vscode-button').click();
    expect(onClick).toHaveBeenCalledOnce();
  });

  it('have a name, a key and a state', () => {
    render(<IconButton icon="add" label="Draw" hint="D" pressed onClick={() => undefined} />);
    const button = element('vscode-button');
    expect(button.getAttribute('aria-label')).toBe('Draw');
    expect(button.getAttribute('aria-pressed')).toBe('true');
    expect(button.title).toBe('Draw (D)');
  });
});

describe('fields', () => {
  it('show the chosen value', async () => {
    const options = [
      { value: 'a', label: 'First' },
      { value: 'b', label: 'Second' },
    ];
    render(<Dropdown label="Which" value="b" options={options} onChange={() => undefined} />);
    await vi.waitFor(() => expect(element('vscode-dropdown')).toHaveProperty('value', 'b'));
  });

  it('filter, choose, add and cancel in a list', () => {
    const log: string[] = [];
    render(
      <Combobox
        label="Class"
        placeholder="Type"
        options={[
          { id: 0, text: 'Bolt' },
          { id: 1, text: 'Nut' },
        ]}
        addLabel={(text) => `Add ${text}`}
        onChoose={(id) => log.push(`choose ${id}`)}
        onAdd={(text) => log.push(`add ${text}`)}
        onCancel={() => log.push('cancel')}
      />,
    );
    const input = element('input');
    expect(document.activeElement).toBe(input);
    fireEvent.keyDown(input, { key: 'ArrowDown' });
    fireEvent.keyDown(input, { key: 'Enter' });
    fireEvent.change(input, { target: { value: 'nut' } });
    expect(document.body.textContent).not.toContain('Add nut');
    fireEvent.change(input, { target: { value: 'washer' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    fireEvent.keyDown(input, { key: 'Escape' });
    expect(log).toEqual(['choose 1', 'add washer', 'cancel']);
  });
});

describe('indicators and messages', () => {
  it('show the progress', () => {
    render(<ProgressBar label="Reviewed" value={3} max={12} />);
    expect(element('[role="progressbar"]').getAttribute('aria-valuenow')).toBe('3');
    expect(element('.ui-progress-done').style.width).toBe('25%');
  });

  it('announce errors, but not questions', () => {
    render(<MessageBar kind="error" title="It failed." detail="Try again." />);
    expect(element('[role="alert"]').textContent).toContain('It failed. Try again.');
    cleanup();
    render(<MessageBar kind="question" title="Why?" />);
    expect(document.querySelector('[role="alert"]')).toBeNull();
  });

  it('do not leave the page by a link', () => {
    const onClick = vi.fn<() => void>();
    render(<Link onClick={onClick}>More</Link>);
    const event = new MouseEvent('click', { bubbles: true, cancelable: true });
    element('vscode-link').dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(onClick).toHaveBeenCalledOnce();
  });
});
