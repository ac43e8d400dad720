export function withLock<Result>(lock: string, what: string, work: () => Promise<Result>): Promise<Result>;
