"""The solutions of the exercises: real code, run by the tests. Each function is printed as it stands here."""

import math

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


def steps_left():
    return math.ceil(math.log(1 / 1000) / math.log(0.9))


def slope_of_step(g, h):
    mean_square = ((1 - h**2) ** 2).mean()
    return 0.5 * torch.log(g**2 * mean_square)


def gradient_by_step(rnn, x):
    x = x.clone().requires_grad_()
    out, _ = rnn(x)  # (T, H)
    out[-1].sum().backward()
    return x.grad.norm(dim=1)


def clipped_entry():
    return 8 * 5 / math.sqrt(6**2 + 8**2)


def clip_by_norm(gradients, threshold):
    total = torch.stack([g.norm() for g in gradients]).norm()
    factor = min(1.0, threshold / total.item())
    return [g * factor for g in gradients]


def training_step(model, optimizer, x, y, threshold):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), threshold)
    optimizer.step()
    return loss


def bias_for_half():
    f = 0.5 ** (1 / 50)  # f to the power of 50 is 0.5
    return math.log(f / (1 - f))  # the inverse of the sigmoid


def write_size(cell, x, h):
    nudge = torch.zeros_like(x)
    nudge[:, 0] = 1e-4
    change = cell(x + nudge, h) - cell(x - nudge, h)  # (B, H)
    return change.norm(dim=1) / 2e-4


def rnn_units(input_size, hidden_size, output_size):
    def size(units, blocks):
        layer = blocks * units * (input_size + units + 2)
        return layer + (units + 1) * output_size

    units = 1
    while size(units, blocks=1) < size(hidden_size, blocks=4):
        units += 1
    return units


def level_of_c():
    kept = 0.5 ** (10 / 20)  # from one pulse to the next
    return 1 / (1 - kept)  # C = kept * C + 1, solved for C


def half_lives(f):
    return math.log(0.5) / f.log().mean(dim=0)


def exchange_c(lstm, x, k):
    _, (h, c) = lstm(x[:, :k])  # each (1, B, H)
    out, _ = lstm(x[:, k:], (h, c.roll(1, dims=1)))
    return out[:, -1]


def lstm_parameters():
    return 4 * 10 * (6 + 10 + 2)


def from_onnx(rows):
    i, o, f, candidate = rows.chunk(4)
    return torch.cat([f, i, candidate, o])


def lstm_step(cell, x, h_prev, c_prev):
    a = x @ cell.weight_ih.T + cell.bias_ih + h_prev @ cell.weight_hh.T + cell.bias_hh
    i, f, candidate, o = a.chunk(4, dim=1)
    c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(candidate)
    h_t = torch.sigmoid(o) * torch.tanh(c_t)
    return h_t, c_t


def memory_steps():
    return 1 + math.exp(1 + 1)  # both bias vectors are set, and they add up


def start_long(lstm, longest):
    units = lstm.hidden_size
    with torch.no_grad():
        for name, parameter in lstm.named_parameters():
            if "bias" in name:
                parameter[: 2 * units] = 0.0  # input gate, forget gate
            if "bias_ih" in name:
                parameter[:units] = -2.0
                parameter[units : 2 * units] = math.log(longest - 1)
    return lstm


def coupled_back(dc, f, candidate, c_prev):
    df = dc * c_prev - dc * candidate  # f is used twice
    da_f = df * f * (1 - f)
    da_candidate = dc * (1 - f) * (1 - candidate**2)
    return da_f, da_candidate, dc * f


def numbers_in_h_n():
    return (3 * 2) * 5 * 20


def scale(train, test):
    mean, deviation = train.mean(), train.std()
    return (train - mean) / deviation, (test - mean) / deviation


def summary_of(lstm, x, lengths):
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    _, (h_n, _) = lstm(packed)
    return torch.cat([h_n[-2], h_n[-1]], dim=1)


def min_half_life():
    f, i = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(1))
    return math.log(0.5) / math.log(f / (f + i))


def write_ratio(i, candidate, mark):
    written, mark = (i * candidate).abs()[:, 1:], mark[:, 1:]
    return written[mark].mean() / written[~mark].mean()


def freeze_gate(lstm, x, gate):
    mean = getattr(lstm.trace(x), gate).mean(dim=(0, 1))  # (H,)
    h = c = torch.zeros(len(x), lstm.hidden_size)
    for x_t in x.unbind(dim=1):  # (B, D), T times
        f, i, candidate, o, _, _ = lstm.cell.step(x_t, h, c)
        f = mean if gate == "f" else f
        i = mean if gate == "i" else i
        o = mean if gate == "o" else o
        c = f * c + i * candidate
        h = o * c.tanh()
    return h
