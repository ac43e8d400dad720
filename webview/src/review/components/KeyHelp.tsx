import { type ReactNode, useEffect, useRef } from 'react';
import type { ReviewString } from '../../../../extension/src/protocol/reviewStrings.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Key } from '../../ui/indicators.tsx';
import { isMac } from '../hooks/actionKey.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { actions, type ActionEntry, type PanelAction } from '../model/actions.ts';
import { keyLabel } from '../model/keys.ts';
import { t } from '../strings.ts';

const groups: readonly { readonly id: ActionEntry['group']; readonly title: ReviewString }[] = [
  { id: 'verdict', title: 'Verdicts' },
  { id: 'boxes', title: 'Boxes' },
  { id: 'view', title: 'View' },
];

/** Groups of keys. */
const families: readonly (readonly [string, ReviewString])[] = [
  ['1 … 9, 0', 'Change to the class with that number'],
  ['E, then ← ↑ → ↓', 'Move the box by a pixel'],
  ['Shift+← …', 'Move the box by ten pixels'],
  ['Alt+← …', 'Move the right or bottom edge'],
  ['Alt+Shift+← …', 'Move the left or top edge'],
  ['Tab', 'Next box, on the image'],
  ['G', 'Hold and point to see the best hidden prediction; a click keeps it'],
  ['Space', 'Hold and drag to move the image'],
];

/** All default keys of the review. */
export function KeyHelp(): ReactNode {
  const open = usePanelState((state) => state.prompt === 'keys');
  return open ? <OpenHelp /> : null;
}

function OpenHelp(): ReactNode {
  const { performer, requests } = usePanel();
  const sheet = useRef<HTMLElement>(null);
  const before = useRef(document.activeElement);
  useEffect(() => {
    sheet.current?.focus();
    const element = before.current;
    return () => {
      if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    };
  }, []);
  const names = Object.keys(actions) as PanelAction[];
  return (
    <section ref={sheet} className="key-help review-controls" aria-label={t('Keyboard help')} tabIndex={-1}>
      <div className="key-help-head">
        <h2>{t('Keyboard help')}</h2>
        <span className="grow" />
        <Button icon="record-keys" onClick={() => void requests.changeKeys()}>
          {t('Change keys…')}
        </Button>
        <IconButton icon="close" label={t('Close')} hint="Esc" onClick={() => performer.perform('show-keys')} />
      </div>
      <p className="muted">
        {t('These are the default keys. Changes in the Keyboard Shortcuts editor of VS Code are not shown here.')}
      </p>
      <div className="key-help-groups">
        {groups.map((group) => (
          <div key={group.id}>
            <h3>{t(group.title)}</h3>
            <dl>
              {names
                .filter((name) => actions[name].group === group.id)
                .map((name) => (
                  <div key={name}>
                    <dt>
                      {actions[name].keys.map((key) => (
                        <Key key={key}>{keyLabel(key, isMac)}</Key>
                      ))}
                    </dt>
                    <dd>{t(actions[name].title)}</dd>
                  </div>
                ))}
              {group.id === 'boxes'
                ? families.map(([key, title]) => (
                    <div key={key}>
                      <dt>
                        <Key>{key}</Key>
                      </dt>
                      <dd>{t(title)}</dd>
                    </div>
                  ))
                : null}
            </dl>
          </div>
        ))}
      </div>
    </section>
  );
}
