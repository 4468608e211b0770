// The engine itself, as WebAssembly; `variant` is its arithmetic, strict or relaxed, or `set:NAME` for the kernel set of this name. The
// address names another build's folder in `engine`.
import { shards } from "./digits.js";

export async function start(variant) {
  const folder = new URLSearchParams(location.search).get("engine") ?? "engine";
  const engine = await import(`./${folder}/bench.js`);
  await engine.default();
  if (variant === "relaxed") engine.relax();
  if (variant.startsWith("set:")) engine.use_set(variant.slice("set:".length));
  for (const split of ["train", "valid", "test"]) {
    for await (const shard of shards(split)) engine.append(split, shard);
  }
  return async (job) => ({ ...JSON.parse(engine.answer(JSON.stringify(job))), memory: engine.taken() });
}
