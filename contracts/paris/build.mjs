// Builds the contracts a second time, for an EVM before Cancun (the network that `make network`
// starts): OpenZeppelin 5.4, the last for those, in a folder of its own under build/. What 5.4
// lacks of 5.7 are two functions; both are replaced by their equals in the copied sources.
//   node contracts/paris/build.mjs
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const contracts = join(here, "..");
const target = join(contracts, "../build/network/contracts");

const REPLACED = {
  "src/utils/SaltedDomain.sol": [
    "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol",
    "../paris/MessageHashUtils.sol",
  ],
  "src/OrderSignatures.sol": ["ECDSA.tryRecoverCalldata(", "ECDSA.tryRecover("],
  "src/RecoverySignatures.sol": ["ECDSA.tryRecoverCalldata(", "ECDSA.tryRecover("],
  "foundry.toml": ['evm_version = "cancun"', 'evm_version = "paris"'],
};

function copy() {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, "abi"), { recursive: true });
  for (const name of ["src", "script", "foundry.toml", "roles.json"])
    cpSync(join(contracts, name), join(target, name), { recursive: true });
  cpSync(join(here, "MessageHashUtils.sol"), join(target, "src/paris/MessageHashUtils.sol"));
  for (const name of ["package.json", "package-lock.json", ".npmrc"])
    cpSync(join(here, name), join(target, name));
}

function replace(path, [from, to]) {
  const text = readFileSync(join(target, path), "utf8");
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from} any more`);
  writeFileSync(join(target, path), text.replaceAll(from, to));
}

function run(command, ...args) {
  execFileSync(command, args, { cwd: target, stdio: ["ignore", "inherit", "inherit"] });
}

copy();
for (const [path, change] of Object.entries(REPLACED)) replace(path, change);
run("npm", "ci", "--no-fund", "--no-audit");
for (const name of ["@foundry-rs", "solc"]) // compiler and forge are those of the first build
  symlinkSync(join(contracts, "node_modules", name), join(target, "node_modules", name));
run("node", "script/artifacts.mjs");
