"""The strong recipe for small tables of numbers, in PyTorch: the same bags, folds, epochs and encodings (docs/recipes.md).

It is here for its seconds: eager mode on dense inputs, a process for each thread, as many networks side by side. Its error
tells that it does the same work.
"""

from concurrent.futures import ProcessPoolExecutor
import multiprocessing

from protocol import answer, threads
import numpy as np
import torch
from torch import nn

FOLDS, REFITS, EPOCHS = 8, 3, 150
# Bins, hidden layers, activation, learning rate, weight decay, share of the epochs, rows of a batch.
BAGS = [
    (0, [], nn.ReLU, 0.01, 0.1, 0.5, 32),
    (0, [128, 128], nn.SiLU, 0.004, 0.1, 1.0, 64),
    (16, [128, 128], nn.SiLU, 0.003, 1.0, 0.2, 32),
    (16, [128, 128], nn.ReLU, 0.003, 0.1, 0.2, 32),
    (32, [128, 128], nn.SiLU, 0.006, 0.1, 1.0, 64),
    (32, [128, 128, 128], nn.ReLU, 0.004, 0.3, 1.0, 64),
]


def encoder(x, bins):
    """The robust scale and the piecewise-linear bins of every column, learnt from `x`."""
    median, quartiles = np.median(x, axis=0), np.quantile(x, 0.75, axis=0) - np.quantile(x, 0.25, axis=0)
    unit = np.where(quartiles > 0, quartiles, (x.max(axis=0) - x.min(axis=0)) / 2)
    edges = []
    for column in x.T:
        distinct = np.unique(column)
        few = len(distinct) <= bins + 1
        edges.append(distinct if few else np.unique(np.quantile(column, np.linspace(0, 1, bins + 1))))

    def encode(x):
        z = (x - median) / unit
        parts = [z / np.sqrt(1 + (z / 3) ** 2)]
        if bins:
            parts += [np.clip((c[:, None] - b[:-1]) / np.diff(b), 0, 1) for c, b in zip(x.T, edges)]
        return torch.from_numpy(np.hstack(parts).astype(np.float32))

    return encode


def train(bag, x, y, unseen, epochs, seed):
    """A network on the rows that are not `unseen`: at its best epoch with the losses of all, or at its last."""
    _, hidden, activation, rate, decay, _, rows = bag
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    layers, width = [], x.shape[1]
    for neurons in hidden:
        layers += [nn.Linear(width, neurons), activation()]
        width = neurons
    layers.append(nn.Linear(width, 1))
    for linear in layers[::2]:
        nn.init.kaiming_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
    network = nn.Sequential(*layers)
    seen = np.setdiff1d(np.arange(len(x)), unseen)
    steps = -(-len(seen) // rows)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * steps)
    loss_of, losses, best = nn.MSELoss(), [], None
    for _ in range(epochs):
        order = seen[torch.randperm(len(seen)).numpy()]
        for batch in np.array_split(order, range(rows, len(order), rows)):
            optimizer.zero_grad()
            loss_of(network(x[batch]), y[batch]).backward()
            optimizer.step()
            schedule.step()
        if len(unseen):
            with torch.inference_mode():
                losses.append(loss_of(network(x[unseen]), y[unseen]).item())
            if losses[-1] == min(losses):
                best = {name: value.clone() for name, value in network.state_dict().items()}
    if best:
        network.load_state_dict(best)
    with torch.inference_mode():
        found = network(x[unseen]).numpy().ravel()
    return network, losses, found


def fit(X, y, categories):
    assert not categories, "tables of numbers alone"
    x, mean, unit = X.to_numpy(), y.mean(), y.std()
    target = torch.from_numpy(((y - mean) / unit).astype(np.float32)[:, None])
    folds = np.array_split(np.random.default_rng(0).permutation(len(x)), FOLDS)
    encoders = [encoder(x, bag[0]) for bag in BAGS]
    encoded = [encode(x) for encode in encoders]
    epochs = [round(bag[5] * EPOCHS) for bag in BAGS]
    with ProcessPoolExecutor(threads, multiprocessing.get_context("spawn")) as pool:
        def start(b, unseen, epochs, seed):
            return pool.submit(train, BAGS[b], encoded[b], target, unseen, epochs, seed)

        started = [[start(b, fold, epochs[b], 100 * b + f) for f, fold in enumerate(folds)] for b in range(len(BAGS))]
        members = [[future.result() for future in bag] for bag in started]
        shares, networks = [], []
        for b, bag in enumerate(members):
            errors = np.concatenate([found - target[fold, 0].numpy() for (_, _, found), fold in zip(bag, folds)])
            shares.append(np.sqrt(np.mean(errors**2)))
            networks.append([network for network, _, _ in bag])
        refitted = []
        for b, bag in enumerate(members):
            curve = sum(len(fold) * np.array(losses) for (_, losses, _), fold in zip(bag, folds)) / len(x)
            harmless = curve[-1] - curve.min() <= 0.01
            if epochs[b] == EPOCHS and harmless and shares[b] <= 1.15 * min(shares):
                refitted.append(b)
        none = np.array([], dtype=int)
        again = {b: [start(b, none, 2 * EPOCHS, 1000 + 100 * b + k) for k in range(REFITS)] for b in refitted}
        for b, futures in again.items():
            networks[b] = [future.result()[0] for future in futures]
    limit = 1.05 if refitted else 1.15
    counted = [b for b in range(len(BAGS)) if b in refitted or shares[b] <= limit * min(shares)]

    def predict(X):
        x = X.to_numpy()
        with torch.inference_mode():
            of_bags = [np.mean([network(encoders[b](x)).numpy() for network in networks[b]], axis=0) for b in counted]
        return mean + unit * np.mean(of_bags, axis=0)

    return predict


# A process that is started for networks imports this file anew.
if __name__ == "__main__":
    answer(f"PyTorch {torch.__version__}", fit)
