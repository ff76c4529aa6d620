const EPSILON = 2 ** -53;
const MOST_STEPS = 100;

/** D + ρ·z·zᵀ: D ascending and distinct, ρ > 0, no z_i zero. */
export interface RankOne {
  readonly d: Float64Array;
  readonly z: Float64Array;
  readonly rho: number;
}

/** An eigenvalue as the pole it lies next to and how far from it: λ = d[origin] + τ, to full relative accuracy of τ. */
export interface Root {
  readonly origin: number;
  readonly tau: number;
}

/**
 * Eigenvalue j of D + ρzzᵀ: the root of 1 + ρ·Σ z_i²/(d_i − λ) between d_j and d_{j+1} (beyond d_j for the last), by rational
 * interpolation at both poles (Li 1993, "the middle way"; LAPACK's dlaed4), bisecting where that leaves the bracket.
 */
export function secularRoot(problem: RankOne, j: number): Root {
  const { d, z, rho } = problem;
  const k = d.length;
  if (k === 1) return { origin: 0, tau: rho * z[0] * z[0] };
  if (j === k - 1) {
    const most = rho * z.reduce((sum, value) => sum + value * value, 0);
    return { origin: j, tau: iterate(problem, j, { origin: j, low: 0, high: most }, most / 2) };
  }
  const gap = d[j + 1] - d[j];
  const middle = evaluate(problem, j, j, gap / 2);
  const left = middle.f > 0;
  const origin = left ? j : j + 1;
  const bracket = left ? { origin, low: 0, high: gap / 2 } : { origin, low: -gap / 2, high: 0 };
  return { origin, tau: iterate(problem, j, bracket, firstGuess(problem, j, left, middle.f)) };
}

interface Bracket {
  readonly origin: number;
  readonly low: number;
  readonly high: number;
}

/** The root with all poles but the two neighbours replaced by what they give in the middle. */
function firstGuess({ d, z, rho }: RankOne, j: number, left: boolean, middle: number): number {
  const gap = d[j + 1] - d[j];
  const [own, next] = [rho * z[j] * z[j], rho * z[j + 1] * z[j + 1]];
  const c = middle + (2 * (own - next)) / gap;
  const a = (left ? c : -c) * gap + own + next;
  const b = left ? own * gap : -next * gap;
  return smallerRoot(a, b, c);
}

/** η of cη² − aη + b = 0 that is next to zero when b is. */
function smallerRoot(a: number, b: number, c: number): number {
  const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
  return a > 0 ? (2 * b) / (a + root) : (a - root) / (2 * c);
}

interface Evaluated {
  readonly f: number;
  /** Derivatives of the parts with poles up to j, and beyond. */
  readonly psi: number;
  readonly phi: number;
  /** How far rounding may have moved f. */
  readonly noise: number;
}

function evaluate({ d, z, rho }: RankOne, j: number, origin: number, tau: number): Evaluated {
  const base = d[origin];
  let [sum, size, psi, phi] = [0, 0, 0, 0];
  for (let i = 0; i < d.length; i++) {
    const ratio = z[i] / (d[i] - base - tau);
    const term = z[i] * ratio;
    sum += term;
    size += Math.abs(term);
    if (i <= j) psi += ratio * ratio;
    else phi += ratio * ratio;
  }
  const noise = EPSILON * (8 * (1 + rho * size) + Math.abs(tau) * rho * (psi + phi));
  return { f: 1 + rho * sum, psi: rho * psi, phi: rho * phi, noise };
}

function iterate(problem: RankOne, j: number, bracket: Bracket, guess: number): number {
  let { low, high } = bracket;
  let tau = guess > low && guess < high ? guess : (low + high) / 2;
  for (let step = 0; step < MOST_STEPS; step++) {
    const at = evaluate(problem, poleBefore(problem, j), bracket.origin, tau);
    if (Math.abs(at.f) <= at.noise) return tau;
    if (at.f < 0) low = tau;
    else high = tau;
    const next = tau + correction(problem, j, bracket.origin, tau, at);
    const inside = next > low && next < high && next !== tau;
    // A step that stays on one side for long is replaced by halving now and then.
    const wanted = inside && step % 8 !== 7 ? next : (low + high) / 2;
    if (wanted === low || wanted === high) return tau;
    tau = wanted;
  }
  return tau;
}

/** The last root lies beyond all poles: its two are the last two. */
function poleBefore({ d }: RankOne, j: number): number {
  return Math.min(j, d.length - 2);
}

function correction(
  problem: RankOne,
  j: number,
  origin: number,
  tau: number,
  { f, psi, phi }: Evaluated,
): number {
  const { d } = problem;
  const pole = poleBefore(problem, j);
  const before = d[pole] - d[origin] - tau;
  const after = d[pole + 1] - d[origin] - tau;
  const c = f - before * psi - after * phi;
  const a = (before + after) * f - before * after * (psi + phi);
  const b = before * after * f;
  if (j !== d.length - 1) return smallerRoot(a, b, c);
  const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
  const step = a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root);
  return f * step > 0 ? -f / (psi + phi) : step;
}
