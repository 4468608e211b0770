// TF.js tuned and turned round: as `tfjs-tuned.js`, and besides
// - examples are columns and weights lie [out × in], so that weights are always the left operand of a product: the backend
//   packs the right one, and anew whenever it changes, which would take twice as long as the product itself
import * as tf from "@tensorflow/tfjs-core";
import { LAMBDA, TARGET } from "./training.js";
import { Tuned } from "./tfjs-tuned.js";

export class Turned extends Tuned {
  // Weights [outputs × inputs], biases [outputs × 1], noise [G × B].
  size(rows, columns) {
    return [columns, rows];
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
}
