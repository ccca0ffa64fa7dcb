#!/usr/bin/env python3
"""Times a training step of PyTorch and prints a line of JSON.

usage: peer_torch.py WORKLOAD FORMAT VARIANT WEIGHTS.safetensors BATCH.npz

FORMAT is fp32, fp16 (autocast and GradScaler) or bf16 (autocast). VARIANT is
  eager     op by op
  compiled  forward and loss through torch.compile
  captured  the same, with an optimizer that stays on the GPU, and the whole step
            in one CUDA graph: PyTorch at its best
The batch is on the GPU. Only `captured` does not wait for the host between steps.
"""
import sys

import torch
from safetensors.numpy import load_file
from torch import nn
from torch.nn import functional

import workload


def mlp():
    network = nn.Module()
    network.net = nn.Sequential(nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(),
                                nn.Linear(1024, 10))
    network.forward = network.net.forward
    return network, functional.cross_entropy


def cnn():
    network = nn.Module()
    network.conv1 = nn.Conv2d(3, 32, 3, padding=1)
    network.fc = nn.Linear(32 * 16 * 16, 10)

    def forward(x):
        images = functional.max_pool2d(functional.relu(network.conv1(x)), 2)
        return network.fc(images.flatten(1))

    network.forward = forward
    return network, functional.cross_entropy


def dlrm(tables=26, rows=20000, width=64):
    network = nn.Module()
    network.emb = nn.ModuleList([nn.Embedding(rows, width) for _ in range(tables)])
    network.bot = nn.Sequential(nn.Linear(13, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(),
                                nn.Linear(256, width), nn.ReLU())
    features = tables + 1
    upper = torch.triu_indices(features, features, 1)
    network.register_buffer("pairs", upper[0] * features + upper[1], persistent=False)
    network.top = nn.Sequential(nn.Linear(upper.shape[1] + width, 512), nn.ReLU(), nn.Linear(512, 256),
                                nn.ReLU(), nn.Linear(256, 1))

    def forward(dense, indices):
        bottom = network.bot(dense)
        rows = [bottom] + [table(indices[:, i]) for i, table in enumerate(network.emb)]
        vectors = torch.stack(rows, 1)
        products = torch.bmm(vectors, vectors.transpose(1, 2)).flatten(1)
        crossed = products.index_select(1, network.pairs)
        return network.top(torch.cat([bottom, crossed], 1)).squeeze(1)

    network.forward = forward
    return network, functional.binary_cross_entropy_with_logits


def optimizer_of(name, parameters, captured):
    options = dict(workload.OPTIMIZERS[name], fused=True)
    kind = options.pop("kind")
    if kind == "sgd":
        return torch.optim.SGD(parameters, **options)
    return torch.optim.Adam(parameters, capturable=captured, **options)


class Step:
    """Forward, loss, backward, unscale and overflow test, update, new scale."""

    def __init__(self, name, precision, variant, weights, batch):
        network, self.criterion = {"mlp": mlp, "cnn": cnn, "dlrm": dlrm}[name]()
        tensors = {key: torch.from_numpy(value) for key, value in load_file(weights).items()}
        wanted = network.state_dict().keys()
        network.load_state_dict({key: tensors[key] for key in wanted})
        self.network = network.cuda().train()
        inputs, label = workload.read_batch(batch)
        self.inputs = [torch.from_numpy(array).cuda() for array in inputs]
        self.label = torch.from_numpy(label).cuda()
        self.precision = {"fp32": None, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]
        self.optimizer = optimizer_of(name, self.network.parameters(), variant == "captured")
        self.scaler = torch.amp.GradScaler("cuda", init_scale=workload.SCALE,
                                           growth_interval=workload.GROWTH_INTERVAL,
                                           enabled=precision == "fp16")
        self.forward = self.loss if variant == "eager" else torch.compile(self.loss)

    def loss(self, *inputs):
        # Autocast's cache of weights would outlive a captured graph's.
        with torch.autocast("cuda", dtype=self.precision, enabled=self.precision is not None,
                            cache_enabled=False):
            return self.criterion(self.network.forward(*inputs), self.label)

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(*self.inputs)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss


def captured(step, losses):
    """The step as one graph; it is run some times first, which PyTorch asks for."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(workload.LOSSES):
            losses.append(step().item())
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def milliseconds(run):
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    begin.record()
    for _ in range(workload.TIMED):
        run()
    end.record()
    torch.cuda.synchronize()
    return begin.elapsed_time(end) / workload.TIMED


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    name, precision, variant, weights, batch = sys.argv[1:]
    torch.backends.cudnn.benchmark = True
    step, losses = Step(name, precision, variant, weights, batch), []
    if variant == "captured":
        run = captured(step, losses)
    else:
        run = step
        for _ in range(workload.LOSSES):
            losses.append(step().item())
    milliseconds(run)
    workload.report(f"PyTorch {torch.__version__.split('+')[0]}, {variant}",
                    [milliseconds(run) for _ in range(workload.REPEATS)], losses)


main()
