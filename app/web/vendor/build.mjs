// Bundles the audited libraries that the pages use into readable files, and records their hashes.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const folder = "../static/vendor";
const bundles = {
  "noble.js": { entry: "entry.js", names: ["@noble/curves", "@noble/hashes"] },
  "argon2.js": { entry: "argon2_entry.js", names: ["@noble/hashes"] },
  "qr.js": { entry: "qr_entry.js", names: ["qr"] },
};
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const used = (name) => ({
  name,
  version: lock[`node_modules/${name}`].version,
  integrity: lock[`node_modules/${name}`].integrity,
  licence: lock[`node_modules/${name}`].license,
});
const manifest = {};
for (const [file, { entry, names }] of Object.entries(bundles)) {
  const outfile = `${folder}/${file}`;
  await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2020",
    legalComments: "inline",
    outfile,
  });
  const sha256 = createHash("sha256").update(readFileSync(outfile)).digest("hex");
  manifest[file] = { sha256, packages: names.map(used) };
}
writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
