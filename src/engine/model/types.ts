import type { ByteSource } from '../../core/onnx/types.ts';
import type { Task } from './tasks/types.ts';

export interface FolderFile {
  /** Relative, `/`-separated. */
  readonly path: string;
  readonly source: ByteSource;
}

/** A model with its company in Hugging Face layout, or a lone `.onnx` file. */
export interface ModelFolder {
  readonly name: string;
  /** `sample:stories`, `hf:org/repo@rev`, a URL or `file`. */
  readonly origin: string;
  readonly files: readonly FolderFile[];
  /** Path of the model file, where it was chosen by itself. */
  readonly model?: string;
  /** What the model is for, where that was said rather than told from it. */
  readonly task?: Task;
}
