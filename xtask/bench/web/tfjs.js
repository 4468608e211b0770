// TF.js on its WebAssembly backend, one thread, SIMD. `tuned` is what an expert of the library would write by hand,
// `turned` what somebody writes who also profiles the backend; `idiomatic` is what its documentation teaches.
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { Idiomatic } from "./tfjs-idiomatic.js";
import { Tuned } from "./tfjs-tuned.js";
import { Turned } from "./tfjs-turned.js";
import { answering, sizes } from "./training.js";

export async function start(variant, digits) {
  const data = await digits();
  // Its threads would make it another peer, and a slower one at these sizes.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(new URL("tfjs/", location.href).href);
  if (!(await tf.setBackend("wasm"))) throw new Error("TF.js could not start its WebAssembly backend");
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("TF.js runs without SIMD here");
  tf.enableProdMode();
  const Trainer = { tuned: Tuned, turned: Turned, idiomatic: Idiomatic }[variant];
  return answering((job) => new Trainer(sizes(job), data));
}
