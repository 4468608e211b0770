// One peer in a worker of its own: loads the digits and the peer's module, answers jobs one after another.
//
// A peer's module exports `start(variant, digits)`, which gives an async function from a job to its outcome.
const query = new URLSearchParams(location.search);

const peer = (async () => {
  const [{ digits }, module] = await Promise.all([import("./digits.js"), import(`./${query.get("module")}`)]);
  return module.start(query.get("variant"), digits);
})();

onmessage = async ({ data: { id, job } }) => {
  try {
    const answer = await peer;
    postMessage({ id, reply: await answer(job) });
  } catch (error) {
    postMessage({ id, reply: { error: String(error?.message ?? error) } });
  }
};
