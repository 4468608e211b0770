// What the JavaScript peers share: sizes, random numbers, minibatches, first weights, and how steps are timed.

export const D = 784;
export const K = 10;
// Penalty λ·Σ_j (p̄_j − s)² on each gate's mean probability.
export const LAMBDA = 1;
export const TARGET = 0.1;
// ln(0.1 / 0.9): gates begin open with probability 0.1.
export const GATE_BIAS = Math.log(TARGET / (1 - TARGET));

// Sizes and rates of a job, under the letters of the network's legend.
export function sizes({ config: { overrides } }) {
  const { batch: B, gates: G, units: U, lr, momentum } = overrides;
  return { B, M: overrides["gater-hidden"], G, U, H: G * U, lr, momentum };
}

// xorshift32: uniform in [0, 1).
export function generator(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

// Glorot's uniform ranges.
export function glorot(inputs, outputs, random) {
  const range = Math.sqrt(6 / (inputs + outputs));
  return Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * range);
}

// Fills `x` [B × D] with pixels 0..=1 of random digits and `labels` [B] with their classes.
export function fillBatch({ labels, pixels }, random, x, classes) {
  for (let b = 0; b < classes.length; b++) {
    const digit = Math.floor(random() * labels.length);
    classes[b] = labels[digit];
    const from = digit * D;
    for (let i = 0; i < D; i++) x[b * D + i] = pixels[from + i] * (1 / 255);
  }
}

// Answers jobs with trainers that `make(job)` gives: objects with `step()` and `loss()`, the mean loss of the last step,
// which also waits for what is under way. A trainer lives as long as the worker, so every round goes on where the last ended.
export function answering(make) {
  const runs = new Map();
  return async (job) => {
    const key = JSON.stringify(job.config);
    if (!runs.has(key)) runs.set(key, await prove(make(job), job));
    const run = runs.get(key);
    return { chunks: await chunks(run.trainer, job), loss: run.loss };
  };
}

// Learns for `proof` steps, which also warms up; the loss is the mean over the last quarter of them.
async function prove(trainer, { proof }) {
  const from = proof - Math.floor(proof / 4);
  let sum = 0;
  for (let step = 0; step < proof; step++) {
    trainer.step();
    if (step >= from) sum += await trainer.loss();
  }
  return { trainer, loss: sum / (proof - from) };
}

// Examples a second in each of `job.chunks` chunks; a slow peer does fewer chunks, but at least three.
async function chunks(trainer, { seconds, chunks, config }) {
  const rates = [];
  const begin = performance.now();
  while (rates.length < chunks && (rates.length < 3 || performance.now() - begin < seconds * 1000)) {
    const start = performance.now();
    let steps = 0;
    do {
      trainer.step();
      steps++;
    } while (performance.now() - start < (seconds * 1000) / chunks);
    await trainer.loss();
    rates.push((steps * config.overrides.batch) / ((performance.now() - start) / 1000));
  }
  return rates;
}
