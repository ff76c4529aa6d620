import type { Value } from '../core/tensor/values.ts';
import { fromOrtTensor } from './ort-values.ts';
import type { OrtTensor } from './ort.ts';
import type { DeviceValue } from './types.ts';

/** {@link DeviceValue} over a tensor of onnxruntime; on CPU devices it is plain memory. */
export class OrtDeviceValue implements DeviceValue {
  constructor(
    private readonly name: string,
    readonly tensor: OrtTensor,
  ) {}

  read(): Promise<Value> {
    return fromOrtTensor(this.name, this.tensor, false);
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
