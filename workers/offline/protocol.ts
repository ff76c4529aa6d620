/** Asked of the service worker by each page: keep everything, and say when it is all there. */
export interface OfflineQuestion {
  /** Address of the script that started the page: tells its version. */
  readonly entry: string;
  /** Whether this browser will ever ask for the WebGPU runtime. */
  readonly webgpu: boolean;
}

export interface OfflineAnswer {
  readonly ready: boolean;
}
