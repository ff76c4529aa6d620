import { LatheError } from '../errors/lathe-error.ts';
import type { PlannedLine } from '../methods/contract.ts';
import type { BuildReport, LayerReport } from '../report/types.ts';
import type { Plan } from './plan-types.ts';

/** What a run measured about one layer of one step. */
export interface MeasuredLayer {
  /** Index into `recipe.steps`. */
  readonly step: number;
  /** `layer.name`. */
  readonly name: string;
  readonly relativeError: number;
  readonly baselineRelativeError?: number;
  readonly errorKind: LayerReport['errorKind'];
  readonly warnings?: readonly string[];
}

/** What a build report needs beside the plan. */
export interface BuildFacts {
  /** "lathe 0.1.0" */
  readonly tool: string;
  readonly inputSha256: string;
  readonly calibrationSha256?: string;
  readonly layers: readonly MeasuredLayer[];
}

type Draft = Omit<Plan, 'problems' | 'model' | 'anatomy' | 'bytes' | 'layers' | 'stages'>;

/**
 * The build report of a finished run: the plan's layers, sizes and skipped layers with the measured
 * errors put in, so that the report takes exactly the bytes that were forecast.
 * Throws `report-incomplete` when a planned layer was not measured.
 */
export function buildReport(plan: Plan, facts: BuildFacts): BuildReport {
  const measured = new Map(facts.layers.map((layer) => [`${layer.step} ${layer.name}`, layer]));
  return assemble(plan, facts, (step, name) => {
    const found = measured.get(`${step} ${name}`);
    if (found !== undefined) return found;
    throw new LatheError(
      'report-incomplete',
      `The run has no result for "${name}" in step ${step + 1}, although it was planned; run the recipe again.`,
    );
  });
}

/** The same report before anything ran: right size, no numbers. */
export function plannedReport(draft: Draft): BuildReport {
  const facts = { tool: '', inputSha256: '' };
  return assemble(draft, facts, () => ({ relativeError: 0, errorKind: 'weight' }));
}

type Measured = Pick<
  MeasuredLayer,
  'relativeError' | 'baselineRelativeError' | 'errorKind' | 'warnings'
>;

function assemble(
  plan: Draft,
  { tool, inputSha256, calibrationSha256 }: Omit<BuildFacts, 'layers'>,
  measured: (step: number, name: string) => Measured,
): BuildReport {
  return {
    version: 1,
    tool,
    inputSha256,
    ...(calibrationSha256 !== undefined && { calibrationSha256 }),
    recipe: plan.recipe,
    before: plan.before,
    after: plan.after,
    coverage: plan.coverage,
    layers: plan.steps.flatMap(({ index, step, lines }) =>
      lines.filter(isMeasured).map(({ layer, bytesBefore, bytesAfter }): LayerReport => {
        const { relativeError, baselineRelativeError, errorKind, warnings } = measured(
          index,
          layer.name,
        );
        return {
          name: layer.name,
          method: step.method,
          options: step.options,
          relativeError,
          ...(baselineRelativeError !== undefined && { baselineRelativeError }),
          errorKind,
          bytesBefore,
          bytesAfter,
          ...(warnings !== undefined && warnings.length > 0 && { warnings }),
        };
      }),
    ),
  };
}

/** Training measures its loss, not an error layer by layer. */
function isMeasured({ encoded }: PlannedLine): boolean {
  return encoded !== undefined;
}
