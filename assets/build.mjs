// Bundles assets/ into trato/web/static/trato/ (git-ignored): head.js, passkey.js, offline.js, worker.js, app.js and its chunks, app.css, icons.svg, favicon.svg,
// and the mark drawn as PNG for home screens.
// `--watch` builds again on every change. A name of an icon that doesn't exist stops the build.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { build, context } from "esbuild";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const assets = dirname(fileURLToPath(import.meta.url));
const root = dirname(assets);
const watching = process.argv.includes("--watch");
const place = join(root, "trato/web/static/trato");
const out = watching ? place : `${place}.new`; // put in place when whole, so that nothing ever meets half a build
const outline = join(root, "node_modules/@tabler/icons/icons/outline");

// Where the name of an icon surely stands: icon("user") in templates and TypeScript, icon = "user" in an object's declaration,
// and among the values of a line of Python that sets it with others: label, icon = _("Account"), "building".
const ICON = /\bicon(?:\(|\s*[=:]\s*|"\s*:\s*)["']([a-z0-9-]+)["']/g;
const SEVERAL = /^\s*[\w, ]+, icon\b[\w, ]*=(.+)$/gm;
const WORD = /(?<![_(\w])"([a-z0-9-]+)"/g;
// Where it may stand: any quoted word of a template's expressions and of the Python that makes pages. Those that name no icon are no icon.
const PAGES = /\/trato\/web\/.*\.py$|\/pages\.py$|\/engine\/custom\/icons\.py$/;
const EXPRESSION = /\{[{%](.*?)[}%]\}/gs;
const QUOTED = /["']([a-z0-9-]+)["']/g;

function* surely(text) {
  for (const [, name] of text.matchAll(ICON)) yield name;
  for (const [, values] of text.matchAll(SEVERAL)) for (const [, name] of values.matchAll(WORD)) yield name;
}

function* perhaps(path, text) {
  const parts = path.endsWith(".html") ? [...text.matchAll(EXPRESSION)].map(([, code]) => code) : [];
  if (PAGES.test(path)) parts.push(text);
  for (const part of parts) for (const [, name] of part.matchAll(QUOTED)) yield name;
}

async function sources(folder) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!["static", "node_modules", "__pycache__", "tests"].includes(entry.name)) found.push(...(await sources(path)));
    } else if (/\.(html|py|ts)$/.test(entry.name)) found.push(path);
  }
  return found;
}

async function sprite() {
  const drawn = new Set(await readdir(outline));
  const names = new Map();
  for (const path of [...(await sources(join(root, "trato"))), ...(await sources(assets))]) {
    const text = await readFile(path, "utf8");
    for (const name of surely(text)) names.set(name, path);
    for (const name of perhaps(path, text)) if (drawn.has(`${name}.svg`)) names.set(name, path);
  }
  const symbols = [];
  for (const [name, path] of [...names].sort()) {
    if (!drawn.has(`${name}.svg`)) throw new Error(`${path}: there is no outline icon "${name}" in @tabler/icons`);
    const svg = await readFile(join(outline, `${name}.svg`), "utf8");
    const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    const paths = shapes.replace(/<path stroke="none"[^>]*\/>/, "").replace(/\s*\n\s*/g, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${paths}</symbol>`);
  }
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
}

/** The mark as PNG, for home screens: as it is, and with its colour to the edge, for systems that cut their own shape out of it
 * (its middle stays within the circle of 80 % that "maskable" promises to keep). */
async function marks() {
  const mark = await readFile(join(assets, "img/favicon.svg"), "utf8");
  const whole = mark.replace(/ rx="\d+"/, "");
  if (whole === mark) throw new Error("assets/img/favicon.svg: its ground has no rounded corners any more");
  await initWasm(await readFile(join(root, "node_modules/@resvg/resvg-wasm/index_bg.wasm")));
  for (const [name, svg, size] of [["mark-192", mark, 192], ["mark-512", mark, 512], ["mark-whole-512", whole, 512], ["mark-touch", whole, 180]]) {
    await writeFile(join(out, `${name}.png`), new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng());
  }
}

const common = { bundle: true, minify: true, target: "es2022", legalComments: "external", logLevel: "warning", outdir: out };
const bundles = [
  { ...common, entryPoints: [join(assets, "ts/head.ts")], format: "iife" },
  { ...common, entryPoints: [join(assets, "ts/passkey.ts")], format: "iife" },
  { ...common, entryPoints: [join(assets, "ts/offline.ts"), join(assets, "ts/worker.ts")], format: "iife" },
  {
    ...common,
    entryPoints: [join(assets, "ts/app.ts")],
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  },
  { ...common, entryPoints: [join(assets, "css/app.css")] },
];

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
/** The outlines of countries that maps draw, coarse and fine (Natural Earth, in the public domain). */
const worlds = () =>
  ["110m", "50m"].map((scale) => cp(join(root, `node_modules/world-atlas/countries-${scale}.json`), join(out, `world-${scale}.json`)));

await Promise.all([sprite(), marks(), cp(join(assets, "img"), out, { recursive: true }), ...worlds()]);
if (watching) {
  for (const bundle of bundles) await (await context(bundle)).watch();
} else {
  await Promise.all(bundles.map((bundle) => build(bundle)));
  await rm(place, { recursive: true, force: true });
  await rename(out, place);
}
