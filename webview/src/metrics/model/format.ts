let known: { readonly language: string; readonly formats: Map<string, Intl.NumberFormat> } | null = null;

/** A rate (0 to 1), such as mAP, with three decimals. */
export function formatRate(value: number): string {
  return format(value, 'rate', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
}

/** A loss, with enough decimals to distinguish two epochs. */
export function formatLoss(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return format(value, 'tiny', { maximumSignificantDigits: 3 });
  const decimals = size >= 100 ? 1 : 3;
  return format(value, `loss${decimals}`, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A whole number. */
export function formatCount(value: number): string {
  return format(value, 'count', { maximumFractionDigits: 0 });
}

/** Minutes, with one decimal below 100. */
export function formatMinutes(value: number): string {
  return format(value, value < 100 ? 'minutes' : 'count', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

/** The label of a tick, with the decimals of its step. */
export function formatTick(value: number, step: number): string {
  const whole = (decimals: number): boolean =>
    Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6;
  const decimals = step > 0 ? ([0, 1, 2, 3, 4].find(whole) ?? 5) : 0;
  return format(value, `tick${decimals}`, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Formats a number in the language of the page, or in the browser's language if that is unknown. */
function format(value: number, name: string, options: Intl.NumberFormatOptions): string {
  const language = typeof document === 'undefined' ? 'en' : document.documentElement.lang;
  if (known?.language !== language) known = { language, formats: new Map() };
  let writer = known.formats.get(name);
  if (writer === undefined) {
    writer = new Intl.NumberFormat(supported(language), options);
    known.formats.set(name, writer);
  }
  return writer.format(value);
}

function supported(language: string): string | undefined {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language)[0];
  } catch {
    return undefined;
  }
}
