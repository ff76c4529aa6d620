import { describe, expect, it } from 'vitest';
import { buildMini, MINI, miniNorm } from '../../../test/fixtures/layouts/mini.ts';
import type { MiniParts } from '../../../test/fixtures/layouts/mini.ts';
import { rolesOf, expectMini, SEPARATE, runs } from '../../../test/support/mini-anatomy.ts';
import { recognise } from './recognise.ts';

describe('ways to write the same parts', () => {
  it('recognises the small decoder', async () => {
    const model = buildMini();
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(anatomy.normPlacement).toBe('pre');
    expect(anatomy.positions).toBe('none');
    expect(anatomy.tiedHead).toBe(false);
    expect(anatomy.notes).toEqual([]);
  });

  it('attention and feed-forward in parallel on one norm (GPT-J), and on two (GPT-NeoX)', async () => {
    for (const shared of [true, false]) {
      for (const order of ['branches first', 'stream first']) {
        const block: MiniParts['block'] = (s, x, name, parts) => {
          const first = miniNorm(s, x, `${name}.n1`);
          const second = shared ? first : miniNorm(s, x, `${name}.n2`);
          const attended = parts.attention(s, first, name, parts);
          const fed = parts.feedForward(s, second, name, parts);
          return order === 'branches first'
            ? s.op('Add', [s.op('Add', [attended, fed]), x])
            : s.op('Add', [s.op('Add', [x, attended]), fed]);
        };
        const model = buildMini({ block });
        await runs(model);
        const anatomy = recognise(model);
        expectMini(anatomy);
        expect([...rolesOf(anatomy, 1)].sort()).toEqual([...SEPARATE].sort());
        expect(anatomy.normPlacement).toBe('pre');
      }
    }
  });

  it('norms inside the branches, norms of q and k, capped scores (Gemma 2)', async () => {
    const block: MiniParts['block'] = (s, x, name, parts) => {
      const attended = parts.attention(s, miniNorm(s, x, `${name}.n1`), name, parts);
      const middle = s.op('Add', [x, miniNorm(s, attended, `${name}.n2`)]);
      const fed = parts.feedForward(s, miniNorm(s, middle, `${name}.n3`), name, parts);
      return s.op('Add', [middle, miniNorm(s, fed, `${name}.n4`)]);
    };
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const [q, k, v] = ['q', 'k', 'v'].map((part) =>
        s.splitHeads(parts.linear(s, x, `${name}.${part}`, hidden, hidden), heads, headSize),
      );
      const normed = [q, k].map((value, i) =>
        s.rmsNormPrimitives(value, `${name}.qk${i}`, headSize),
      );
      const scores = s.op('MatMul', [normed[0], s.transpose(normed[1], 0, 1, 3, 2)]);
      const capped = s.op('Tanh', [s.op('Div', [scores, s.c.float(50)])]);
      const masked = s.op('Add', [s.op('Mul', [capped, s.c.float(50)]), s.causalMask(s.dim(x, 1))]);
      const context = s.op('MatMul', [s.op('Softmax', [masked], { axis: -1 }), v]);
      return parts.linear(s, s.joinHeads(context, heads, headSize), `${name}.o`, hidden, hidden);
    };
    const model = buildMini({ block, attention });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
  });

  it('heads in the batch axis, positions first (torch.nn.MultiheadAttention)', async () => {
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, headSize } = MINI;
      const turned = s.transpose(x, 1, 0, 2);
      const packed = parts.linear(s, turned, `${name}.in`, hidden, 3 * hidden);
      const split = s.op('Reshape', [
        packed,
        s.shapeOf(s.dim(turned, 0), s.dim(turned, 1), 3, hidden),
      ]);
      const apart = s.squeeze(s.transpose(s.unsqueeze(split, 0), 3, 1, 2, 0, 4), 3);
      const [q, k, v] = [0, 1, 2].map((which) => {
        const part = s.op('Gather', [apart, s.c.integer(which)], { axis: 0 });
        const shape = s.shapeOf(s.dim(turned, 0), -1, headSize);
        return s.transpose(s.op('Reshape', [part, shape]), 1, 0, 2);
      });
      const scaled = s.op('Mul', [q, s.c.float(headSize ** -0.5)]);
      const scores = s.op('Add', [
        s.op('MatMul', [scaled, s.transpose(k, 0, 2, 1)]),
        s.causalMask(s.dim(x, 1)),
      ]);
      const context = s.op('MatMul', [s.op('Softmax', [scores], { axis: -1 }), v]);
      const flat = s.reshape(s.transpose(context, 1, 0, 2), -1, hidden);
      const out = s.op('Gemm', [
        flat,
        s.weight(`${name}.o.weight`, [hidden, hidden]),
        s.bias(`${name}.o`, hidden),
      ]);
      const back = s.op('Reshape', [out, s.shapeOf(s.dim(turned, 0), s.dim(turned, 1), hidden)]);
      return s.transpose(back, 1, 0, 2);
    };
    const model = buildMini({ attention });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(['query-key-value', 'attention-output', 'up', 'down']);
  });

  it('heads packed as (q, k, v) per head, cut by Slice (GPT-NeoX)', async () => {
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const packed = parts.linear(s, x, `${name}.qkv`, hidden, 3 * hidden);
      const split = s.splitHeads(packed, heads, 3 * headSize);
      const [q, k, v] = [0, 1, 2].map((i) => s.slice(split, i * headSize, (i + 1) * headSize, 3));
      const context = s.attend(q, k, v, headSize, s.causalMask(s.dim(x, 1)));
      return parts.linear(s, s.joinHeads(context, heads, headSize), `${name}.o`, hidden, hidden);
    };
    const model = buildMini({ attention });
    await runs(model);
    expectMini(recognise(model));
  });

  it('rotation written as a product with a signed permutation is no layer', async () => {
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const table = (kind: string) => s.weight(`${kind}_table`, [64, headSize], 1);
      const range = s.op('Range', [s.c.integer(0), s.dim(x, 1), s.c.integer(1)]);
      const [cos, sin] = ['cos', 'sin'].map((kind) => s.op('Gather', [table(kind), range]));
      const turn = new Float32Array(headSize * headSize);
      for (let i = 0; i < headSize; i += 2) {
        turn[i * headSize + i + 1] = 1;
        turn[(i + 1) * headSize + i] = -1;
      }
      const matrix = s.given('turn', [headSize, headSize], turn);
      const [q, k] = ['q', 'k'].map((part) => {
        const split = s.splitHeads(
          parts.linear(s, x, `${name}.${part}`, hidden, hidden),
          heads,
          headSize,
        );
        const turned = s.op('MatMul', [split, matrix]);
        return s.op('Add', [s.op('Mul', [split, cos]), s.op('Mul', [turned, sin])]);
      });
      const v = s.splitHeads(parts.linear(s, x, `${name}.v`, hidden, hidden), heads, headSize);
      const context = s.attend(q, k, v, headSize, s.causalMask(s.dim(x, 1)));
      return parts.linear(s, s.joinHeads(context, heads, headSize), `${name}.o`, hidden, hidden);
    };
    const model = buildMini({ attention });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(anatomy.positions).toBe('rotary');
    expect(anatomy.layers.map(({ weight }) => weight)).not.toContain('turn');
    expect(rolesOf(anatomy)).toEqual(['embedding', 'output-head']);
  });

  it('both factors of a low-rank map have its role and its block', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const first = s.product(x, `${name}.A`, from, 3, 'matmul');
      const second = s.product(first, `${name}.B`, 3, to, 'matmul');
      return s.op('Add', [second, s.bias(name, to)]);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy, { feedForwardWidth: MINI.wide });
    const twice = SEPARATE.flatMap((role) => [role, role]);
    expect([...rolesOf(anatomy, 0)].sort()).toEqual([...twice].sort());
    expect(anatomy.blocks[0].layers).toHaveLength(12);
  });

  it('adapters beside the maps (LoRA) have the role of what they add to', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const adapted = s.product(
        s.product(x, `${name}.A`, from, 2, 'matmul'),
        `${name}.B`,
        2,
        to,
        'matmul',
      );
      const scaled = s.op('Mul', [adapted, s.c.float(0.5)]);
      return s.op('Add', [s.linear(x, name, from, to), scaled]);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0).filter((role) => role === 'query')).toHaveLength(3);
    expect(rolesOf(anatomy, 0).filter((role) => role === 'up')).toHaveLength(3);
    expect(rolesOf(anatomy, 0).filter((role) => role === 'down')).toHaveLength(3);
  });

  it('maps scaled channel by channel (activation-aware quantization), weights cast from float16', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const scaled = s.op('Mul', [x, s.weight(`${name}.scale`, [from], 0.2, 1)]);
      const half = s.g.initializer(`${name}.half`, [from, to], {
        dataType: 10,
        bytes: new Uint8Array(from * to * 2).fill(0x2c),
      });
      return s.op('MatMul', [scaled, s.op('Cast', [half], { to: 1 })]);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(anatomy.layers.find(({ role }) => role === 'query')?.weight).toBe('b0.q.half');
  });

  it('one set of weights for all blocks (ALBERT): layers keep different names', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) =>
      s.linear(x, name.replace(/^b\d/, 'shared'), from, to);
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    const names = anatomy.layers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(anatomy.layers.map(({ weight }) => weight)).size).toBe(2 + 6);
  });

  it('convolutions of width one in place of products', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const weight = s.weight(`${name}.weight`, [to, from, 1]);
      const turned = s.transpose(x, 0, 2, 1);
      return s.transpose(s.op('Conv', [turned, weight, s.bias(name, to)]), 0, 2, 1);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(anatomy.layers.find(({ role }) => role === 'up')).toMatchObject({
      op: 'Conv',
      inFeatures: MINI.hidden,
      outFeatures: MINI.wide,
      layout: 'out-in',
      bias: 'b0.up.bias',
    });
  });

  it('positions and token types given as graph inputs', async () => {
    const embed: MiniParts['embed'] = (s, ids) => {
      const given = (name: string) => s.g.input(name, 'int64', ['batch', 'sequence']);
      const look = (name: string, rows: number, indices: string) =>
        s.op('Gather', [s.weight(name, [rows, MINI.hidden]), indices]);
      const sum = s.op('Add', [look('table', MINI.vocabulary, ids), look('types', 2, given('t'))]);
      return s.op('Add', [sum, look('places', 18, given('p'))]);
    };
    const anatomy = recognise(buildMini({ embed }));
    expectMini(anatomy);
    const roles = Object.fromEntries(anatomy.layers.map(({ weight, role }) => [weight, role]));
    expect(roles).toMatchObject({
      table: 'embedding',
      types: 'embedding',
      places: 'position-embedding',
    });
    expect(anatomy.positions).toBe('learned');
  });

  it('more positions than tokens: the head tells which table holds tokens', () => {
    const embed: MiniParts['embed'] = (s, ids) => {
      const places = s.g.input('p', 'int64', ['batch', 'sequence']);
      return s.op('Add', [
        s.op('Gather', [s.weight('places', [200, MINI.hidden]), places]),
        s.op('Gather', [s.weight('table', [MINI.vocabulary, MINI.hidden]), ids]),
      ]);
    };
    expectMini(recognise(buildMini({ embed })));
  });

  it('a feed-forward that is a plain gate of two maps names gate and up by the activation', () => {
    for (const gateFirst of [true, false]) {
      const feedForward: MiniParts['feedForward'] = (s, x, name, parts) => {
        const gate = s.silu(parts.linear(s, x, `${name}.gate`, MINI.hidden, MINI.wide));
        const up = parts.linear(s, x, `${name}.up`, MINI.hidden, MINI.wide);
        const product = s.op('Mul', gateFirst ? [gate, up] : [up, gate]);
        return parts.linear(s, product, `${name}.down`, MINI.wide, MINI.hidden);
      };
      const anatomy = recognise(buildMini({ feedForward }));
      expectMini(anatomy, { gated: true });
      const byWeight = Object.fromEntries(anatomy.layers.map((l) => [l.weight, l.role]));
      expect(byWeight['b1.gate.weight']).toBe('gate');
      expect(byWeight['b1.up.weight']).toBe('up');
    }
  });

  it('keys and values of a cross-attention that come from a cache', () => {
    const block: MiniParts['block'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const attended = parts.attention(s, miniNorm(s, x, `${name}.n1`), name, parts);
      const middle = s.op('Add', [x, attended]);
      const read = parts.linear(s, miniNorm(s, middle, `${name}.nc`), `${name}.cq`, hidden, hidden);
      const dims = ['batch', heads, 'states', headSize];
      const [k, v] = ['key', 'value'].map((part) =>
        s.g.input(`${name}.cross.${part}`, 'float32', dims),
      );
      const context = s.attend(s.splitHeads(read, heads, headSize), k, v, headSize);
      const joined = s.joinHeads(context, heads, headSize);
      const crossed = s.op('Add', [middle, parts.linear(s, joined, `${name}.co`, hidden, hidden)]);
      const fed = parts.feedForward(s, miniNorm(s, crossed, `${name}.n2`), name, parts);
      return s.op('Add', [crossed, fed]);
    };
    const anatomy = recognise(buildMini({ block }));
    expectMini(anatomy, { crossAttention: true });
    expect(anatomy.layout).toBe('encoder-decoder');
    expect(rolesOf(anatomy, 0).filter((role) => role === 'query')).toHaveLength(2);
  });
});
