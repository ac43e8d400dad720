export function extensionPage(text: string, repository?: string | { readonly url?: string }): string;
