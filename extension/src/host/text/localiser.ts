/** The part of `vscode.l10n` that texts need, so that what builds them can be tested without an editor. */
export interface Localiser {
  t(message: string, ...values: (string | number | boolean)[]): string;
}

/** English, as it stands in the code. */
export const english: Localiser = {
  t: (message, ...values) =>
    message.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole)),
};
