export function settingsFile(userDataFolder: string): string;
export function seedTestSettings(userDataFolder: string, extra?: Record<string, unknown>): void;
export function seedPersonSettings(userDataFolder: string): void;
