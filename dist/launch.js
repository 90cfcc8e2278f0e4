"use strict";
// The way of a Node that cannot become the binary, and of a binary that cannot run.
const { spawn } = require("node:child_process");
const { dirname } = require("node:path");

const windows = process.platform === "win32";

/** Starts the file as a child and ends as it does; or says what is wrong with it. */
module.exports = function launch(file, phase, wrong) {
  if (wrong) return failed(file, wrong);
  try {
    const child = spawn(file, ["action", phase], { stdio: "inherit" });
    child.on("error", (error) => failed(file, error));
    child.on("exit", (status, signal) => {
      process.exitCode = status ?? 128 + require("node:os").constants.signals[signal];
    });
    // On Windows Ctrl-C reaches the child by itself, and a kill from here would cut its clean-up short.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => windows || child.kill(name));
  } catch (error) {
    failed(file, error);
  }
};

function failed(file, { code, message }) {
  const fs = require("node:fs");
  const folder = dirname(dirname(file));
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  const there = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  let cause = message;
  if (code === "ENOENT" && !fs.existsSync(file)) cause = `no binary for this platform; there are: ${there.join(", ") || "none"}`;
  if (code === "EACCES") cause = `${file} is not executable: the copy of this action lost its file modes`;
  if (code === "ENOEXEC") cause = `${file} is no program: the copy of this action is damaged, or has Git LFS' pointers in place of files`;
  const line = `rolehop did not start on ${process.platform}-${process.arch}: ${cause} (${code})`;
  const escaped = line.replace(/[%\r\n]/g, (c) => ({ "%": "%25", "\r": "%0D", "\n": "%0A" })[c]);
  console.log(`::error title=launch-failed::${escaped}`);
  process.exitCode = 1;
}
