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

// A Node that can become the binary does; one that cannot, as on Windows or before 22.15, starts it as a child.
const without = ["--require", path.join(__dirname, "without-execve.js")];
const ways = process.execve && !windows ? { becomes: [], starts: without } : { starts: [] };

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

function run(place, { phase = "main", env = {}, input, way = [] } = {}) {
  return spawnSync(process.execPath, [...way, path.join(place.staged, `${phase}.js`)], {
    cwd: place.work,
    env: { ...process.env, ...env },
    encoding: "utf8",
    input,
  });
}

/** Starts the launcher and waits until the stand-in has printed `ready`. */
async function started(script, way) {
  const place = stage({ script: `${script}; setInterval(() => {}, 1000); console.log("ready", process.pid);` });
  const child = spawn(process.execPath, [...way, path.join(place.staged, "main.js")], { cwd: place.work });
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

for (const [how, way] of Object.entries(ways)) {
  for (const status of [0, 1, 7]) {
    test(`${how}: status ${status} is passed through`, () => {
      assert.equal(run(stage({ script: `process.exitCode = ${status}` }), { way }).status, status);
    });
  }

  for (const phase of ["main", "post"]) {
    test(`${how}: the arguments are exactly: action ${phase}`, () => {
      const place = stage({ script: "console.log(JSON.stringify([process.execArgv, process.argv.slice(1)]))" });
      const [options, [first, ...rest]] = JSON.parse(run(place, { phase, way }).stdout);
      assert.deepEqual(options, []);
      assert.equal(path.basename(first), "action");
      assert.deepEqual(rest, [phase]);
    });
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    test(`${how}: ${signal} sent to the launcher reaches the binary, whose status counts`, unix, async () => {
      const script = `process.on("${signal}", () => { console.log("got it"); process.exit(7); })`;
      const { launcher, pid, ended } = await started(script, way);
      assert.equal(launcher.pid === pid, how === "becomes");
      launcher.kill(signal);
      const { status, out } = await ended;
      assert.match(out, /got it/);
      assert.equal(status, 7);
    });

    test(`${how}: ${signal} ends a binary that does not care, and the step`, unix, async () => {
      const { launcher, pid, ended } = await started("", way);
      launcher.kill(signal);
      const { status, signal: by } = await ended;
      assert.equal(status ?? 128 + os.constants.signals[by], 128 + os.constants.signals[signal]);
      assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    });
  }

  test(`${how}: a path with spaces, quotes and letters beyond ASCII`, () => {
    const folder = windows ? "mon dépôt & co – 行動" : "mon dépôt & co – 行動 '$HOME' \"%PATH%\"";
    const result = run(stage({ folder, script: 'console.log("here"); process.exitCode = 7' }), { way });
    assert.equal(result.stdout, "here\n");
    assert.equal(result.status, 7);
  });

  test(`${how}: both streams pass unchanged, and nothing is added`, () => {
    const script = 'process.stdout.write("::add-mask::a%25\\r\\n\\u2713"); process.stderr.write("two\\n\\n")';
    const result = run(stage({ script }), { way });
    assert.equal(result.stdout, "::add-mask::a%25\r\n\u2713");
    assert.equal(result.stderr, "two\n\n");
  });

  test(`${how}: standard input arrives`, () => {
    const place = stage({ script: 'process.stdout.write(require("node:fs").readFileSync(0))' });
    assert.equal(run(place, { way, input: "a token\n" }).stdout, "a token\n");
  });

  test(`${how}: inputs with hyphens, spaces and new lines in them arrive`, () => {
    const env = { "INPUT_ROLE-TO-ASSUME": "arn:aws:iam::123456789012:role/a b", "INPUT_INLINE-SESSION-POLICY": '{\n "a": "%"\n}' };
    const place = stage({ script: `console.log(JSON.stringify(${JSON.stringify(Object.keys(env))}.map((k) => process.env[k])))` });
    assert.deepEqual(JSON.parse(run(place, { env, way }).stdout), Object.values(env));
  });

  test(`${how}: a file that is no program is named, and no shell runs it`, () => {
    for (const text of ["", "\x7fE", "version https://git-lfs.github.com/spec/v1\n", "#!/no/such/loader\n", "echo a shell was here\n"]) {
      const place = stage({ binary: false });
      fs.mkdirSync(path.dirname(place.file), { recursive: true });
      fs.writeFileSync(place.file, text, { mode: 0o755 });
      const result = run(place, { way });
      assert.equal(result.status, 1, JSON.stringify(result));
      assert.match(result.stdout, /^::error title=launch-failed::.* is no program: .* damaged, .* \(ENOEXEC\)\n$/);
      assert.equal(result.stderr, "");
    }
  });
}

test("the two phases are one text", () => {
  const [main, post] = ["main.js", "post.js"].map((file) => fs.readFileSync(path.join(dist, file), "utf8"));
  assert.equal(main, post);
});

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`a child that ${signal} ends gives 128 + its number`, unix, async () => {
    const { pid, ended } = await started("", without);
    process.kill(pid, signal);
    assert.equal((await ended).status, 128 + os.constants.signals[signal]);
  });
}

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

test("a link to itself is one line too", unix, () => {
  const place = stage({ binary: false });
  fs.mkdirSync(path.dirname(place.file), { recursive: true });
  fs.symlinkSync(name, place.file);
  const result = run(place);
  assert.equal(result.status, 1);
  assert.match(result.stdout, /^::error title=launch-failed::.*\(ELOOP\)\n$/);
  assert.equal(result.stderr, "");
});
