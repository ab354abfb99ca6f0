"""A river, for notebook 07: its flow from the rain up to the same day, never from the flow of the days before.

Networks and ridge get the same two inputs and learn the root of the flow. A rolling origin over hydrological years
(October to September, named after their end): rates are chosen on 1957 and 1958, tests are 1959 to 1962.
"""

import math
from itertools import accumulate
from typing import NamedTuple

import torch
from torch import nn

from lstm_lib.cells import from_torch
from lstm_lib.datasets import read_shipped
from lstm_lib.experiments.runs import Experiment, settings_of
from lstm_lib.models import build, count_parameters
from lstm_lib.training import fit

UPDATES, LENGTH, WARM = 200, 365, 180  # days of a training sequence, and those before a forecast counts
TESTS = (1959, 1960, 1961, 1962)
MEMORIES = (3, 10, 30, 90)  # days after which 1/e of a rain is left in a fading sum
POURED = (1, 2, 4, 8)  # what the rain of the ten days before the flood is multiplied by
RATES = {  # learning rates tried, for ridge strengths of the penalty
    **dict.fromkeys(("lstm", "lstm_bias1", "skip"), (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08)),
    "rnn_orthogonal": (0.00125, 0.0025, 0.005, 0.01, 0.02),
    "linear": (10, 30, 100, 300, 1000),
    "wetness": (100, 300, 1000, 3000, 10000),
}
RIDGE = ("linear", "wetness")
BEST = {"lstm_bias1": 0.01, "rnn_orthogonal": 0.0025, "skip": 0.005, "linear": 100, "wetness": 1000}  # on 1957 and 1958


class River(NamedTuple):
    """N days: ``flow`` (N,) in m³/s, ``inputs`` (N, 2), rain and evaporation in mm, ``year`` (N,), hydrological."""

    flow: torch.Tensor
    inputs: torch.Tensor
    year: torch.Tensor


def load_river():
    """Return the Leaf River, 1952-07-28 to 1962-09-30, as a River of 3,717 days, float64.

    Raises as :func:`lstm_lib.datasets.read_shipped` does.
    Source: US National Weather Service, shipped by spotpy (MIT).
    """
    lines = read_shipped("river.csv").decode().split()[1:]
    dates, *columns = zip(*(line.split(",") for line in lines), strict=True)
    flow, *inputs = torch.tensor([[float(value) for value in column] for column in columns], dtype=torch.float64)
    return River(flow, torch.stack(inputs, dim=1), torch.tensor([int(d[:4]) + (d[5:7] >= "10") for d in dates]))


def span(river, first, last):
    """Return the list of days in the hydrological years ``first`` to ``last``, without the first 180 days of all."""
    return [day for day, year in enumerate(river.year.tolist()) if first <= year <= last and day >= WARM]


def nse(forecast, flow):
    """Return the Nash-Sutcliffe efficiency of two (N,): 1 is perfect, 0 is as good as the mean of ``flow``.

    Source: Nash & Sutcliffe 1970, "River flow forecasting through conceptual models", Journal of Hydrology 10.
    """
    return 1 - ((forecast - flow).square().sum() / (flow - flow.mean()).square().sum()).item()


def root_error(forecast, flow):
    """Return the root mean squared error of the square roots of two flows (N,); no single flood owns it."""
    return (forecast.sqrt() - flow.sqrt()).square().mean().sqrt().item()


class RiverModel(nn.Module):
    """A network of ``kind`` with an output at every step: scaled x (B, T, 2) -> scaled root of the flow (B, T).

    ``kind`` is one of ``build``; or "skip": an LSTM with forget bias 1, and a linear layer from the last ten days of
    x straight to the output, a way around h. The scale is that of the days up to the end of ``train``.
    """

    def __init__(self, kind, river, train):
        super().__init__()
        model = build("lstm_bias1" if kind == "skip" else kind, 2, 16, 1)
        self.layer, self.fc, self.drop = getattr(model, "lstm", None) or model.rnn, model.fc, nn.Dropout(0.2)
        self.around = nn.Conv1d(2, 1, 10, bias=False) if kind == "skip" else None
        seen, root = river.inputs[: train[-1] + 1], river.flow[train].sqrt()
        self.center, self.width, self.mean, self.deviation = seen.mean(0), seen.std(0), root.mean(), root.std()

    def forward(self, x):
        y = self.fc(self.drop(self.layer(x)[0]))[..., 0]
        return y + self.around(nn.functional.pad(x.mT, (9, 0)))[:, 0] if self.around else y

    def scaled(self, inputs):
        """Return ``inputs`` (N, 2) in mm as a batch of one sequence, (1, N, 2), float32."""
        return ((inputs - self.center) / self.width).float()[None]

    def flow(self, output):
        """Return ``output`` as a flow in m³/s, float64; a root below zero counts as zero."""
        return (output.detach().double() * self.deviation + self.mean).clamp(min=0).square()

    def forecast(self, inputs):
        """Return the flow (N,) for each day of ``inputs`` (N, 2), in one run over all of them."""
        with torch.no_grad():
            return self.flow(self.eval()(self.scaled(inputs))[0])

    def ceiling(self):
        """Return the largest flow in m³/s that ``fc`` can say, with every h at -1 or 1."""
        return self.flow(self.fc.weight.abs().sum() + self.fc.bias).item()


def train_river(kind, rate, river, train, seed, label=None):
    """Return a RiverModel trained on the target days ``train``; ``label`` as in ``fit``.

    Adam, batches of 16 sequences of a year, the rate falls to 0 by a cosine, clip 1; the loss is the mean squared
    error of the root of the flow after the first 180 days of each.
    """
    torch.manual_seed(seed)
    model, rng = RiverModel(kind, river, train), torch.Generator().manual_seed(seed)
    x = model.scaled(river.inputs[: train[-1] + 1])[0].unfold(0, LENGTH, 1).mT  # (M, 365, 2)
    root = (river.flow[: train[-1] + 1].sqrt() - model.mean) / model.deviation
    y = root.float().unfold(0, LENGTH, 1)[:, WARM:]  # (M, 185)
    batches = ((x[k], y[k]) for k in (torch.randint(len(x), (16,), generator=rng) for _ in range(UPDATES)))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    fit(model, batches, _miss, optimizer, UPDATES, clip=1.0, scheduler=schedule, seed=seed, label=label)
    return model


def _miss(output, y):
    return nn.functional.mse_loss(output[:, WARM:], y)


def wetness(rain, memory):
    """Return for each day (N,) the sum of all rain so far, each day's faded by e^(-age / memory), ages in days."""
    sums = accumulate(rain.tolist(), lambda total, value: math.exp(-1 / memory) * total + value)
    return torch.tensor([*sums], dtype=rain.dtype)


def features(inputs, kind):
    """Return what ridge regression sees on each day, (N, F): both inputs (N, 2) of the last 90 days, today first.

    "wetness" adds four fading sums of the rain, their roots and products with the evaporation, and for the slow three
    the products of the last ten rains with the sum of the day before. "linear" has none of these.
    """
    rain, evaporation = inputs.T
    columns = [_lags(rain, 90), _lags(evaporation, 90)]
    for memory in MEMORIES if kind == "wetness" else ():
        wet = wetness(rain, memory)
        columns += [wet[:, None], wet.sqrt()[:, None], (wet * evaporation)[:, None]]
        if memory > MEMORIES[0]:
            columns.append(_lags(wet, 11)[:, 1:] * _lags(rain, 10))
    return torch.cat(columns, dim=1)


def _lags(values, count):
    return nn.functional.pad(values, (count - 1, 0)).unfold(0, count, 1).flip(1)  # (N, count)


def train_ridge(kind, strength, river, train):
    """Return a function, inputs (N, 2) -> flow (N,): ridge regression on :func:`features` of the days ``train``."""
    seen, root = features(river.inputs, kind)[train], river.flow[train].sqrt()
    center, width, middle = seen.mean(dim=0), seen.std(dim=0), root.mean()
    z = (seen - center) / width
    products = z.T @ z + strength * torch.eye(z.shape[1], dtype=z.dtype)
    weight = torch.linalg.solve(products, z.T @ (root - middle))
    return lambda inputs: ((features(inputs, kind) - center) / width @ weight + middle).clamp(min=0).square()


def flood_days(river):
    """Return the days with the highest 1 % of the flows of all test years, the highest first."""
    return sorted(span(river, TESTS[0], TESTS[-1]), key=lambda day: -river.flow[day])[:14]


def run_river(kind, rate, known, first, last, seed):
    """Train on the years up to ``known`` and return the scores on the years ``first`` to ``last``.

    "floods": pairs (day, forecast) for the flood_days among them. "poured": if the flood of February 1961 is among
    them, the highest forecast around it with the rain of the ten days up to it multiplied by each of POURED.
    """
    river, ridge, poured = load_river(), kind in RIDGE, []
    train, days, floods = span(river, 0, known), span(river, first, last), flood_days(river)
    model = train_ridge(kind, rate, river, train) if ridge else train_river(kind, rate, river, train, seed)
    learned = model if ridge else model.forecast
    forecast = learned(river.inputs)
    for times in POURED if floods[0] in days else ():
        inputs = river.inputs.clone()
        inputs[floods[0] - 9 : floods[0] + 1, 0] *= times
        poured.append(round(learned(inputs)[floods[0] - 9 : floods[0] + 11].max().item()))
    own = {} if ridge else {"parameters": count_parameters(model), "ceiling": round(model.ceiling())}
    pair = forecast[days], river.flow[days]
    own["floods"] = [[day, round(forecast[day].item())] for day in floods if day in days]
    return {**own, "nse": nse(*pair), "root_error": root_error(*pair), "poured": poured}


def run_store(kind, rate, seed):
    """Return what C of an LSTM trained on the years up to 1961 has to do with the rain so far, measured in 1962.

    "trained", "untrained": for each of MEMORIES the unit whose C goes best with the fading sum in training, and their
    correlation in 1962. "storm": least and greatest answer to the same rain on each day of 1962. "left": the share of
    the answers' deviation if C is held at its mean: in the unit for 30 days, in another (median), in all.
    """
    river, out = load_river(), {}
    rain, train, test = river.inputs[:, 0], span(river, 0, 1961), span(river, 1962, 1962)
    torch.manual_seed(seed)
    models = {"untrained": RiverModel(kind, river, train), "trained": train_river(kind, rate, river, train, seed)}
    for name, model in models.items():
        with torch.no_grad():
            trace = from_torch(model.layer).trace(model.scaled(river.inputs))
        out[name] = [_best_unit(trace.c[0].double(), wetness(rain, memory), train, test) for memory in MEMORIES]
    h, c = trace.h[:, test].contiguous(), trace.c[:, test]
    answer, unit = storm(model, h, c), out["trained"][MEMORIES.index(30)][0]
    held = torch.cat([torch.eye(c.shape[-1]), torch.ones(1, c.shape[-1])]).bool()  # one unit each, then all
    spread = [storm(model, h, torch.where(units, c.mean(dim=1, keepdim=True), c)).std() for units in held]
    *left, every = (torch.stack(spread) / answer.std()).tolist()
    left = [left.pop(unit), torch.tensor(left).median().item(), every]  # after pop, left holds the others
    return {**out, "storm": [answer.min().item(), answer.max().item()], "left": left}


def storm(model, h, c):
    """Return by how much 60 mm of rain raise the root of the flow in a week, (B,), from states h and c (1, B, H)."""
    inputs, roots = torch.zeros(7, 2, dtype=torch.float64), []
    inputs[:, 1] = model.center[1]
    for inputs[0, 0] in (0.0, 60.0):
        out, _ = model.layer(model.scaled(inputs).expand(h.shape[1], 7, 2), (h, c.contiguous()))
        roots.append(model.flow(model.fc(out)[..., 0]).sqrt())
    return (roots[1] - roots[0]).amax(dim=1)


def _best_unit(c, wet, train, test):
    past, new = (torch.corrcoef(torch.cat([c[days].T, wet[days][None]]))[-1, :-1] for days in (train, test))
    unit = past.abs().argmax().item()
    return [unit, new[unit].item()]


def _settings(kinds, more):
    choice = [(kind, rate, 1956, 1957, 1958) for kind in kinds for rate in RATES[kind]]
    tests = [(kind, BEST[kind], year - 1, year, year) for kind in kinds if kind in BEST for year in TESTS]
    return settings_of("kind rate known first last", [*choice, *tests, *more])


SEEN = ("lstm_bias1", BEST["lstm_bias1"], 1961, 1961, 1961)  # here the flood is in training
EXPERIMENTS = {
    "river": Experiment(run_river, _settings([kind for kind in RATES if kind not in RIDGE], [SEEN])),
    "river_ridge": Experiment(run_river, _settings(RIDGE, []), range(1)),
    "river_store": Experiment(run_store, settings_of("kind rate", [SEEN[:2]])),
}
