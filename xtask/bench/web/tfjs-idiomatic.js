// TF.js as its documentation teaches it: variables, a loss, and an optimiser that differentiates it.
import * as tf from "@tensorflow/tfjs-core";
import { D, GATE_BIAS, K, LAMBDA, TARGET, fillBatch, generator, glorot } from "./training.js";

export class Idiomatic {
  constructor(shape, data) {
    const { B, M, G, H, lr, momentum } = shape;
    const random = generator(12345);
    Object.assign(this, { shape, data, random, labels: new Uint8Array(B), optimizer: tf.train.momentum(lr, momentum) });
    const layer = (inputs, outputs, bias = 0) => ({
      weight: tf.variable(tf.tensor2d(glorot(inputs, outputs, random), [inputs, outputs])),
      bias: tf.variable(tf.fill([outputs], bias)),
    });
    this.experts = layer(D, H);
    this.hidden = layer(D, M);
    this.logits = layer(M, G, GATE_BIAS);
    this.head = layer(H, K);
    // The coin forward, the identity backward.
    this.coin = tf.customGrad((p) => ({
      value: tf.cast(tf.less(tf.randomUniform(p.shape), p), "float32"),
      gradFunc: (dy) => dy,
    }));
  }

  step() {
    const { B, G, U, H } = this.shape;
    const pixels = new Float32Array(B * D);
    fillBatch(this.data, this.random, pixels, this.labels);
    tf.dispose(this.last ?? []);
    this.last = tf.tidy(() => {
      const x = tf.tensor2d(pixels, [B, D]);
      const classes = tf.oneHot(tf.tensor1d(this.labels, "int32"), K);
      let nll;
      this.optimizer.minimize(() => {
        const apply = ({ weight, bias }, input) => tf.add(tf.matMul(input, weight), bias);
        const p = tf.sigmoid(apply(this.logits, tf.tanh(apply(this.hidden, x))));
        const gates = tf.reshape(this.coin(p), [B, G, 1]);
        const units = tf.reshape(tf.relu(apply(this.experts, x)), [B, G, U]);
        const scores = apply(this.head, tf.reshape(tf.mul(units, gates), [B, H]));
        nll = tf.keep(tf.neg(tf.mean(tf.sum(tf.mul(classes, tf.logSoftmax(scores)), 1))));
        const pull = tf.sum(tf.square(tf.sub(tf.mean(p, 0), TARGET)));
        return tf.add(nll, tf.mul(pull, LAMBDA));
      });
      return nll;
    });
  }

  async loss() {
    return (await this.last.data())[0];
  }
}
