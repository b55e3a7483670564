// Writes contracts/abi/*.json, the committed artifacts that running the system needs instead of a
// compiler, each with the keccak256 of our sources in it. With --check it writes nothing and exits 1
// if one of them is not what the sources give.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { forge } from "./forge.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const OUT = "out/artifacts";
const NAMES = [
  "AccessManager", "ActionRegistry", "Anchor", "Attesters", "Delegation", "ImpactToken",
  "PaymentDesk", "Payees", "Programmes", "Quorum", "Recovery", "TimelockController",
];

function artifact(name) {
  const built = JSON.parse(readFileSync(join(root, OUT, `${name}.sol`, `${name}.json`), "utf8"));
  const { compiler, settings, sources } = JSON.parse(built.rawMetadata);
  const own = Object.keys(sources).filter((path) => path.startsWith("src/")).sort();
  return {
    contractName: name,
    solc: compiler.version,
    evmVersion: settings.evmVersion,
    optimizerRuns: settings.optimizer.runs,
    sources: Object.fromEntries(own.map((path) => [path, sources[path].keccak256])),
    functions: Object.keys(built.methodIdentifiers).sort(),
    abi: built.abi,
    bytecode: built.bytecode.object,
  };
}

function main(check) {
  // An output folder of its own: what `forge test` leaves in the common one is incomplete.
  const build = ["build", "src", "--out", OUT, "--cache-path", "cache/artifacts"];
  if (forge(build, { stdio: ["ignore", "ignore", "inherit"] }) !== 0) process.exit(1);
  const stale = [];
  for (const name of NAMES) {
    const path = join(root, "abi", `${name}.json`);
    const content = `${JSON.stringify(artifact(name), null, 1)}\n`;
    if (existsSync(path) && readFileSync(path, "utf8") === content) continue;
    stale.push(name);
    if (!check) writeFileSync(path, content);
  }
  if (check && stale.length > 0) {
    console.error(`Stale: ${stale.join(", ")}. Run: npm run artifacts (in contracts/).`);
    process.exit(1);
  }
  console.log(check ? "Artifacts are current." : `Written: ${stale.join(", ") || "nothing new"}.`);
}

main(process.argv.includes("--check"));
