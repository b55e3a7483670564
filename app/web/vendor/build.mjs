// Bundles the audited libraries that the pages use into one readable file, and records its hash.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const target = "../static/vendor/noble.js";
await build({
  entryPoints: ["entry.js"],
  bundle: true,
  format: "esm",
  target: "es2020",
  legalComments: "inline",
  outfile: target,
});
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const packages = ["@noble/curves", "@noble/hashes"].map((name) => ({
  name,
  version: lock[`node_modules/${name}`].version,
  integrity: lock[`node_modules/${name}`].integrity,
  licence: "MIT",
}));
const sha256 = createHash("sha256").update(readFileSync(target)).digest("hex");
const manifest = { "noble.js": { sha256, packages } };
writeFileSync("../static/vendor/manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
