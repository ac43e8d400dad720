import type { CSSProperties, ReactNode } from 'react';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value for screen readers, such as "25%". */
  readonly valueText: string;
  readonly onInput: (value: number) => void;
  readonly disabled?: boolean;
}

/** A native slider in theme colours. The toolkit has none. */
export function Slider(props: SliderProps): ReactNode {
  const share = (props.value - props.min) / (props.max - props.min);
  return (
    <input
      type="range"
      className="ui-slider"
      aria-label={props.label}
      aria-valuetext={props.valueText}
      title={`${props.label}: ${props.valueText}`}
      min={props.min}
      max={props.max}
      step={props.step}
      value={props.value}
      disabled={props.disabled === true}
      style={{ '--share': `${(share * 100).toFixed(2)}%` } as CSSProperties}
      onChange={(event) => props.onInput(event.currentTarget.valueAsNumber)}
    />
  );
}
