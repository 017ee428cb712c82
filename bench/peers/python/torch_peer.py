"""PyTorch as a peer: eager mode, its Sequential, its SGD and Adam as they come."""

import itertools

from protocol import answer_losses, answer_row, answer_rows, answer_times, batch, mode, problem, threads, workload
import torch
from torch import nn

torch.set_num_threads(threads)
functions = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.01), "identity": nn.Identity}
modules = []
for w, b in problem.layers:
    linear = nn.Linear(w.shape[1], w.shape[0])
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(w))
        linear.bias.copy_(torch.from_numpy(b))
    modules += [linear, functions[problem.activation]()]
network = nn.Sequential(*modules[:-1])

if workload == "step":
    rule = torch.optim.Adam if problem.adam else torch.optim.SGD
    optimizer = rule(network.parameters(), lr=problem.learning_rate)
    loss_function = nn.MSELoss()
    batches = [tuple(map(torch.from_numpy, batch(t))) for t in range(problem.batches)]

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()
        return loss

    cycle = itertools.cycle(batches)

    def run(n):
        for x, y in itertools.islice(cycle, n):
            step(x, y)

    if mode == "check":
        answer_losses(torch.__version__, (step(x, y).item() for x, y in cycle))
    else:
        answer_times(torch.__version__, run)
else:
    network.eval()
    with torch.inference_mode():
        answer = answer_row if workload == "row" else answer_rows
        answer(torch.__version__, lambda x: network(torch.from_numpy(x)))
