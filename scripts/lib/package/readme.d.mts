export function shippedReadme(text: string): string;
