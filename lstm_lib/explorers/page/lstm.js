// The LSTM: forward, and back from its last cell state. Gate order f, i, candidate, o; W_x is (4H, D), W_h (4H, H).

const sigmoid = (a) => 1 / (1 + Math.exp(-a));

// x: an array of T arrays (D,); change(t, h, c), t from 1: what stands in their place after step t.
export function run({ W_x, W_h, b, H }, x, change = (t, h, c) => [h, c]) {
  const D = x[0].length;
  const steps = [];
  let [h, c] = [new Float64Array(H), new Float64Array(H)];
  x.forEach((x_t, k) => {
    const a = Float64Array.from(b);
    for (let j = 0; j < 4 * H; j++) {
      for (let d = 0; d < D; d++) a[j] += W_x[j * D + d] * x_t[d];
      for (let d = 0; d < H; d++) a[j] += W_h[j * H + d] * h[d];
    }
    const gate = (n, act) => a.slice(n * H, (n + 1) * H).map(act);
    const now = { f: gate(0, sigmoid), i: gate(1, sigmoid), candidate: gate(2, Math.tanh), o: gate(3, sigmoid) };
    c = c.map((old, j) => now.f[j] * old + now.i[j] * now.candidate[j]);
    h = c.map((new_, j) => now.o[j] * Math.tanh(new_));
    [h, c] = change(k + 1, h, c);
    steps.push({ ...now, c, h });
  });
  return steps;
}

// dL/dC_t at t = T ... 0 for L = sum(C_T) / sqrt(H); `along`: by the cell state alone, as if the gates didn't see h.
export function back({ W_h, H }, steps, along = false) {
  const [rows, zero] = [[new Float64Array(H).fill(H ** -0.5)], new Float64Array(H)];
  let dh = zero; // dL/dh_t: h_t is read by the gates of step t + 1
  for (let t = steps.length; t > 0; t--) {
    const { f, i, candidate, o } = steps[t - 1];
    const { c, o: o_before } = t > 1 ? steps[t - 2] : { c: zero, o: zero }; // h_0 doesn't come from C_0
    const dc = rows.at(-1);
    const da = [f.map((v, j) => dc[j] * c[j] * v * (1 - v)), i.map((v, j) => dc[j] * candidate[j] * v * (1 - v)),
      candidate.map((v, j) => dc[j] * i[j] * (1 - v * v)),
      o.map((v, j) => dh[j] * Math.tanh(steps[t - 1].c[j]) * v * (1 - v))];
    const dh_before = new Float64Array(H);
    if (!along) {
      da.forEach((part, n) => part.forEach((v, k) => {
        for (let j = 0; j < H; j++) dh_before[j] += v * W_h[(n * H + k) * H + j];
      }));
    }
    dh = dh_before;
    rows.push(dc.map((v, j) => v * f[j] + dh_before[j] * o_before[j] * (1 - Math.tanh(c[j]) ** 2)));
  }
  return rows;
}
