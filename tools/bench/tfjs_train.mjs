/**
 * TensorFlow.js' side of `npm run bench -- train`: "ready", then per line read one step of the same layout on its
 * wasm backend; answers with the milliseconds of processor time.
 *
 *   npx tsx tools/bench/tfjs_train.mjs FOLDER VOCABULARY WIDTH FEED_FORWARD BLOCKS HEADS BATCH LENGTH
 *
 * FOLDER is where `npm install --ignore-scripts @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm` was run. The
 * embedding is a product with one-hot rows: the wasm backend has no gradient for looking rows up.
 */
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, ...sizes] = process.argv.slice(2);
const [vocabulary, width, wide, blocks, heads, batch, length] = sizes.map(Number);
const require = createRequire(join(resolve(folder), 'index.js'));
const tf = require('@tensorflow/tfjs-core');
// The package of the core registers no gradients by itself.
require('@tensorflow/tfjs-core/dist/register_all_gradients.js');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');

const size = width / heads;
const matrix = (rows, columns) => tf.variable(tf.randomNormal([rows, columns], 0, 0.02));
const ones = () => tf.variable(tf.ones([width]));
const embedding = matrix(vocabulary, width);
const finalNorm = ones();
const layers = Array.from({ length: blocks }, () => ({
  attentionNorm: ones(),
  query: matrix(width, width),
  key: matrix(width, width),
  value: matrix(width, width),
  output: matrix(width, width),
  feedForwardNorm: ones(),
  gate: matrix(width, wide),
  up: matrix(width, wide),
  down: matrix(wide, width),
}));

const angles = tf.tidy(() => {
  const half = size / 2;
  const values = Float32Array.from(
    { length: length * size },
    (_, k) => Math.floor(k / size) * 10000 ** (-((k % size) % half) / half),
  );
  return tf.tensor(values, [length, size]);
});
const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
const mask = tf.tensor(
  Float32Array.from({ length: length * length }, (_, k) =>
    k % length > Math.floor(k / length) ? -1e9 : 0,
  ),
  [length, length],
);

function norm(x, weight) {
  const mean = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, 1e-5))), weight);
}

function split(x) {
  return tf.transpose(tf.reshape(x, [batch, length, heads, size]), [0, 2, 1, 3]);
}

function turned(x) {
  const [first, second] = tf.split(x, 2, 3);
  return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(second), first], 3), sin));
}

function attention(x, { query, key, value, output }) {
  const [q, k, v] = [query, key, value].map((weight) => split(tf.matMul(x, weight)));
  const scores = tf.div(tf.matMul(turned(q), turned(k), false, true), Math.sqrt(size));
  const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), v);
  const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, width]);
  return tf.matMul(joined, output);
}

function loss(inputs, targets) {
  let x = tf.matMul(inputs, embedding);
  for (const layer of layers) {
    x = tf.add(x, attention(norm(x, layer.attentionNorm), layer));
    const h = norm(x, layer.feedForwardNorm);
    const gate = tf.matMul(h, layer.gate);
    const gated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(h, layer.up));
    x = tf.add(x, tf.matMul(gated, layer.down));
  }
  const logits = tf.matMul(norm(x, finalNorm), embedding, false, true);
  return tf.neg(tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), targets)), batch * length));
}

const tokens = (seed) =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch * length }, (_, i) => (7919 * (i + seed)) % vocabulary),
      'int32',
    ),
    vocabulary,
  );
const [inputs, targets] = [1, 2].map((seed) => tf.cast(tokens(seed), 'float32'));
const optimiser = tf.train.adam(1e-4);

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') break;
  const start = process.cpuUsage();
  const value = optimiser.minimize(() => loss(inputs, targets), true);
  await value.data();
  value.dispose();
  const { user, system } = process.cpuUsage(start);
  console.log((user + system) / 1000);
}
