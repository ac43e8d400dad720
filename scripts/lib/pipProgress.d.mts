export function pipProgress(text: string): string;
