import { allMetas } from '../../../../src/core/methods/catalog.ts';
import type { Lab, Run } from '../../numbers/lab.ts';
import { testFiles, testsPass } from '../../numbers/tests.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { PRODUCTS } from '../variants.ts';

/** Vectors of reference implementations, by the name of their files. */
const VECTORS = [
  ...['exactclip', 'octav', 'optrtn', 'hqq', 'oscar', 'awq', 'gptq', 'gar', 'qronos', 'signround'],
  ...['lsq', 'nf4', 'mxfp4', 'ternary', 'greedy', 'kmeans', 'lqer', 'eora', 'smoothquant'],
];

/** How far KL of a file and of its decoded weights may lie apart. */
const APART = 1e-3;

/** Steps are few: what is looked at is the file, not how good it is. */
const SHORT = { steps: 10 };

const method = 'gptq';
/** Ways to store a grid beside each method's usual one. */
const STORED: readonly (readonly [string, object])[] = [
  ...[2, 3, 5, 6, 8].map((bits) => [`gptq, ${bits} bits`, { method, options: { bits } }] as const),
  ['gptq, 4 bits, scales in 6', asymmetric(4, '6 bits', 'packed')],
  ['gptq, 3 bits, scales in 4', asymmetric(3, '4 bits', 'packed')],
  ['gptq, 2 bits, half codes', asymmetric(2, '8 bits', 'half codes')],
];

function asymmetric(bits: number, scales: string, zeros: string): object {
  return { method, options: { bits, blockSize: 16, symmetric: false, clip: 'mse', scales, zeros } };
}

export const files: Line = {
  number: 1,
  claim:
    'Goldens by their pass rules; the forecast equals the bytes; each file runs in plain onnxruntime-node and -web; KL of the file = KL of the decoded weights to 1e-3',
  checks: async function* (lab) {
    for (const vector of VECTORS) {
      const found = testFiles(['src/core'], new RegExp(`golden[\\s\\S]*\\b(A_)?${vector}`, 'i'));
      if (found.length > 0) yield await testsPass(`vectors of ${vector}`, found);
    }
    for (const [title, step] of [...ownForms(), ...STORED]) {
      yield await sameAsDecoded(lab, title, { target: PRODUCTS, ...step });
    }
  },
};

/** Every method that stores numbers otherwise, as its form proposes it. */
function ownForms(): readonly (readonly [string, object])[] {
  const metas = allMetas().filter(
    (meta) =>
      meta.family === 'quantization' && meta.baseline !== undefined && meta.suffix !== undefined,
  );
  return metas.map(({ id, options }) => {
    const own = Object.hasOwn(options.shape, 'steps') ? SHORT : {};
    return [id, { method: id, options: own }];
  });
}

function sameAsDecoded(lab: Lab, title: string, step: object): Promise<Check> {
  return attempt(`stories, ${title}: size as forecast, both runtimes, KL as decoded`, async () => {
    const run = await lab.run('stories', [step]);
    const { after, forecastBytes } = run.report;
    const rounds = await roundsInputs(lab, run);
    const same = rounds ? await sameOnWeb(lab, run) : await equalOnWeb(lab, run);
    const decoded = rounds ? undefined : await decodedRun(lab, step);
    const apart = decoded && Math.abs(klOf(run) - klOf(decoded));
    const found = [
      `${after.bytes} bytes (forecast ${forecastBytes})`,
      `KL ${shown(run.report.evaluation?.compressed.kl)}`,
      apart === undefined
        ? 'rounds inputs, so its decoded weights compute something else'
        : `decoded ${apart.toExponential(1)} away`,
      same.found,
    ];
    const holds =
      after.bytes === forecastBytes && same.holds && (apart === undefined || apart <= APART);
    return { found: found.join('; '), holds };
  });
}

/** Within what rounding of sums explains. */
async function equalOnWeb(lab: Lab, run: Run): Promise<Omit<Check, 'what'>> {
  const { maxAbsDiff, equal } = await lab.parity('stories', run);
  return { found: `web − node ≤ ${maxAbsDiff.toExponential(1)}`, holds: equal };
}

/** An input that lies between two codes may fall to either side: then what comes out is compared as a whole. */
async function sameOnWeb(lab: Lab, run: Run): Promise<Omit<Check, 'what'>> {
  const web = await lab.klOnWeb('stories', run);
  const apart = Math.abs(web.value - klOf(run));
  return { found: `KL on the web ${shown(web)}`, holds: apart <= APART };
}

/** With its weights decoded again. */
function decodedRun(lab: Lab, step: object): Promise<Run> {
  return lab.run('stories', [step, { method: 'dequantize' }]);
}

/** Rounded inputs are part of what the file computes, and no part of its weights. */
async function roundsInputs(lab: Lab, run: Run): Promise<boolean> {
  const { graph } = await lab.written(run);
  return graph.nodes.some(({ opType }) => /QuantizeLinear$/.test(opType) && !/^De/.test(opType));
}

function klOf({ report }: Run): number {
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return kl.value;
}
