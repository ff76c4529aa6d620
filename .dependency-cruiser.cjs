/** Imports go one way only: core <- runtime <- engine <- {workers, cli}; the page sees only core and worker types. */
const within = (path) => ({ path });
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/**
 * The floors of core, lowest first: a folder may import those before it, so no two can form a circle.
 * `recipe` and `report` share one floor: a report holds its recipe, and the plan of a recipe holds the report
 * that its file will carry, to be exact to the byte.
 */
const FLOORS = [
  'errors',
  'random',
  'allocation',
  'tensor',
  'kernels',
  'linalg',
  'onnx',
  'adapters',
  'encodings',
  'anatomy',
  'ablation',
  'companions',
  'text',
  'data',
  'cache',
  'cuts',
  'folds',
  'stream',
  'autodiff',
  'training',
  'statistics',
  'metrics',
  'methods',
  '(recipe|report)',
  'search',
  'snippets',
];

const NOT_OF_THE_CODE = '\\.test\\.ts$|/testing\\.ts$';

const floorRules = FLOORS.map((floor, at) =>
  rule(
    `core-floor-${floor.replace(/\W+/g, '-').replace(/^-|-$/g, '')}`,
    'Folders of core stand on the ones below them (FLOORS, in .dependency-cruiser.cjs).',
    { path: `^src/core/${floor}/`, pathNot: NOT_OF_THE_CODE },
    { path: '^src/core/[^/]+/', pathNot: `^src/core/(${FLOORS.slice(0, at + 1).join('|')})/` },
  ),
);

module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle means two files are one idea.', {}, { circular: true }),
    rule(
      'core-is-pure',
      'core imports nothing above it and no host library.',
      { path: '^src/core', pathNot: '\\.test\\.ts$' },
      {
        path: '^(src/(runtime|engine|studio|cli)|workers|test|node_modules/(onnxruntime|react|comlink|@tanstack|zustand))',
      },
    ),
    rule(
      'core-no-node',
      'core runs in a page too.',
      { path: '^src/core', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    ...floorRules,
    rule(
      'core-floor-missing',
      'Every folder of core has its floor: add the new one to FLOORS.',
      { path: '^src/core/[^/]+/', pathNot: `^src/core/(${FLOORS.join('|')})/` },
      {},
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
