"""PyTorch, eager: jobs in, outcomes out, one JSON a line. Arguments: the folder of MNIST's shards, the number of threads.

Gradients are written by hand and nothing is recorded for differentiation, as in the tuned TF.js: the fastest eager way.
"""

import gzip
import json
import math
import pathlib
import sys
import time

import torch

D, K = 784, 10
LAMBDA, TARGET = 1.0, 0.1
GATE_BIAS = math.log(TARGET / (1 - TARGET))


def digits(folder):
    """Pixels [N, D] as bytes, and classes."""
    entries = json.loads((folder / "manifest.json").read_text())["shards"]
    labels, pixels = [], []
    for entry in entries:
        if entry["split"] == "train":
            content = torch.frombuffer(bytearray(gzip.decompress((folder / entry["file"]).read_bytes())), dtype=torch.uint8)
            labels.append(content[: entry["count"]].long())
            pixels.append(content[entry["count"] :].view(-1, D))
    return torch.cat(pixels), torch.cat(labels)


def layer(inputs, outputs, bias=0.0):
    """Weight [in, out] and bias, each with its velocity."""
    reach = math.sqrt(6 / (inputs + outputs))
    weight = torch.empty(inputs, outputs).uniform_(-reach, reach)
    bias = torch.full((outputs,), bias)
    return weight, bias, torch.zeros_like(weight), torch.zeros_like(bias)


class Trainer:
    def __init__(self, overrides, data):
        self.pixels, self.labels = data
        self.batch, self.gates, self.units = (int(overrides[key]) for key in ("batch", "gates", "units"))
        self.rate, self.momentum = overrides["lr"], overrides["momentum"]
        hidden, width = int(overrides["gater-hidden"]), self.gates * self.units
        self.experts, self.hidden = layer(D, width), layer(D, hidden)
        self.logits, self.head = layer(hidden, self.gates, GATE_BIAS), layer(width, K)

    def update(self, parameters, inputs, gradient):
        weight, bias, weight_velocity, bias_velocity = parameters
        weight_velocity.addmm_(inputs.t(), gradient, beta=self.momentum)
        bias_velocity.mul_(self.momentum).add_(gradient.sum(0))
        weight.sub_(weight_velocity, alpha=self.rate)
        bias.sub_(bias_velocity, alpha=self.rate)

    def step(self):
        batch, gates, units = self.batch, self.gates, self.units
        chosen = torch.randint(len(self.labels), (batch,))
        x = self.pixels[chosen].float().mul_(1 / 255)
        self.classes = self.labels[chosen]
        blocks = (batch, gates, units)

        q = torch.addmm(self.hidden[1], x, self.hidden[0]).tanh_()
        p = torch.addmm(self.logits[1], q, self.logits[0]).sigmoid_()
        g = torch.rand_like(p).lt(p).float().unsqueeze_(2)
        e = torch.addmm(self.experts[1], x, self.experts[0]).relu_()
        h = (e.view(blocks) * g).view(batch, -1)
        self.scores = torch.addmm(self.head[1], h, self.head[0]).log_softmax(1)

        ds = self.scores.exp()
        ds[torch.arange(batch), self.classes] -= 1
        ds.div_(batch)
        dh = ds @ self.head[0].t()
        slope = (dh * e).view(blocks).sum(2)
        de = (dh.view(blocks) * g).view(batch, -1).mul_(e.gt(0))
        pull = p.mean(0).sub_(TARGET).mul_(2 * LAMBDA / batch)
        da = slope.add_(pull).mul_(p * (1 - p))
        dt = (da @ self.logits[0].t()).mul_(1 - q * q)
        self.update(self.head, h, ds)
        self.update(self.experts, x, de)
        self.update(self.logits, q, da)
        self.update(self.hidden, x, dt)

    def loss(self):
        return -self.scores[torch.arange(self.batch), self.classes].mean().item()


def prove(trainer, steps):
    """Learns, which also warms up; the mean loss of the last quarter."""
    losses = []
    for _ in range(steps):
        trainer.step()
        losses.append(trainer.loss())
    last = losses[steps - steps // 4 :]
    return sum(last) / len(last)


def chunks(trainer, seconds, count):
    rates = []
    for _ in range(count):
        start, steps = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - start) < seconds / count or steps == 0:
            trainer.step()
            steps += 1
        rates.append(steps * trainer.batch / elapsed)
    return rates


def main():
    torch.set_num_threads(int(sys.argv[2]))
    torch.manual_seed(1)
    data = digits(pathlib.Path(sys.argv[1]))
    runs = {}
    with torch.no_grad():
        for line in sys.stdin:
            job = json.loads(line)
            key = json.dumps(job["config"])
            if key not in runs:
                trainer = Trainer(job["config"]["overrides"], data)
                runs[key] = trainer, prove(trainer, job["proof"])
            trainer, loss = runs[key]
            print(json.dumps({"chunks": chunks(trainer, job["seconds"], job["chunks"]), "loss": loss}), flush=True)


main()
