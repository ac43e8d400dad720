/** The parts of ONNX Runtime and of the image decoder that one platform ships. */
interface TargetParts {
  readonly onnxRuntime: readonly string[];
  readonly decoder: readonly string[];
}

/**
 * The platforms that a package is made for, by VS Code's names, and what each one ships of ONNX Runtime.
 *
 * Left out on purpose, because scoring runs on the processor: DirectML.dll (18 MB) and the shader compiler of WebGPU
 * (dxcompiler.dll and dxil.dll, 19 MB; without them WebGPU takes the compiler that is part of Windows). On Linux x64 WebGPU is inside
 * libonnxruntime itself. macOS's library comes twice; the binding loads the short name.
 *
 * The image decoder sharp comes twice on Linux. Its native form exports 1,800 symbols of GLib, and so does Electron: inside
 * the desktop VS Code the two mix, which sharp itself warns of, so that WebAssembly decodes there: the same pixels, in
 * twice the time. A remote VS Code, code-server and the command line run in plain Node, where the native form is safe.
 */
export const targets: Readonly<Record<string, TargetParts>> = {
  'linux-x64': {
    onnxRuntime: ['libonnxruntime.so.1'],
    decoder: ['sharp-linux-x64', 'sharp-libvips-linux-x64', 'sharp-wasm32'],
  },
  'linux-arm64': {
    onnxRuntime: ['libonnxruntime.so.1'],
    decoder: ['sharp-linux-arm64', 'sharp-libvips-linux-arm64', 'sharp-wasm32'],
  },
  'win32-x64': { onnxRuntime: ['onnxruntime.dll'], decoder: ['sharp-win32-x64'] },
  'win32-arm64': { onnxRuntime: ['onnxruntime.dll'], decoder: ['sharp-win32-arm64'] },
  'darwin-arm64': {
    onnxRuntime: ['libonnxruntime.1.dylib'],
    decoder: ['sharp-darwin-arm64', 'sharp-libvips-darwin-arm64'],
  },
};

/** The target of the machine that this runs on, as VS Code names it. */
export const hostTarget = `${process.platform}-${process.arch}`;

/** Why there is no package for a target, as sentences; null when there is one. */
export function refusal(target: string): string | null {
  if (Object.hasOwn(targets, target)) return null;
  const known = `Packages are made for ${Object.keys(targets).join(', ')}.`;
  if (target === 'darwin-x64') return `There is no ONNX Runtime for Macs with Intel processors. ${known}`;
  if (target.startsWith('alpine')) return `There is no ONNX Runtime for musl, which Alpine uses. ${known}`;
  return `There is no package for "${target}". ${known}`;
}
