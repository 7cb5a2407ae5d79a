/** The trees of the fake wire. */
import type { Cause, Fact, Problem } from "../wire";

/** How a simulated source behaves. */
export interface Spec {
  name: string;
  kind: string;
  target?: string;
  /** Its usual duration in seconds. */
  takes?: number;
  /** Its usual status; `null` is unknown. */
  usual?: number | null;
  /** How often it has another status, from 0 to 1. */
  unsteady?: number;
  /** True if it goes down and comes back every other minute, for half an hour at a time. */
  flaps?: boolean;
  cause?: Cause;
  hold?: string;
  facts?: Fact[];
  tags?: string[];
  /** The program that Open starts. */
  program?: string;
  children?: Spec[];
}

export interface Scenario {
  root: Spec | null;
  problems: Problem[];
  config: string | null;
  /** Which store answers, and why not the preferred one. */
  store: string;
  fallback: string | null;
}

const http = (name: string, target: string, more: Partial<Spec> = {}): Spec => ({
  name,
  kind: "http",
  target,
  takes: 0.12,
  usual: 1,
  unsteady: 0.01,
  facts: [
    { label: "HTTP status", text: "200 OK" },
    { label: "Version", text: "HTTP/2" },
    { label: "Address", text: "192.0.2.44:443" },
    { label: "Certificate", text: "valid for 61 days (example.com)" },
    { label: "Body", text: "18.2 kB, gzip" },
  ],
  ...more,
});

const tree = (name: string, children: Spec[]): Spec => ({ name, kind: "tree", children });

const refused: Cause = { code: "refused", text: "connection refused by 192.0.2.17:443" };

const calmTree = tree("Example Status", [
  http("PROD", "https://example.com/"),
  http("Staging", "https://staging.example.com/", { takes: 0.34 }),
  tree("Office", [
    { name: "router", kind: "snmp", target: "192.168.1.1:161", takes: 0.004, usual: 1 },
    { name: "printer-2f", kind: "snmp", target: "192.168.1.40:161", takes: 0.009, usual: 1 },
    { name: "nas", kind: "tcp", target: "192.168.1.20:445", takes: 0.001, usual: 1 },
  ]),
  {
    name: "GitHub",
    kind: "github",
    target: "https://www.githubstatus.com/",
    takes: 0.21,
    usual: 1,
  },
]);

const busyTree = tree("Example Status", [
  http("PROD", "https://example.com/", { unsteady: 0.02 }),
  tree("Web shop", [
    http("Storefront", "https://shop.example.com/", { takes: 0.231 }),
    http("Checkout", "https://shop.example.com/checkout/health", {
      usual: 0,
      unsteady: 0.05,
      takes: 1.84,
      tags: ["prod", "money"],
      cause: { code: "http_status", text: "HTTP 503 Service Unavailable after 2 redirects" },
      facts: [
        { label: "HTTP status", text: "503 Service Unavailable" },
        { label: "Retry-After", text: "120" },
        { label: "Version", text: "HTTP/1.1" },
        { label: "Address", text: "[2001:db8:4:11::17]:443" },
        { label: "Certificate", text: "valid for 12 days (*.shop.example.com)" },
      ],
    }),
    http("Search", "https://search.shop.example.com/_health", { takes: 0.62, unsteady: 0.15 }),
    http("Images", "https://img.shop.example.com/pixel.png", { takes: 0.043 }),
    tree("Payments", [
      http("Card gateway", "https://cards.example.net/ping", { takes: 0.38 }),
      http("Invoices", "https://invoices.example.net/ping", {
        usual: 0,
        cause: {
          code: "tls",
          text: "the certificate of invoices.example.net expired on 2026-11-20 08:14 UTC; renew it",
        },
      }),
    ]),
  ]),
  tree("Office", [
    { name: "core-switch.berlin", kind: "snmp", target: "192.168.1.1:161", takes: 0.004, usual: 1 },
    {
      name: "printer-2f",
      kind: "snmp",
      target: "192.168.1.40:161",
      takes: 5,
      usual: null,
      cause: { code: "credentials", text: "the agent refuses the SNMPv3 user “up”" },
    },
    {
      name: "nas",
      kind: "command",
      target: "check_disk -H 192.168.1.20",
      takes: 0.001,
      usual: 1,
      tags: ["storage"],
      facts: [
        { label: "Exit status", text: "0" },
        { label: "/home", text: "71.4% (warn 80, crit 90, least 0, most 100)" },
        { label: "free", text: "28.6% (warn 20:, crit 10:)" },
        { label: "temperature", text: "2 C (warn @-5:0)" },
        { label: "rx", text: "1234567 c" },
      ],
      program: "/usr/bin/virt-viewer",
    },
    { name: "door camera", kind: "tcp", target: "192.168.1.77:554", usual: null, hold: "paused" },
  ]),
  tree("Suppliers", [
    {
      name: "GitHub",
      kind: "github",
      target: "https://www.githubstatus.com/api/v2/status.json",
      takes: 0.21,
      usual: 0.5,
      cause: { code: "reported", text: "“Minor Service Outage”: delays in Actions runs" },
      facts: [
        { label: "Indicator", text: "minor" },
        { label: "Description", text: "Minor Service Outage" },
      ],
    },
    {
      name: "CDN",
      kind: "statuspage",
      target: "https://status.cdn.example/",
      takes: 0.19,
      usual: 1,
    },
    {
      name: "Mail relay",
      kind: "tcp",
      target: "mail.example.org:25",
      takes: 0.05,
      usual: 1,
      unsteady: 0.2,
      cause: refused,
    },
  ]),
  http("<img src=x onerror=alert(1)> & “friends”", "https://example.com/?q=<b>x</b>"),
  http(
    "A rather long name that somebody gave to a very important intranet start page",
    "https://intranet.example.com/start",
  ),
]);

const flappingTree = tree("Example Status", [
  http("PROD", "https://example.com/"),
  tree("Web shop", [
    http("Storefront", "https://shop.example.com/"),
    http("Search", "https://search.shop.example.com/_health", { flaps: true }),
  ]),
]);

/** Names that are long, are written from right to left, or have no place to break a line. */
const oddTree = tree("خدمات الشركة", [
  http("متجر الويب الرئيسي", "https://shop.example.com/", {
    usual: 0,
    cause: { code: "timeout", text: "لا يوجد رد خلال 10 ثوان" },
  }),
  http(`x${"0123456789".repeat(20)}`, "https://example.com/", { usual: 0, cause: refused }),
  tree("A tree with a name of many words ".repeat(6).trim(), [
    http("שירות התשלומים (בדיקה)", "https://pay.example.com/", { usual: 0.5 }),
    http("平成三十一年度四半期報告書閲覧用サーバー（予備）".repeat(4), "https://example.com/"),
  ]),
]);

function bigTree(trees: number, leaves: number): Spec {
  const groups = Array.from({ length: trees }, (_, group) =>
    tree(
      `rack-${String(group + 1).padStart(3, "0")}`,
      Array.from({ length: leaves }, (_, leaf) =>
        http(
          `host-${String(group * leaves + leaf + 1).padStart(5, "0")}`,
          `http://10.0.${group}.${leaf}/`,
          {
            takes: 0.01 + (leaf % 17) / 100,
            usual: (group * leaves + leaf) % 97 === 13 ? 0 : 1,
            unsteady: 0.002,
            cause: refused,
          },
        ),
      ),
    ),
  );
  return tree("Fleet", groups);
}

const CONFIG = "/home/ada/.config/up/up.toml";
const EMBEDDED = "the embedded history";

export const SCENARIOS: Readonly<Record<string, () => Scenario>> = {
  busy: () => ({
    root: busyTree,
    problems: [],
    config: CONFIG,
    store: "MongoDB at localhost:27017",
    fallback: null,
  }),
  calm: () => ({ root: calmTree, problems: [], config: CONFIG, store: EMBEDDED, fallback: null }),
  flapping: () => ({
    root: flappingTree,
    problems: [],
    config: CONFIG,
    store: EMBEDDED,
    fallback: null,
  }),
  empty: () => ({
    root: null,
    problems: [
      {
        about: "config",
        text: `${CONFIG}: there is no such file\nhelp: \`up init ${CONFIG}\` writes a commented one to start with`,
      },
    ],
    config: null,
    store: EMBEDDED,
    fallback: null,
  }),
  "broken-start": () => ({
    root: null,
    problems: [
      { about: "config", text: `${CONFIG}:14:1: unknown key “timout”; did you mean “timeout”?` },
    ],
    config: CONFIG,
    store: EMBEDDED,
    fallback: null,
  }),
  odd: () => ({ root: oddTree, problems: [], config: CONFIG, store: EMBEDDED, fallback: null }),
  broken: () => ({
    root: busyTree,
    config: CONFIG,
    store: EMBEDDED,
    fallback:
      "MongoDB at localhost:27017 does not answer (connection refused), so this is from the embedded history.",
    problems: [
      {
        about: "config",
        text:
          `${CONFIG}:14:1: unknown key “timout”; did you mean “timeout”?\n` +
          '   |\n14 | timout = "10s"\n   | ^^^^^^\n' +
          "The configuration of 12:41:07 goes on being used.",
      },
      {
        about: "mongo",
        text: "mongodb://localhost:27017 does not answer: connection refused. 1,204 samples wait in the embedded history and are sent when it does.",
      },
      {
        about: "tray",
        text: "No tray host has appeared yet; this window opens with “up-tray --panel”.",
      },
    ],
  }),
  waiting: () => ({
    root: calmTree,
    problems: [],
    config: CONFIG,
    store: EMBEDDED,
    fallback: null,
  }),
  thousand: () => ({
    root: bigTree(25, 40),
    problems: [],
    config: CONFIG,
    store: EMBEDDED,
    fallback: null,
  }),
  big: () => ({
    root: bigTree(100, 100),
    problems: [],
    config: CONFIG,
    store: EMBEDDED,
    fallback: null,
  }),
};
