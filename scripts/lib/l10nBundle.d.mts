/** Every text of the extension and its pages, by its English wording, sorted. */
export function l10nBundle(): Promise<Record<string, string>>;

/** The texts of session settings. */
export function settingTexts(table?: object): Promise<readonly string[]>;
