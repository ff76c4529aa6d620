/** What the build says about itself: addresses are relative to where the page is served. */
export interface OfflineList {
  /** Changes with any byte of the page. */
  readonly version: string;
  /** Kept before the page may be called available: code, styles, the page itself (''). */
  readonly shell: readonly string[];
  /** Kept afterwards, one by one: samples and the runtime. */
  readonly later: readonly string[];
  /** Of these, what only a browser with WebGPU ever asks for. */
  readonly webgpuOnly: readonly string[];
  /** Security headers, for hosts that cannot send them. */
  readonly headers: Readonly<Record<string, string>>;
}
