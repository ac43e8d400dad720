/** Every text of the extension and its pages, by its English wording, sorted. */
export function l10nBundle(): Promise<Record<string, string>>;
