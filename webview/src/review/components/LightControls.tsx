import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { percent } from '../format.ts';
import { actionKey } from '../hooks/actionKey.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { leastLight, limitLight, mostLight } from '../model/viewOptions.ts';
import { t } from '../strings.ts';

/** A button with sliders for brightness and contrast. Only the display changes, never a label or the image file. */
export function LightControls(): ReactNode {
  const { store, performer } = usePanel();
  const { brightness, contrast } = usePanelState((state) => state.view);
  const [open, setOpen] = useState(false);
  const id = useId();
  const changed = brightness !== 1 || contrast !== 1;
  const closeOnEscape = (event: KeyboardEvent): void => {
    if (!open || event.key !== 'Escape') return;
    event.stopPropagation();
    event.preventDefault();
    setOpen(false);
  };
  return (
    // The keys of the sliders and Escape belong to this group.
    <span className="light" role="group" aria-label={t('Brightness and contrast')} onKeyDown={closeOnEscape}>
      <IconButton
        icon="color-mode"
        label={t('Brightness and contrast')}
        hint={`${actionKey('brighter')}, ${actionKey('more-contrast')}`}
        pressed={open || changed}
        onClick={() => setOpen(!open)}
      />
      {open ? (
        <span className="light-sheet" id={id}>
          <LightSlider
            label={t('Brightness')}
            value={brightness}
            onInput={(value) => store.dispatch({ type: 'view', change: { brightness: value } })}
          />
          <LightSlider
            label={t('Contrast')}
            value={contrast}
            onInput={(value) => store.dispatch({ type: 'view', change: { contrast: value } })}
          />
          <Button className="small" disabled={!changed} onClick={() => performer.perform('reset-light')}>
            {t('Reset')}
          </Button>
        </span>
      ) : null}
    </span>
  );
}

interface LightSliderProps {
  readonly label: string;
  readonly value: number;
  readonly onInput: (value: number) => void;
}

/** The slider is logarithmic: its middle is the image as it is. */
function LightSlider({ label, value, onInput }: LightSliderProps): ReactNode {
  return (
    <label className="light-row">
      <span>{label}</span>
      <Slider
        label={label}
        value={Math.log2(value)}
        min={Math.log2(leastLight)}
        max={Math.log2(mostLight)}
        step={0.1}
        valueText={percent(value)}
        onInput={(power) => onInput(limitLight(2 ** power))}
      />
      <span className="light-value">{percent(value)}</span>
    </label>
  );
}
