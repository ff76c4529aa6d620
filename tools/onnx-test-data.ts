import { existsSync } from 'node:fs';
import { installDebianPackage } from './debian-package.ts';

/** Where Debian's libonnx-testdata puts the ONNX project's operator cases (in `node/`) and models. */
export const ONNX_TEST_DATA = '/usr/share/libonnx-testdata/data';

export function hasOnnxTestData(): boolean {
  return existsSync(ONNX_TEST_DATA);
}

export const ONNX_TEST_DATA_MISSING =
  "The ONNX project's operator cases were not found, so the tests over all of them are skipped and those over the cases in test/fixtures remain. Install them (Debian and Ubuntu: apt-get install libonnx-testdata), then run the tests again.";

/** On Debian as root, installs the operator cases when they are missing; elsewhere the sentence that says what to do. */
export function ensureOnnxTestData(): string | undefined {
  if (!hasOnnxTestData()) installDebianPackage('libonnx-testdata');
  return hasOnnxTestData() ? undefined : ONNX_TEST_DATA_MISSING;
}
