"use strict";
// The launcher with a stand-in binary: Node itself under the binary's name. Its first argument, `action`, is then
// a script in the working folder, so one stand-in works on every system and no shell comes between.
const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { after, test } = require("node:test");

const dist = path.join(__dirname, "..", "..", "dist");
const windows = process.platform === "win32";
const platform = `${process.platform}-${process.arch}`;
const name = windows ? "rolehop.exe" : "rolehop";
const unix = { skip: windows && "Windows has no such signals and modes" };

const made = [];
after(() => made.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })));

/** A copy of dist/ with a stand-in that runs `script`; `binary: false` leaves the stand-in out. */
function stage({ script = "", folder = "action", binary = true } = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "rolehop-launch-"));
  made.push(root);
  const staged = path.join(root, folder, "dist");
  fs.mkdirSync(staged, { recursive: true });
  for (const file of ["launch.js", "main.js", "post.js"]) fs.copyFileSync(path.join(dist, file), path.join(staged, file));
  const file = path.join(staged, "bin", platform, name);
  if (binary) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (windows) fs.copyFileSync(process.execPath, file);
    else fs.symlinkSync(process.execPath, file);
  }
  const work = path.join(root, "work");
  fs.mkdirSync(work);
  fs.writeFileSync(path.join(work, "action"), script);
  return { root, staged, file, work };
}

function run(place, { phase = "main", env = {}, input } = {}) {
  return spawnSync(process.execPath, [path.join(place.staged, `${phase}.js`)], {
    cwd: place.work,
    env: { ...process.env, ...env },
    encoding: "utf8",
    input,
  });
}

/** Starts the launcher and waits until the stand-in has printed `ready`. */
async function started(script) {
  const place = stage({ script: `${script}; setInterval(() => {}, 1000); console.log("ready", process.pid);` });
  const child = spawn(process.execPath, [path.join(place.staged, "main.js")], { cwd: place.work });
  let out = "";
  child.stdout.setEncoding("utf8");
  const ended = new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, out })));
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      out += text;
      if (/ready \d+/.test(out)) resolve();
    });
    child.on("close", () => reject(new Error(`ended too soon: ${out}`)));
  });
  return { launcher: child, pid: Number(/ready (\d+)/.exec(out)[1]), ended };
}

for (const status of [0, 1, 7]) {
  test(`status ${status} is passed through`, () => {
    assert.equal(run(stage({ script: `process.exitCode = ${status}` })).status, status);
  });
}

for (const phase of ["main", "post"]) {
  test(`the arguments are exactly: action ${phase}`, () => {
    const place = stage({ script: "console.log(JSON.stringify([process.execArgv, process.argv.slice(1)]))" });
    const [options, [first, ...rest]] = JSON.parse(run(place, { phase }).stdout);
    assert.deepEqual(options, []);
    assert.equal(path.basename(first), "action");
    assert.deepEqual(rest, [phase]);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  test(`${signal} sent to the launcher reaches the child, whose status counts`, unix, async () => {
    const { launcher, ended } = await started(`process.on("${signal}", () => { console.log("got it"); process.exit(7); })`);
    launcher.kill(signal);
    const { status, out } = await ended;
    assert.match(out, /got it/);
    assert.equal(status, 7);
  });
}

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`a child that ${signal} ends gives 128 + its number`, unix, async () => {
    const { pid, ended } = await started("");
    process.kill(pid, signal);
    assert.equal((await ended).status, 128 + os.constants.signals[signal]);
  });
}

test("a path with spaces, quotes and letters beyond ASCII", () => {
  const folder = windows ? "mon dépôt & co – 行動" : "mon dépôt & co – 行動 '$HOME' \"%PATH%\"";
  const result = run(stage({ folder, script: 'console.log("here"); process.exitCode = 7' }));
  assert.equal(result.stdout, "here\n");
  assert.equal(result.status, 7);
});

test("both streams pass unchanged", () => {
  const place = stage({ script: 'process.stdout.write("::add-mask::a%25\\r\\n\\u2713"); process.stderr.write("two\\n\\n")' });
  const result = run(place);
  assert.equal(result.stdout, "::add-mask::a%25\r\n\u2713");
  assert.equal(result.stderr, "two\n\n");
});

test("inputs with hyphens, spaces and new lines in them arrive", () => {
  const env = { "INPUT_ROLE-TO-ASSUME": "arn:aws:iam::123456789012:role/a b", "INPUT_INLINE-SESSION-POLICY": '{\n "a": "%"\n}' };
  const place = stage({ script: `console.log(JSON.stringify(${JSON.stringify(Object.keys(env))}.map((k) => process.env[k])))` });
  assert.deepEqual(JSON.parse(run(place, { env }).stdout), Object.values(env));
});

test("no variable redirects it", () => {
  const place = stage({ script: 'console.log("the staged one")' });
  const evil = path.join(place.root, "evil");
  fs.mkdirSync(path.join(evil, "bin", platform), { recursive: true });
  for (const file of [path.join(evil, name), path.join(evil, "bin", platform, name)]) {
    if (windows) fs.writeFileSync(file, "not a program");
    else fs.writeFileSync(file, "#!/bin/sh\necho the wrong one\n", { mode: 0o755 });
  }
  const env = { PATH: `${evil}${path.delimiter}${process.env.PATH}`, HOME: evil, SHELL: path.join(evil, name) };
  const tries = ["ROLEHOP_BIN", "ROLEHOP_PATH", "ROLEHOP_DIST", "INPUT_BIN", "INPUT_PATH", "INPUT_VERSION", "GITHUB_ACTION_PATH"];
  for (const key of [...tries, "GITHUB_WORKSPACE", "RUNNER_TEMP", "RUNNER_TOOL_CACHE"]) env[key] = evil;
  assert.equal(run(place, { env }).stdout, "the staged one\n");
});

test("a platform without a binary is named, with those that have one", () => {
  const place = stage({ binary: false });
  for (const other of ["beos-ppc", "linux-z80"]) fs.mkdirSync(path.join(place.staged, "bin", other), { recursive: true });
  fs.writeFileSync(path.join(place.staged, "bin", "SHA256SUMS"), "");
  const result = run(place);
  assert.equal(result.status, 1);
  assert.equal(
    result.stdout,
    `::error title=launch-failed::rolehop did not start on ${platform}: ` +
      "no binary for this platform; there are: beos-ppc, linux-z80 (ENOENT)\n",
  );
});

test("a copy without any binary says so", () => {
  const result = run(stage({ binary: false }));
  assert.equal(result.status, 1);
  assert.match(result.stdout, /^::error title=launch-failed::.* there are: none \(ENOENT\)\n$/);
});

test("a binary that is not executable is named, in one escaped line", unix, () => {
  const place = stage({ binary: false, folder: "50%\nof" });
  fs.mkdirSync(path.dirname(place.file), { recursive: true });
  fs.writeFileSync(place.file, "#!/bin/sh\n", { mode: 0o644 });
  const result = run(place);
  assert.equal(result.status, 1);
  assert.match(result.stdout, /^::error title=launch-failed::.*50%25%0Aof.* is not executable: .* \(EACCES\)\n$/);
  assert.equal(fs.statSync(place.file).mode & 0o777, 0o644);
});

test("a binary whose interpreter is missing is not called a missing platform", unix, () => {
  const place = stage({ binary: false });
  fs.mkdirSync(path.dirname(place.file), { recursive: true });
  fs.writeFileSync(place.file, "#!/no/such/loader\n", { mode: 0o755 });
  const result = run(place);
  assert.equal(result.status, 1);
  assert.match(result.stdout, /^::error title=launch-failed::(?!.*no binary).*ENOENT/);
});

test("a failure that Node throws rather than reports is one line too", unix, () => {
  const place = stage({ binary: false });
  fs.mkdirSync(path.dirname(place.file), { recursive: true });
  fs.symlinkSync(name, place.file);
  const result = run(place);
  assert.equal(result.status, 1);
  assert.match(result.stdout, /^::error title=launch-failed::.*\(ELOOP\)\n$/);
  assert.equal(result.stderr, "");
});
