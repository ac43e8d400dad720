export function extensionIdentity(folder: string): { id: string; version: string };
export function linkExtension(extensionFolder: string, extensionsFolder: string): { id: string; folder: string };
