import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

interface ComboboxOption {
  readonly id: number;
  readonly text: string;
  readonly before?: ReactNode;
}

interface ComboboxProps {
  readonly label: string;
  readonly placeholder: string;
  /** In the order of the empty field. The first one is active. */
  readonly options: readonly ComboboxOption[];
  readonly disabled?: boolean;
  readonly onChoose: (id: number) => void;
  readonly onCancel: () => void;
  /** The label of an option that adds the typed text. */
  readonly addLabel?: (text: string) => string;
  readonly onAdd?: (text: string) => void;
}

/**
 * A field that filters the list below it, as VS Code's quick pick. Native, because the toolkit's text field hides its input
 * from `aria-activedescendant`.
 */
export function Combobox(props: ComboboxProps): ReactNode {
  const id = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => input.current?.focus(), []);

  const typed = text.trim();
  const found = matchingOptions(props.options, typed);
  const canAdd =
    props.addLabel !== undefined &&
    typed !== '' &&
    !props.options.some((option) => option.text.toLowerCase() === typed.toLowerCase());
  const count = found.length + (canAdd ? 1 : 0);
  const at = Math.min(active, Math.max(0, count - 1));

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);

  const choose = (place: number): void => {
    const option = found[place];
    if (props.disabled === true) return;
    if (option !== undefined) props.onChoose(option.id);
    else if (canAdd) props.onAdd?.(typed);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setActive(count === 0 ? 0 : (at + 1) % count);
    else if (event.key === 'ArrowUp') setActive(count === 0 ? 0 : (at + count - 1) % count);
    else if (event.key === 'Enter') choose(at);
    else if (event.key === 'Escape') props.onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="ui-combobox">
      <input
        ref={input}
        className="ui-input"
        type="text"
        role="combobox"
        spellCheck={false}
        aria-label={props.label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={count === 0 ? undefined : `${id}-${at}`}
        placeholder={props.placeholder}
        value={text}
        disabled={props.disabled === true}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          if (props.disabled !== true && !event.currentTarget.parentElement?.contains(event.relatedTarget)) {
            props.onCancel();
          }
        }}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={props.label} tabIndex={-1}>
        {found.map((option, place) => (
          <Row key={option.id} id={`${id}-${place}`} active={place === at} onChoose={() => choose(place)}>
            {option.before}
            <span>{option.text}</span>
          </Row>
        ))}
        {canAdd ? (
          <Row id={`${id}-${found.length}`} active={at === found.length} onChoose={() => choose(found.length)}>
            <span>{props.addLabel?.(typed)}</span>
          </Row>
        ) : null}
      </ul>
    </div>
  );
}

/** The options that contain a text: those that start with it, then those with a word that does, then the others. */
export function matchingOptions<Option extends { readonly text: string }>(
  options: readonly Option[],
  typed: string,
): Option[] {
  const wanted = typed.toLowerCase();
  const rank = ({ text }: Option): number => {
    const place = text.toLowerCase().indexOf(wanted);
    if (place <= 0) return place;
    return text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .some((word) => word.startsWith(wanted))
      ? 1
      : 2;
  };
  return options.filter((option) => rank(option) >= 0).toSorted((a, b) => rank(a) - rank(b));
}

interface RowProps {
  readonly id: string;
  readonly active: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

function Row({ id, active, onChoose, children }: RowProps): ReactNode {
  return (
    // The field handles all keys, because it keeps the focus.
    <li
      id={id}
      role="option"
      aria-selected={active}
      className={active ? 'active' : ''}
      onPointerDown={(event) => {
        event.preventDefault();
        onChoose();
      }}
    >
      {children}
    </li>
  );
}
