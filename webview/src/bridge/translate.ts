type Values = readonly (string | number)[];

let translations: Readonly<Record<string, string>> = {};

/** Sets the texts of the user's language, by English text. Missing ones stay English. */
export function setTranslations(strings: Readonly<Record<string, string>>): void {
  translations = strings;
}

/** The text in the user's language, with `{0}`, `{1}`, … replaced by the values. */
export function translate(text: string, ...values: Values): string {
  const pattern = Object.hasOwn(translations, text) ? (translations[text] ?? text) : text;
  return pattern.replaceAll(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

/** `translate` that accepts only the texts of a page. */
export function translator<Text extends string>(): {
  readonly t: (text: Text, ...values: Values) => string;
  /** The text for a count of one, or the text for all other counts, which is `{0}`. */
  readonly plural: (count: number, one: Text, many: Text) => string;
} {
  return {
    t: translate,
    plural: (count, one, many) => translate(count === 1 ? one : many, count),
  };
}
