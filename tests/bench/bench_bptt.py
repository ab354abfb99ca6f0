"""The backward pass by hand against ``nn.LSTM`` and the unrolled cell: forward pass, update, growth.

Three LSTMs with the same weights take turns; float32, one thread, no optimiser. Processor time, so that other work on
the machine counts little. With torch 2.13 on two cores of an AMD EPYC with AVX-512, load 1.5 at the start and 2.4 at
the end, the update took (milliseconds, best and median; ratios of the best and of the medians):

    B, T, D, H                      hand         nn.LSTM            cell    hand/nn.LSTM     cell/hand
    (32, 100, 2, 32)       3.28   (3.56)   1.25   (1.38)  10.23  (11.16)    2.62 (2.58)    3.12 (3.13)
    (64, 100, 2, 128)     24.44  (26.97)  32.22  (33.32)  51.15  (52.54)    0.76 (0.81)    2.09 (1.95)
    (32, 50, 32, 256)     20.24  (20.79)  15.78  (16.34)  41.52  (43.54)    1.28 (1.27)    2.05 (2.09)
    (16, 200, 64, 512)   137.27 (143.26) 143.02 (145.80) 359.48 (366.80)    0.96 (0.98)    2.62 (2.56)

On another, slower and idle one with AVX-512 (load 0.9) hand/nn.LSTM was 1.91, 0.81, 1.17 and 0.97, and cell/hand 3.3,
1.5, 1.3 and 1.6: which of the two wins at H = 32 and 256 depends on the processor.

In runs on the busy machine, load 2 to 10, hand/nn.LSTM was 2.1-2.9, 0.8-1.2, 1.3-1.4 and 0.9-1.1. Where the time goes:

- H = 32: 1.75 of the 3.28 ms are the price of some 2700 calls and views with next to nothing in them (B = D = H = 1);
  nn.LSTM makes one call. Inference mode within the loops takes 7 % off the step. Tried: the same forward loop through
  torch.jit.script, 23 % faster, but deprecated.
- H = 256: the matrix products alone take 16.5 ms, more than nn.LSTM's whole step: each weight matrix is laid out for
  oneDNN once in each direction, and its products run at 190 to 240 GFlop/s. With MKL's products, at 105 on this
  processor, the four ratios were 2.65, 1.19, 2.20 and 2.05.
- tanh of (32, 256) takes 19.5 microseconds, sigmoid 2.7: tanh itself would cost 1.7 ms more a forward pass there.
- Memory: nn.LSTM gets 30 MB anew from the system at each step of (64, 100, 2, 128), 7300 page faults or about
  10 ms, and twice as many at H = 512; they are also behind its jumps by a factor of 4 below. The backward pass by hand
  in one piece did the same in most steps (35 to 40 ms); in blocks of steps, as it is, it does so now and then.

    T     hand  nn.LSTM    cell       H     hand  nn.LSTM    cell       B     hand  nn.LSTM    cell
   50     3.15     1.54    7.27      32     3.44     1.36   10.76       8     3.07     1.02   10.17
  100     6.18     3.02   14.62      64     6.47     3.08   15.40      16     4.07     1.57   11.59
  200    14.79     6.94   32.23     128    15.36     8.96   31.85      32     6.02     2.97   14.79
  400    28.11    29.40   68.86     256    40.05    43.82   89.55      64    12.41     6.51   23.27
"""

import os
import statistics
import time
import timeit

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


def update(module, x):
    """Return the milliseconds of the forward pass and of the whole update, in processor time of this thread."""
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
    found = {name: [] for name in NAMES}
    modules = contestants(D, H)
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop or len(found["cell"]) < 4:
        for name, module in modules.items():
            found[name] += [update(module, x) for _ in range(3)][1:]
    return {name: list(zip(*times, strict=True)) for name, times in found.items()}


def products_alone(sizes):
    """Return the milliseconds that the matrix products of one update by hand take without all the rest."""
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
    return 1e6 * min(timeit.repeat(lambda: function(tensor), timer=time.thread_time, number=calls, repeat=10)) / calls


def race_of_sizes():
    """Print the times of forward pass and update; return (sizes, ms by hand, ms of nn.LSTM) of the latter."""
    print("\nmilliseconds, best (median); ratios of the best (of the medians)")
    print(f"{'B, T, D, H':20}{'':9}{'hand':>16}{'nn.LSTM':>16}{'cell':>16}{'hand/nn.LSTM':>16}{'cell/hand':>14}")
    updates = []
    for sizes in SIZES:
        found = race(sizes, seconds=6)
        for k, what in enumerate(("forward", "step")):
            best, median = ({n: f(found[n][k]) for n in NAMES} for f in (min, statistics.median))
            columns = "".join(f"{best[n]:8.2f} {f'({median[n]:.2f})':>7}" for n in NAMES)
            for upper, lower in (("hand", "nn.LSTM"), ("cell", "hand")):
                columns += f"{f'{best[upper] / best[lower]:.2f} ({median[upper] / median[lower]:.2f})':>15}"
            print(f"{str(sizes) if k == 0 else '':20}{what:9}{columns}", flush=True)
        updates.append((sizes, best["hand"], best["nn.LSTM"]))
    return updates


def parts_of(updates):
    print("\nwhere the step by hand spends its time: matrix products, and what the calls cost with nothing to compute")
    print(f"{'B, T, D, H':20}{'hand':>10}{'products':>10}{'calls':>10}{'nn.LSTM':>10}")
    for sizes, hand, theirs in updates:
        products, calls = products_alone(sizes), min(race((1, sizes[1], 1, 1), seconds=0.5)["hand"][1])
        print(f"{str(sizes):20}{hand:10.2f}{products:10.2f}{calls:10.2f}{theirs:10.2f}", flush=True)
    for H in (32, 256):
        both = [microseconds(f, torch.randn(32, H)) for f in (torch.sigmoid, torch.tanh)]
        print(f"sigmoid and tanh of (32, {H}): {both[0]:.1f} and {both[1]:.1f} microseconds")


def growth(axis, values):
    rest = ", ".join(f"{k} = {v}" for k, v in BASE.items() if k != axis)
    print(f"\nupdate when {axis} doubles, at {rest}: milliseconds, and times the line above")
    print(f"{axis:>6}" + "".join(f"{n:>18}" for n in NAMES))
    before = None
    for value in values:
        found = race(tuple((BASE | {axis: value}).values()), seconds=1.5)
        best = {n: min(found[n][1]) for n in NAMES}
        factor = {n: f"x {best[n] / before[n]:.2f}" if before else "" for n in NAMES}
        print(f"{value:6}" + "".join(f"{best[n]:10.2f} {factor[n]:>7}" for n in NAMES), flush=True)
        before = best


def main():
    torch.set_num_threads(1)
    began = time.perf_counter()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, float32, one thread, processor time;")
    print("load of the machine", *(f"{n:.1f}" for n in os.getloadavg()))
    parts_of(race_of_sizes())
    for axis, values in GROWTH.items():
        growth(axis, values)
    print(f"\n{time.perf_counter() - began:.0f} seconds; load at the end", *(f"{n:.1f}" for n in os.getloadavg()))


if __name__ == "__main__":
    main()
