export const markName: string;
export function ownProcesses(pid: number, mark: string): number[];
export function endProcesses(pid: number, mark: string): Promise<void>;
export function isAlive(pid: number): boolean;
export function killProcesses(pid: number, mark: string): void;
