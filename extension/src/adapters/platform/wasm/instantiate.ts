const PAGE = 65_536;

/** The used part of WebAssembly, which Node's types lack. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Wasm {
  readonly Memory: new (descriptor: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
}
const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly?: Wasm };

export interface WasmInstance<Name extends string> {
  /** The exported functions, which take 32-bit numbers. */
  readonly call: Readonly<Record<Name, (...numbers: number[]) => void>>;
  /**
   * The shared memory, grown to at least `bytes`. Growing detaches earlier views.
   * @throws RangeError if there is not enough memory.
   */
  memory(bytes: number): ArrayBuffer;
}

/**
 * Loads a module that imports the memory `host.memory` and exports functions.
 * @param base64 the compiled module.
 * @returns null if the machine lacks the instructions of the module.
 */
export function instantiate<Name extends string>(base64: string): WasmInstance<Name> | null {
  const bytes = Buffer.from(base64, 'base64');
  if (wasm === undefined || !wasm.validate(bytes)) return null;
  const memory = new wasm.Memory({ initial: 1 });
  const { exports } = new wasm.Instance(new wasm.Module(bytes), { host: { memory } });
  return {
    call: exports as WasmInstance<Name>['call'],
    memory: (wanted) => {
      const missing = wanted - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      return memory.buffer;
    },
  };
}
