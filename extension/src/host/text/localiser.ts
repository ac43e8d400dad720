/** The part of `vscode.l10n` that texts need, so that they can be tested without VS Code. */
export interface Localiser {
  t(message: string, ...values: (string | number | boolean)[]): string;
}

/** Returns the English texts in the code. */
export const english: Localiser = {
  t: (message, ...values) =>
    message.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole)),
};
