/** Imports go one way only: core <- runtime <- engine <- {workers, cli}; the page sees only core and worker types. */
const within = (path) => ({ path });
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle means two files are one idea.', {}, { circular: true }),
    rule(
      'core-is-pure',
      'core imports nothing above it and no host library.',
      { path: '^src/core', pathNot: '\\.test\\.ts$' },
      {
        path: '^(src/(runtime|engine|studio|cli)|workers|test|node_modules/(onnxruntime|react|comlink|@tanstack|zustand|recharts))',
      },
    ),
    rule(
      'core-no-node',
      'core runs in a page too.',
      { path: '^src/core', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'runtime-down',
      'runtime may use core only.',
      { path: '^src/runtime', pathNot: '\\.test\\.ts$' },
      within('^(src/(engine|studio|cli)|workers)'),
    ),
    rule(
      'engine-down',
      'engine may use runtime and core only.',
      { path: '^src/engine', pathNot: '\\.test\\.ts$' },
      within('^(src/(studio|cli)|workers)'),
    ),
    rule(
      'studio-through-workers',
      'The page reaches the engine only through worker proxies.',
      { path: '^src/studio', pathNot: '\\.test\\.tsx?$' },
      {
        path: '^(src/(runtime|engine|cli)|workers/(?!protocol\\.ts|errors\\.ts|thread-link\\.ts|.*\\.worker\\.ts))',
      },
    ),
    rule(
      'cli-no-page',
      'The command line has no page.',
      within('^src/cli'),
      within('^(src/studio|workers)'),
    ),
    rule(
      'one-place-for-ort',
      'onnxruntime is imported in src/runtime only (and by tests that check files from outside).',
      { path: '^(src|workers)', pathNot: '(^src/runtime|\\.test\\.ts$)' },
      within('node_modules/onnxruntime'),
    ),
    rule(
      'no-bare-ort',
      "The default import of onnxruntime-web (JSEP) gives wrong numbers on quantized operators: use '/wasm' or '/webgpu'.",
      {},
      within('node_modules/onnxruntime-web/(dist/ort(\\.all)?(\\.bundle)?(\\.min)?\\.m?js)$'),
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
