/** What the checks of a simulated source measured. It is the same for the same path and time. */
import type { MeasuredMetric } from "../wire";
import { hash } from "./random";

const STEP = 300;
const DAY = 86_400;

/** A metric: its name, label and unit, the usual value, how much it varies, and its thresholds. */
type Shape = Pick<MeasuredMetric, "name" | "label" | "unit"> & {
  usual: number;
  varies: number;
  warn?: number[];
  crit?: number[];
  /** A counter grows by the usual value each second, and begins anew after so many seconds. */
  restarts?: number;
};

const part = (name: string, label: string, usual: number, varies: number): Shape => ({
  name: `timing.${name}`,
  label,
  unit: "s",
  usual,
  varies,
});
const HTTP: readonly Shape[] = [
  part("resolve", "Resolve", 0.004, 0.6),
  part("connect", "Connect", 0.012, 0.2),
  part("tls", "TLS", 0.026, 0.2),
  part("first_byte", "First byte", 0.084, 0.4),
  part("body", "Body", 0.003, 0.5),
];
const CERTIFICATE: Shape = {
  name: "certificate_days",
  label: "Certificate, days left",
  unit: "d",
  usual: 61,
  varies: 0,
};
const SNMP: readonly Shape[] = [
  { name: "values.ifInOctets.1", label: "ifInOctets.1", unit: "", usual: 81_000, varies: 0.5 },
  { name: "values.laLoad.1", label: "laLoad.1", unit: "", usual: 0.4, varies: 0.6 },
];
const PLUGIN: readonly Shape[] = [
  {
    name: "perfdata./home",
    label: "/home",
    unit: "%",
    usual: 71,
    varies: 0.06,
    warn: [80],
    crit: [90],
  },
  {
    name: "perfdata.free",
    label: "free",
    unit: "%",
    usual: 29,
    varies: 0.1,
    warn: [20],
    crit: [10],
  },
  {
    name: "perfdata.temperature",
    label: "temperature",
    unit: "C",
    usual: 2,
    varies: 2,
    warn: [-5, 0],
  },
  { name: "perfdata.rx", label: "rx", unit: "c", usual: 41, varies: 0.4, restarts: 50_000 },
  { name: "perfdata.read", label: "read", unit: "MB", usual: 12, varies: 0.4 },
  { name: "perfdata.written", label: "written", unit: "MB", usual: 5, varies: 0.4 },
];
const SHAPES: Readonly<Record<string, readonly Shape[]>> = {
  http: [...HTTP, CERTIFICATE],
  snmp: SNMP,
  command: PLUGIN,
};

export function metricsOf(
  path: string,
  kind: string,
  from: number,
  to: number,
  now: number,
): MeasuredMetric[] {
  const wide = Math.max(STEP, Math.ceil((to - from) / 400 / STEP) * STEP);
  const begins: number[] = [];
  for (let at = Math.floor(from / wide) * wide; at < Math.min(to, now); at += wide) {
    // The laptop that runs Up sleeps at night.
    const isAsleep =
      new Date(at * 1000).getHours() < 6 && hash(`night${Math.floor(at / DAY)}`) < 0.7;
    if (!isAsleep) begins.push(at);
  }
  return (SHAPES[kind] ?? []).map((shape) =>
    shape.restarts === undefined
      ? measured(shape, path, begins, wide)
      : counted(shape, path, begins, { wide, now, restarts: shape.restarts }),
  );
}

/** A value as the history keeps it. */
const kept = (value: number): number => Number(value.toPrecision(3));

function counted(
  shape: Shape,
  path: string,
  begins: readonly number[],
  { wide, now, restarts }: { wide: number; now: number; restarts: number },
): MeasuredMetric {
  const { name, label, unit, usual, varies } = shape;
  const at = (date: number): number => {
    const since = date % restarts;
    const unsteady = Math.sin(since / 4_000) * 4_000 * varies;
    return kept(usual * (since + unsteady * hash(path)));
  };
  const all = begins.map((begin) =>
    [0, wide / 2, wide - 1].map((into) => at(Math.min(now, begin + into))),
  );
  const means = all.map((values) => kept(values.reduce((sum, one) => sum + one, 0) / 3));
  return {
    ...{ name, label, unit, warn: [], crit: [], begins: [...begins], means },
    last: means.at(-1) ?? 0,
    ends: begins.map((begin) => begin + wide),
    counts: begins.map(() => wide / 30),
    mins: all.map((values) => Math.min(...values)),
    maxs: all.map((values) => Math.max(...values)),
  };
}

function measured(
  { name, label, unit, usual, varies, warn = [], crit = [] }: Shape,
  path: string,
  begins: number[],
  wide: number,
): MeasuredMetric {
  const means = begins.map((at) => {
    const slow = Math.sin((at / DAY) * 2 * Math.PI) * 0.4;
    return usual * (1 + varies * (slow + (hash(`${path}${name}${at}`) - 0.5) * 0.6));
  });
  const spread = (at: number, word: string): number =>
    usual * varies * hash(`${path}${name}${at}${word}`) * 0.5;
  return {
    name,
    label,
    unit,
    last: means.at(-1) ?? usual,
    warn,
    crit,
    begins,
    ends: begins.map((at) => at + wide),
    counts: begins.map(() => wide / 30),
    mins: means.map((mean, at) => mean - spread(at, "min")),
    means,
    maxs: means.map((mean, at) => mean + spread(at, "max")),
  };
}
