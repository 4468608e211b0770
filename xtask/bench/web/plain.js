// Plain JavaScript over typed arrays, as one writes it without a library: dense, or (variant "zeros") leaving out pixels
// that are zero, forward and in the weights' gradients.
import { D, GATE_BIAS, K, LAMBDA, TARGET, answering, fillBatch, generator, glorot, sizes } from "./training.js";

export async function start(variant, digits) {
  const data = await digits();
  return answering((job) => new Trainer(sizes(job), data, variant === "zeros"));
}

class Trainer {
  constructor(shape, data, skipZeros) {
    const { B, M, G, H } = shape;
    const random = generator(12345);
    const zeros = (...lengths) => lengths.map((length) => new Float32Array(length));
    Object.assign(this, { shape, data, skipZeros, random });
    this.layers = [
      layer(D, H, random),
      layer(D, M, random),
      layer(M, G, random, GATE_BIAS),
      layer(H, K, random),
    ];
    [this.x, this.e, this.h, this.dh] = zeros(B * D, B * H, B * H, B * H);
    [this.q, this.dq, this.p, this.g, this.da] = zeros(B * M, B * M, B * G, B * G, B * G);
    [this.s, this.mean] = zeros(B * K, G);
    this.labels = new Uint8Array(B);
  }

  step() {
    fillBatch(this.data, this.random, this.x, this.labels);
    this.forward();
    this.backward();
    const { lr, momentum } = this.shape;
    for (const { weight, bias } of this.layers) {
      update(weight, lr, momentum);
      update(bias, lr, momentum);
    }
  }

  forward() {
    const { B, M, G, H, U } = this.shape;
    const [experts, hidden, logits, head] = this.layers;
    const { x, e, q, p, g, h, s, random, skipZeros } = this;
    affine(x, hidden, q, B, D, M, skipZeros);
    for (let i = 0; i < q.length; i++) q[i] = Math.tanh(q[i]);
    affine(q, logits, p, B, M, G, false);
    for (let i = 0; i < p.length; i++) {
      p[i] = 1 / (1 + Math.exp(-p[i]));
      g[i] = random() < p[i] ? 1 : 0;
    }
    affine(x, experts, e, B, D, H, skipZeros);
    for (let i = 0; i < e.length; i++) {
      if (e[i] < 0) e[i] = 0;
      h[i] = e[i] * g[Math.floor(i / U)];
    }
    affine(h, head, s, B, H, K, false);
    softmax(s, B);
  }

  backward() {
    const { B, M, G, H, U } = this.shape;
    const [experts, hidden, logits, head] = this.layers;
    const { x, e, q, p, g, h, s, dh, dq, da, mean, labels, skipZeros } = this;
    this.nll = 0;
    for (let b = 0; b < B; b++) {
      this.nll -= Math.log(s[b * K + labels[b]] + 1e-30) / B;
      s[b * K + labels[b]] -= 1;
    }
    for (let i = 0; i < s.length; i++) s[i] /= B;
    backThrough(s, head, dh, B, H, K);
    weightGradient(h, s, head, B, H, K, false);
    mean.fill(0);
    for (let i = 0; i < p.length; i++) mean[i % G] += p[i] / B;
    for (let i = 0; i < da.length; i++) {
      let slope = (2 * LAMBDA * (mean[i % G] - TARGET)) / B;
      for (let u = i * U; u < (i + 1) * U; u++) {
        slope += dh[u] * e[u];
        dh[u] = e[u] > 0 ? dh[u] * g[i] : 0;
      }
      da[i] = slope * p[i] * (1 - p[i]);
    }
    weightGradient(x, dh, experts, B, D, H, skipZeros);
    backThrough(da, logits, dq, B, M, G);
    weightGradient(q, da, logits, B, M, G, false);
    for (let i = 0; i < dq.length; i++) dq[i] *= 1 - q[i] * q[i];
    weightGradient(x, dq, hidden, B, D, M, skipZeros);
  }

  async loss() {
    return this.nll;
  }
}

function layer(inputs, outputs, random, bias = 0) {
  const tensor = (w) => ({ w, v: new Float32Array(w.length), d: new Float32Array(w.length) });
  return { weight: tensor(glorot(inputs, outputs, random)), bias: tensor(new Float32Array(outputs).fill(bias)) };
}

// out [B × N] ← bias + a [B × I]·weight [I × N].
function affine(a, { weight, bias }, out, B, I, N, skipZeros) {
  const w = weight.w;
  for (let b = 0; b < B; b++) {
    const to = b * N;
    out.set(bias.w, to);
    for (let i = 0; i < I; i++) {
      const value = a[b * I + i];
      if (skipZeros && value === 0) continue;
      const from = i * N;
      for (let n = 0; n < N; n++) out[to + n] += value * w[from + n];
    }
  }
}

// Gradients of a layer: aᵀ·d, and the sums of d's columns.
function weightGradient(a, d, { weight, bias }, B, I, N, skipZeros) {
  const gradient = weight.d.fill(0);
  bias.d.fill(0);
  for (let b = 0; b < B; b++) {
    const from = b * N;
    for (let n = 0; n < N; n++) bias.d[n] += d[from + n];
    for (let i = 0; i < I; i++) {
      const value = a[b * I + i];
      if (skipZeros && value === 0) continue;
      const to = i * N;
      for (let n = 0; n < N; n++) gradient[to + n] += value * d[from + n];
    }
  }
}

// out [B × I] ← d [B × N]·weightᵀ.
function backThrough(d, { weight }, out, B, I, N) {
  const w = weight.w;
  for (let b = 0; b < B; b++) {
    for (let i = 0; i < I; i++) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += d[b * N + n] * w[i * N + n];
      out[b * I + i] = sum;
    }
  }
}

function softmax(s, B) {
  for (let b = 0; b < B; b++) {
    const row = s.subarray(b * K, (b + 1) * K);
    const most = Math.max(...row);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += row[k] = Math.exp(row[k] - most);
    for (let k = 0; k < K; k++) row[k] /= sum;
  }
}

function update({ w, v, d }, lr, momentum) {
  for (let i = 0; i < w.length; i++) {
    v[i] = momentum * v[i] + d[i];
    w[i] -= lr * v[i];
  }
}
