"""``make mutate``: break the numeric rooms on purpose, one place at a time, and see that the tests notice.

Each mutation changes one line of a copy of the library, and the tests of that room must fail. A mutation whose old
text no longer stands in the file exactly once is an error: then this list is out of date.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
# module, what stands there, what stands there instead
MUTATIONS = [
    ("cells", 'GATES = ("f", "i", "candidate", "o")', 'GATES = ("i", "f", "candidate", "o")'),
    ("cells", "f, i, candidate, o = gates.chunk(4", "i, f, candidate, o = gates.chunk(4"),
    ("cells", "candidate.tanh(), o.sigmoid()", "candidate.sigmoid(), o.sigmoid()"),
    ("cells", "c_t = f * c_prev + i * candidate", "c_t = f * c_prev - i * candidate"),
    ("cells", "h_t = o * c_t.tanh()", "h_t = o * c_t"),
    ("cells", "h_t = o * c_t.tanh()", "h_t = o * c_prev.tanh()"),
    ("cells", "gates = self.W_x(x) + self.W_h(h_prev)", "gates = self.W_x(x) + h_prev @ self.W_h.weight.T"),
    ("cells", '        bias_h["f"].zero_()\n    return module', "    return module"),
    ("cells", 'bias_x["i"].copy_(-log_u)', 'bias_x["i"].copy_(log_u)'),
    ("bptt", "gates, c = forward_steps(x, h_0, c_0, W_x, b_x + b_h", "gates, c = forward_steps(x, h_0, c_0, W_x, b_x"),
    ("bptt", "torch.addcmul(new, f, c_t, out=c_next)", "torch.addcmul(new, i, c_t, out=c_next)"),
    ("bptt", "torch.mul(c_next, minus_two, out=s).sigmoid_()", "torch.mul(c_t, minus_two, out=s).sigmoid_()"),
    ("bptt", "dc.addcmul_(dh_t, h_slope_t)", "dc.addcmul_(dh_t, h_slope_t, value=-1)"),
    ("bptt", "        dc.mul_(f)  # what", "        # what"),
    ("bptt", "    dh[-1] += dh_last\n", ""),
    ("bptt", "dc = dc_last.clone()", "dc = torch.zeros_like(dc_last)"),
    ("bptt", "da[:, :, 0] *= c[:-1]", "da[:, :, 0] *= c[1:]"),
    ("bptt", "value=-1, out=da[:, :, 2])", "value=1, out=da[:, :, 2])"),
    ("bptt", "da[:, :, 3] *= tanh_c", "da[:, :, 3] *= c[1:]"),
    ("bptt", "value=-1)  # o * (1 - tanh(C)^2)", "value=0)"),
    ("bptt", "torch.cat([x[now], h[now]], dim=2)", "torch.cat([x[now], h[1:][now]], dim=2)"),
    ("bptt", "slice(max(0, end - n), end + 1)", "slice(max(0, end - n), end + 1 if end == T else end + 2)"),
    ("bptt", "                db += da.sum(0)", "                db = da.sum(0)"),
    ("gradients", '"tanh": lambda h: 1 - h**2', '"tanh": lambda h: 1 + h**2'),
    ("gradients", "(gradients[-1] * slope) @ w)", "(gradients[-1] * slope) @ w.T)"),
    ("gradients", "activation_slopes(states, activation).flip(0):", "activation_slopes(states, activation):"),
    ("gradients", "activation_slopes(states[start : end + 1]", "activation_slopes(states[start:end]"),
    ("gradients", "return 0.5 * (g2 * squares)", "return (g2 * squares)"),
    ("gradients", "flip(0)[skip:].log()", "flip(0)[skip:].log10()"),
    ("variants", "o = (o + p_o * c_t).sigmoid()", "o = (o + p_o * c_prev).sigmoid()"),
    ("variants", "return z * h_prev + (1 - z) * candidate", "return (1 - z) * h_prev + z * candidate"),
    ("variants", "m_t = torch.maximum(log_f, log_i)", "m_t = log_f"),
    ("tasks", "2 * signals[:, 0] + signals[:, 1]", "signals[:, 0] + 2 * signals[:, 1]"),
    ("tasks", "manual_seed(HELD_OUT_SEED)", "manual_seed(1)"),
    ("tasks", "((0, long), (steps - 2, short))", "((0, long), (steps - 1, short))"),
    ("training", "        raise NonFiniteLossError(value, history)", "        pass"),
    ("training", "        torch.manual_seed(seed)\n", ""),
    ("training", "            history.interrupted = True", "            pass"),
]


def survives(module, old, new):
    """Return whether the tests of ``module`` pass although ``old`` was replaced by ``new`` ("" twice: by nothing)."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("lstm_lib", "tests"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        path = copy / "lstm_lib" / f"{module}.py"
        text = path.read_text(encoding="utf-8")
        if old and text.count(old) != 1:
            raise SystemExit(f"{module}.py holds {old!r} {text.count(old)} times, expected once")
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        command += [str(copy / "tests" / "library" / f"test_{module}.py")]
        env = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, cwd=folder, env=env, capture_output=True).returncode == 0


def main():
    for module in dict.fromkeys(module for module, *_ in MUTATIONS):
        if not survives(module, "", ""):
            raise SystemExit(f"the tests of {module}.py fail without any mutation")
    alive = []
    for module, old, new in MUTATIONS:
        found = survives(module, old, new)
        alive += [(module, new)] * found
        print(f"{'SURVIVES' if found else 'killed':9}{module:10}{' '.join(new.split())}", flush=True)
    print(f"{len(MUTATIONS) - len(alive)} of {len(MUTATIONS)} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
