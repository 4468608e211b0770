// TF.js, tuned by what its profile shows:
// - gradients by hand, everything in one `tidy`, nothing read back but at the end of a chunk
// - examples are columns and weights lie [out × in], so that weights are always the left operand of a product: the backend
//   packs the right one, and anew whenever it changes, which would take twice as long as the product itself
// - operands are transposed beforehand: products with a transpose flag are ten times slower
// - the learning rate is inside the gradient, so that an update is three operations a tensor
import * as tf from "@tensorflow/tfjs-core";
import { D, GATE_BIAS, K, LAMBDA, TARGET, fillBatch, generator, glorot } from "./training.js";

export class Tuned {
  constructor(shape, data) {
    const { B, M, G, H } = shape;
    const random = generator(12345);
    Object.assign(this, { shape, data, random, labels: new Uint8Array(B) });
    const matrix = (outputs, inputs) => tf.tensor2d(glorot(inputs, outputs, random), [outputs, inputs]);
    const vector = (length, value = 0) => tf.fill([length, 1], value);
    // Experts, gater, logits, output: weight and bias of each.
    this.parameters = [
      matrix(H, D), vector(H), matrix(M, D), vector(M), matrix(G, M), vector(G, GATE_BIAS), matrix(K, H), vector(K),
    ];
    this.velocities = this.parameters.map((tensor) => tf.zerosLike(tensor));
    // Every tensor copies what it is made of, so these serve for all steps.
    this.room = { x: new Float32Array(B * D), noise: new Float32Array(B * G), classes: new Float32Array(B * K) };
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
    const xT = tf.transpose(x);
    const blocks = (units) => tf.reshape(units, [G, U, B]);
    const affine = (weight, input, bias) => tf.add(tf.matMul(weight, input), bias);
    const q = tf.tanh(affine(W1, xT, b1));
    const p = tf.sigmoid(affine(W2, q, b2));
    const g = tf.reshape(tf.cast(tf.less(noise, p), "float32"), [G, 1, B]);
    const e = tf.relu(affine(W0, xT, b0));
    const h = tf.reshape(tf.mul(blocks(e), g), [H, B]);
    const probabilities = tf.softmax(tf.transpose(affine(W3, h, b3)));

    const ds = tf.transpose(tf.mul(tf.sub(probabilities, classes), lr / B));
    const dh = tf.matMul(tf.transpose(W3), ds);
    const slope = tf.sum(blocks(tf.mul(dh, e)), 1);
    const de = tf.mul(tf.reshape(tf.mul(blocks(dh), g), [H, B]), tf.step(e));
    const pull = tf.mul(tf.sub(tf.mean(p, 1, true), TARGET), (2 * LAMBDA * lr) / B);
    const da = tf.mul(tf.add(slope, pull), tf.sub(p, tf.square(p)));
    const dq = tf.matMul(tf.transpose(W2), da);
    const dt = tf.sub(dq, tf.mul(dq, tf.square(q)));
    const layer = (d, input) => [tf.matMul(d, input), tf.sum(d, 1, true)];
    const gradients = [layer(de, x), layer(dt, x), layer(da, tf.transpose(q)), layer(ds, tf.transpose(h))];
    return [probabilities, gradients.flat()];
  }

  inputs() {
    const { B, G } = this.shape;
    const { x, noise, classes } = this.room;
    fillBatch(this.data, this.random, x, this.labels);
    for (let i = 0; i < noise.length; i++) noise[i] = this.random();
    classes.fill(0);
    for (let b = 0; b < B; b++) classes[b * K + this.labels[b]] = 1;
    return { x: tf.tensor2d(x, [B, D]), noise: tf.tensor2d(noise, [G, B]), classes: tf.tensor2d(classes, [B, K]) };
  }

  async loss() {
    const probabilities = await this.probabilities.data();
    return this.labels.reduce((sum, label, b) => sum - Math.log(probabilities[b * K + label]), 0) / this.labels.length;
  }
}
