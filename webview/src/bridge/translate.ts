let translations: Readonly<Record<string, string>> = {};

/** Takes the texts of the user's language, by English text; what is missing stays English. */
export function setTranslations(strings: Readonly<Record<string, string>>): void {
  translations = strings;
}

/** The text in the user's language, with `{0}`, `{1}`, … replaced. Pages wrap it in a `t` that knows their texts. */
export function translate(text: string, ...values: readonly (string | number)[]): string {
  const pattern = Object.hasOwn(translations, text) ? (translations[text] ?? text) : text;
  return pattern.replaceAll(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}
