// MNIST from the shards that the page itself downloads: gzip of the labels, then of the pixels.

const PIXELS = 784;

// The shards of a split ("train", "valid", "test"), unpacked, in order.
export async function* shards(split) {
  const manifest = await (await fetch("data/manifest.json")).json();
  for (const shard of manifest.shards.filter((shard) => shard.split === split)) {
    const packed = (await fetch(`data/${shard.file}`)).body;
    yield new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  }
}

// The training digits: { labels, pixels }.
export async function digits() {
  const labels = [];
  const pixels = [];
  for await (const shard of shards("train")) {
    const count = shard.length / (PIXELS + 1);
    labels.push(shard.subarray(0, count));
    pixels.push(shard.subarray(count));
  }
  return { labels: joined(labels), pixels: joined(pixels) };
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
