#!/usr/bin/env node
// Runs Foundry's forge and ends as it ends: the npm wrapper exits 0 whatever happened.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const LINT = { FOUNDRY_OUT: "out/lint", FOUNDRY_CACHE_PATH: "cache/lint" };

/** Runs forge in contracts/ and returns its exit status. */
export function forge(args, options = {}) {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/forge-${process.platform}-${arch}/bin/forge`;
  const binary = createRequire(import.meta.url).resolve(name);
  // `lint` builds less than a test needs, and would leave that in the cache.
  const apart = args[0] === "lint" ? LINT : {};
  const env = { ...process.env, ...apart };
  const { status, error } = spawnSync(binary, args, {
    cwd: root,
    stdio: "inherit",
    env,
    ...options,
  });
  if (error) throw error;
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = forge(process.argv.slice(2));
}
