"""Makes the stored values that tests/proofs/pytorch_reference.rs compares chainrule with.

    python make_reference.py            (needs PyTorch; writes networks.json and trajectories.json beside itself)

Everything here is float64 and comes from PyTorch: its forward functions, its automatic differentiation and its
optimizers. Nothing is taken from the Rust code. The script is seeded, so a second run writes the same inputs, and
the same results up to the last digits that another PyTorch or another processor may round differently.

Inputs, targets and initial parameters are rounded to three decimals, so that the files stay small and readable;
results are written with `repr`, which names a float64 exactly.

networks.json
    activations    a(z) and a'(z) of the nine activations on one grid of z
    networks       3 inputs -> 4 -> 2 -> 1 or 3 outputs, five rows, once for every pair of activation and loss (54).
                   The first hidden layer has the activation, the second the one after it in the list. The eight
                   combinations of {1, 3} outputs, {without, with} row weights, {without, with} L2 penalty take turns
                   in such a way that every activation and every loss meets several of them.
                   For each: raw outputs, predictions, loss, and every gradient.
trajectories.json  20 full-batch steps of each optimizer: loss before each step, parameters after the last.
"""

import json
import math
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))

ACTIVATIONS = {
    "relu": F.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.01),
    "identity": lambda z: z,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": lambda z: F.gelu(z, approximate="none"),
    "silu": F.silu,
    "mish": F.mish,
    # PyTorch replaces softplus by z above its threshold (20 by default): 1e-9 away from ln(1 + e^z) there.
    "softplus": lambda z: F.softplus(z, threshold=40.0),
}

HUBER_DELTA = 0.75
PINBALL_TAU = 0.3


def pinball(raw, y):
    e = y - raw
    return torch.maximum(PINBALL_TAU * e, (PINBALL_TAU - 1.0) * e)


def poisson_deviance(raw, y):
    # y ln(y / mu) written as y ln y - y raw: at y = 0 automatic differentiation of ln(y / mu) would meet 0/0.
    return 2.0 * (torch.xlogy(y, y) - y * raw - (y - torch.exp(raw)))


def gamma_deviance(raw, y):
    mu = torch.exp(raw)
    return 2.0 * (-torch.log(y / mu) + (y - mu) / mu)


# The loss of each element, as a function of the out layer's raw value and the target.
LOSSES = {
    "mean_square_error": lambda raw, y: F.mse_loss(raw, y, reduction="none"),
    "mean_absolute_error": lambda raw, y: F.l1_loss(raw, y, reduction="none"),
    f"huber({HUBER_DELTA})": lambda raw, y: F.huber_loss(raw, y, reduction="none", delta=HUBER_DELTA),
    f"pinball({PINBALL_TAU})": pinball,
    "poisson_deviance": poisson_deviance,
    "gamma_deviance": gamma_deviance,
}


def rounded(t):
    return torch.round(t * 1000.0) / 1000.0


def targets(loss, rows, outputs, g):
    if loss == "poisson_deviance":  # counts, zeros among them
        return torch.randint(0, 4, (rows, outputs), generator=g).double()
    t = torch.randn(rows, outputs, generator=g)
    return rounded(torch.exp(0.5 * t)) if loss == "gamma_deviance" else rounded(t)


def random_layers(widths, g):
    """[(W (o,i), b (o))] with N(0, 2/i) weights and N(0, 1/4) biases."""
    layers = []
    for i, o in zip(widths, widths[1:]):
        w = rounded(torch.randn(o, i, generator=g) * math.sqrt(2.0 / i))
        b = rounded(torch.randn(o, generator=g) * 0.5)
        layers.append((w.requires_grad_(), b.requires_grad_()))
    return layers


def forward(layers, activations, x):
    a = x
    for (w, b), activation in zip(layers, activations):
        a = ACTIVATIONS[activation](F.linear(a, w, b))
    return F.linear(a, *layers[-1])


def objective(layers, raw, y, loss, weights, l2_penalty):
    """C = sum_r w_r sum_k l / (o sum_r w_r) + lambda/2 sum of squared weights (the biases are not penalised)."""
    w = torch.ones(y.shape[0]) if weights is None else weights
    c = (w[:, None] * LOSSES[loss](raw, y)).sum() / (y.shape[1] * w.sum())
    return c + 0.5 * l2_penalty * sum((w * w).sum() for w, _ in layers)


def lists(layers):
    return [{"w": w.tolist(), "b": b.tolist()} for w, b in layers]


def activation_values():
    grid = [k / 4.0 for k in range(-48, 49) if k != 0]  # -12 .. 12; 0 is a kink of two of them
    out = {"z": grid, "values": {}}
    for name, a in ACTIVATIONS.items():
        z = torch.tensor(grid, requires_grad=True)
        value = a(z)
        (derivative,) = torch.autograd.grad(value.sum(), z)
        out["values"][name] = {"a": value.tolist(), "da": derivative.tolist()}
    return out


def network_cases():
    names = list(ACTIVATIONS)
    cases = []
    for p, activation in enumerate(names):
        for q, loss in enumerate(LOSSES):
            combination = (3 * p + 5 * q) % 8
            outputs = 3 if combination & 1 else 1
            weighted = bool(combination & 2)
            l2_penalty = 0.05 if combination & 4 else 0.0
            g = torch.Generator().manual_seed(1000 + 10 * p + q)
            activations = [activation, names[(p + 1) % len(names)]]
            layers = random_layers([3, 4, 2, outputs], g)
            x = rounded(torch.randn(5, 3, generator=g))
            y = targets(loss, 5, outputs, g)
            weights = rounded(torch.rand(5, generator=g) * 2.0) if weighted else None
            raw = forward(layers, activations, x)
            c = objective(layers, raw, y, loss, weights, l2_penalty)
            flat = [t for layer in layers for t in layer]
            gradients = torch.autograd.grad(c, flat)
            prediction = torch.exp(raw) if loss.endswith("deviance") else raw
            cases.append({
                "activations": activations, "loss": loss, "l2_penalty": l2_penalty,
                "x": x.tolist(), "y": y.tolist(), "weights": None if weights is None else weights.tolist(),
                "layers": lists(layers), "raw": raw.tolist(), "prediction": prediction.tolist(), "c": c.item(),
                "gradients": [{"dc_dw": gradients[2 * k].tolist(), "dc_db": gradients[2 * k + 1].tolist()}
                              for k in range(len(layers))],
            })
    return cases


STEPS = 20

# name, optimizer, learning rate, schedule, clipping norm, loss, outputs, row weights, L2 penalty
TRAJECTORIES = [
    ("gradient_descent", lambda p, lr: torch.optim.SGD(p, lr), 0.1, None, None, "mean_square_error", 1, False, 0.0),
    ("momentum", lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9), 0.02, None, None, "mean_square_error", 1, False, 0.0),
    ("nesterov", lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True), 0.02, None, None, "mean_square_error", 3, False, 0.0),
    ("adam", lambda p, lr: torch.optim.Adam(p, lr, betas=(0.9, 0.999), eps=1e-8), 0.03, None, None, "mean_square_error", 1, False, 0.0),
    ("adam_w", lambda p, lr: torch.optim.AdamW(p, lr, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1), 0.05, None, None, "mean_square_error", 3, False, 0.0),
    ("adam_with_weights_and_penalty", lambda p, lr: torch.optim.Adam(p, lr, betas=(0.9, 0.999), eps=1e-8), 0.02, None, None, "gamma_deviance", 3, True, 0.05),
    ("gradient_descent_with_steps", lambda p, lr: torch.optim.SGD(p, lr), 0.2, "step", None, "huber(0.75)", 1, True, 0.0),
    ("momentum_with_cosine", lambda p, lr: torch.optim.SGD(p, lr, momentum=0.8), 0.05, "cosine", None, "mean_square_error", 1, False, 0.01),
    ("gradient_descent_clipped", lambda p, lr: torch.optim.SGD(p, lr), 0.3, None, 0.5, "mean_square_error", 1, False, 0.0),
]


def clip(gradients, limit):
    """g <- g min(1, limit / |g|), |g| over all parameters. (torch.nn.utils.clip_grad_norm_ adds 1e-6 to |g|.)"""
    norm = torch.sqrt(sum((g * g).sum() for g in gradients))
    factor = torch.clamp(limit / norm, max=1.0)
    return [g * factor for g in gradients]


def trajectories():
    cases = []
    for k, (name, make, lr, schedule, clip_norm, loss, outputs, weighted, l2_penalty) in enumerate(TRAJECTORIES):
        g = torch.Generator().manual_seed(2000 + k)
        activations = ["silu", "leaky_relu"]
        layers = random_layers([3, 5, 4, outputs], g)
        x = rounded(torch.randn(7, 3, generator=g))
        y = targets(loss, 7, outputs, g)
        weights = rounded(torch.rand(7, generator=g) * 2.0) if weighted else None
        initial = lists(layers)
        flat = [t for layer in layers for t in layer]
        optimizer = make(flat, lr)
        # Full batch: one step is one epoch.
        scheduler = {
            None: lambda: None,
            "step": lambda: torch.optim.lr_scheduler.StepLR(optimizer, step_size=6, gamma=0.5),
            "cosine": lambda: torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda s: 0.5 * (1.0 + math.cos(math.pi * s / STEPS))),
        }[schedule]()
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            c = objective(layers, forward(layers, activations, x), y, loss, weights, l2_penalty)
            c.backward()
            if clip_norm is not None:
                for t, clipped in zip(flat, clip([t.grad for t in flat], clip_norm)):
                    t.grad = clipped
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            losses.append(c.item())
        cases.append({
            "name": name, "activations": activations, "loss": loss, "learning_rate": lr, "l2_penalty": l2_penalty,
            "clip_norm": clip_norm, "x": x.tolist(), "y": y.tolist(),
            "weights": None if weights is None else weights.tolist(),
            "initial": initial, "losses": losses, "final": lists(layers),
        })
    return cases


def write(name, value):
    path = os.path.join(HERE, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(json.dumps(value, separators=(",", ":"), allow_nan=False).replace('},{"activations"', '},\n{"activations"')
                .replace('},{"name"', '},\n{"name"') + "\n")
    print(f"{name}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    made_with = {"torch": torch.__version__.split("+")[0], "script": "make_reference.py"}
    write("networks.json", {"made_with": made_with, "activations": activation_values(), "networks": network_cases()})
    write("trajectories.json", {"made_with": made_with, "steps": STEPS, "trajectories": trajectories()})
