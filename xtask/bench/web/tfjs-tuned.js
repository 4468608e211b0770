// TF.js, tuned as an expert of the library would:
// - gradients by hand, everything in one `tidy`, nothing read back but at the end of a chunk
// - examples are rows and weights lie [in × out], as in every textbook
// - operands are transposed beforehand: products with a transpose flag are ten times slower
// - the learning rate is inside the gradient, so that an update is three operations a tensor
import * as tf from "@tensorflow/tfjs-core";
import { D, GATE_BIAS, K, LAMBDA, TARGET, fillBatch, generator, glorot } from "./training.js";

export class Tuned {
  constructor(shape, data) {
    const { B, M, G, H } = shape;
    const random = generator(12345);
    Object.assign(this, { shape, data, random, labels: new Uint8Array(B) });
    const matrix = (inputs, outputs) => tf.tensor2d(glorot(inputs, outputs, random), this.size(inputs, outputs));
    const vector = (length, value = 0) => tf.fill(this.size(1, length), value);
    // Experts, gater, logits, output: weight and bias of each.
    this.parameters = [
      matrix(D, H), vector(H), matrix(D, M), vector(M), matrix(M, G), vector(G, GATE_BIAS), matrix(H, K), vector(K),
    ];
    this.velocities = this.parameters.map((tensor) => tf.zerosLike(tensor));
    // Every tensor copies what it is made of, so these serve for all steps.
    this.room = { x: new Float32Array(B * D), noise: new Float32Array(B * G), classes: new Float32Array(B * K) };
  }

  // Shape of a matrix with a row for each input, or example, and a column for each output.
  size(rows, columns) {
    return [rows, columns];
  }

  step() {
    const { parameters, velocities, shape } = this;
    const kept = tf.tidy(() => {
      const [probabilities, gradients] = this.gradients();
      const moved = gradients.map((gradient, i) => {
        const velocity = tf.add(tf.mul(velocities[i], shape.momentum), gradient);
        return [tf.sub(parameters[i], velocity), velocity];
      });
      return { probabilities, parameters: moved.map(([w]) => w), velocities: moved.map(([, v]) => v) };
    });
    tf.dispose([parameters, velocities, this.probabilities ?? []]);
    Object.assign(this, kept);
  }

  // Class probabilities [B × K], and the learning rate times the gradient of each parameter.
  gradients() {
    const { B, G, U, H, lr } = this.shape;
    const [W0, b0, W1, b1, W2, b2, W3, b3] = this.parameters;
    const { x, noise, classes } = this.inputs();
    const blocks = (units) => tf.reshape(units, [B, G, U]);
    const affine = (input, weight, bias) => tf.add(tf.matMul(input, weight), bias);
    const q = tf.tanh(affine(x, W1, b1));
    const p = tf.sigmoid(affine(q, W2, b2));
    const g = tf.reshape(tf.cast(tf.less(noise, p), "float32"), [B, G, 1]);
    const e = tf.relu(affine(x, W0, b0));
    const h = tf.reshape(tf.mul(blocks(e), g), [B, H]);
    const probabilities = tf.softmax(affine(h, W3, b3));

    const ds = tf.mul(tf.sub(probabilities, classes), lr / B);
    const dh = tf.matMul(ds, tf.transpose(W3));
    const slope = tf.sum(blocks(tf.mul(dh, e)), 2);
    const de = tf.mul(tf.reshape(tf.mul(blocks(dh), g), [B, H]), tf.step(e));
    const pull = tf.mul(tf.sub(tf.mean(p, 0, true), TARGET), (2 * LAMBDA * lr) / B);
    const da = tf.mul(tf.add(slope, pull), tf.sub(p, tf.square(p)));
    const dq = tf.matMul(da, tf.transpose(W2));
    const dt = tf.sub(dq, tf.mul(dq, tf.square(q)));
    const layer = (input, d) => [tf.matMul(tf.transpose(input), d), tf.sum(d, 0, true)];
    return [probabilities, [layer(x, de), layer(x, dt), layer(q, da), layer(h, ds)].flat()];
  }

  inputs() {
    const { B, G } = this.shape;
    const { x, noise, classes } = this.room;
    fillBatch(this.data, this.random, x, this.labels);
    for (let i = 0; i < noise.length; i++) noise[i] = this.random();
    classes.fill(0);
    for (let b = 0; b < B; b++) classes[b * K + this.labels[b]] = 1;
    return { x: tf.tensor2d(x, [B, D]), noise: tf.tensor2d(noise, this.size(B, G)), classes: tf.tensor2d(classes, [B, K]) };
  }

  async loss() {
    const probabilities = await this.probabilities.data();
    return this.labels.reduce((sum, label, b) => sum - Math.log(probabilities[b * K + label]), 0) / this.labels.length;
  }
}
