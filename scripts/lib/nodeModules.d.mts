export function areInstalled(folder: string): boolean;
