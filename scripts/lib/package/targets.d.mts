export const targets: Readonly<
  Record<string, { readonly onnxRuntime: readonly string[]; readonly decoder: readonly string[] }>
>;
export const hostTarget: string;
export function refusal(target: string): string | null;
