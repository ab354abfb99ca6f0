"""The backward pass by hand against ``nn.LSTM`` and the unrolled cell: forward pass, training step, growth.

TODO
"""

import os
import statistics
import time

import torch

from lstm_lib import bptt, cells

SIZES = [(32, 100, 2, 32), (64, 100, 2, 128), (32, 50, 32, 256), (16, 200, 64, 512)]  # B, T, D, H
BASE = {"B": 32, "T": 100, "D": 8, "H": 64}
GROWTH = {"T": (50, 100, 200, 400), "H": (32, 64, 128, 256), "B": (8, 16, 32, 64)}
NAMES = ("hand", "nn.LSTM", "cell")


def contestants(D, H):
    """Return the three kinds of LSTM with the same weights, by name."""
    hand, cell = bptt.HandLSTM(D, H), cells.LSTM(D, H)
    cell.load_state_dict(hand.state_dict())
    return dict(zip(NAMES, (hand, cells.to_torch(hand), cell), strict=True))


def step(module, x):
    """Return the milliseconds of the forward pass and of the whole training step, in processor time of this thread."""
    module.zero_grad()
    start = time.thread_time()
    out, _ = module(x)
    middle = time.thread_time()
    out.sum().backward()
    return 1000 * (middle - start), 1000 * (time.thread_time() - start)


def race(sizes, seconds):
    """Let the three take turns for ``seconds``; return name -> lists of forward and of step times.

    A turn is a few steps in a row, as in a training run; the first of them warms up and doesn't count.
    """
    B, T, D, H = sizes
    x = torch.randn(B, T, D)
    found = {name: ([], []) for name in NAMES}
    modules = contestants(D, H)
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop or len(found["cell"][0]) < 4:
        for name, module in modules.items():
            times = [step(module, x) for _ in range(3)][1:]
            for column, values in zip(found[name], zip(*times, strict=True), strict=True):
                column.extend(values)
    return found


def products_alone(sizes):
    """Return the milliseconds that the matrix products of one training step by hand take without all the rest."""
    B, T, D, H = sizes
    x, h, seen = torch.randn(T * B, D), torch.randn(T * B, H), torch.randn(T * B, D + H)
    W_x, W_h = torch.randn(4 * H, D), torch.randn(4 * H, H)
    block = max(1, bptt.BLOCK // (4 * B * H)) * B

    @torch.inference_mode()
    def run():
        start = time.thread_time()
        a = bptt.product(x, W_x)
        forth, back = bptt.adder(W_h, B), bptt.adder(W_h.T, B)
        for a_t, h_t in zip(a.split(B), h.split(B), strict=True):
            forth(a_t, h_t)
            back(h_t, a_t)
        for rows, da in zip(seen.split(block), a.split(block), strict=True):
            bptt.product(rows.T, da.T)
        return 1000 * (time.thread_time() - start)

    return min(run() for _ in range(8))


def microseconds(function, tensor, calls=200):
    """Return the processor time of ``function(tensor)``."""
    rounds = []
    for _ in range(10):
        start = time.thread_time()
        for _ in range(calls):
            function(tensor)
        rounds.append(time.thread_time() - start)
    return 1e6 * min(rounds) / calls


def main():
    torch.set_num_threads(1)
    began = time.perf_counter()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, float32, one thread, processor time;")
    print("load of the machine", *(f"{n:.1f}" for n in os.getloadavg()))

    print("\nmilliseconds, best (median); ratios of the best (of the medians)")
    print(f"{'B, T, D, H':20}{'':9}{'hand':>16}{'nn.LSTM':>16}{'cell':>16}{'hand/nn.LSTM':>16}{'cell/hand':>14}")
    rest = []
    for sizes in SIZES:
        found = race(sizes, seconds=6)
        for k, what in enumerate(("forward", "step")):
            best, median = ({n: f(found[n][k]) for n in NAMES} for f in (min, statistics.median))
            columns = "".join(f"{best[n]:8.2f} {f'({median[n]:.2f})':>7}" for n in NAMES)
            ratios = [(d["hand"] / d["nn.LSTM"], d["cell"] / d["hand"]) for d in (best, median)]
            pairs = "".join(f"{f'{a:.2f} ({b:.2f})':>15}" for a, b in zip(*ratios, strict=True))
            print(f"{str(sizes) if k == 0 else '':20}{what:9}{columns}{pairs}", flush=True)
        rest.append((sizes, best["hand"], best["nn.LSTM"]))

    print("\nwhere the step by hand spends its time: matrix products, and what the calls cost with nothing to compute")
    print(f"{'B, T, D, H':20}{'hand':>10}{'products':>10}{'calls':>10}{'nn.LSTM':>10}")
    for sizes, hand, theirs in rest:
        products, calls = products_alone(sizes), min(race((1, sizes[1], 1, 1), seconds=0.5)["hand"][1])
        print(f"{str(sizes):20}{hand:10.2f}{products:10.2f}{calls:10.2f}{theirs:10.2f}", flush=True)
    for H in (32, 256):
        both = [microseconds(f, torch.randn(32, H)) for f in (torch.sigmoid, torch.tanh)]
        print(f"sigmoid and tanh of (32, {H}): {both[0]:.1f} and {both[1]:.1f} microseconds")

    for axis, values in GROWTH.items():
        rest = ", ".join(f"{k} = {v}" for k, v in BASE.items() if k != axis)
        print(f"\ntraining step when {axis} doubles, at {rest}: milliseconds, and times the line above")
        print(f"{axis:>6}" + "".join(f"{n:>18}" for n in NAMES))
        before = None
        for value in values:
            found = race(tuple((BASE | {axis: value}).values()), seconds=1.5)
            best = {n: min(found[n][1]) for n in NAMES}
            factor = {n: f"x {best[n] / before[n]:.2f}" if before else "" for n in NAMES}
            print(f"{value:6}" + "".join(f"{best[n]:10.2f} {factor[n]:>7}" for n in NAMES), flush=True)
            before = best
    print(f"\n{time.perf_counter() - began:.0f} seconds; load at the end", *(f"{n:.1f}" for n in os.getloadavg()))


if __name__ == "__main__":
    main()
