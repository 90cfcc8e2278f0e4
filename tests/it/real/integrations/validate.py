"""Validates the integrations in the folder sys.argv[1] and the examples of the pages in sys.argv[2].

Each file and example goes to its vendor's schema or linter. One line for each; the status is 1 if any was refused.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import jsonschema
import yaml

INTEGRATIONS, PAGES = Path(sys.argv[1]), Path(sys.argv[2])
BIN = Path(sys.executable).parent
SCHEMAS = Path(__file__).parent / "schemas"
# Pages whose examples have a vendor's schema. The others are parsed.
VENDORS = {
    "act": "github-workflows", "gitea": "github-workflows", "github": "github-workflows", "azure": "azure-pipelines",
    "bitbucket": "bitbucket-pipelines", "buildkite": "buildkite", "circleci": "circle-ci", "cloud-build": "cloudbuild",
    "drone": "drone-ci", "gitlab": "gitlab-ci", "travis": "travis", "woodpecker": "woodpecker-ci",
}
failed = []
scratch = Path(tempfile.mkdtemp())


def told(name, how, fault=""):
    print(f"{'refused' if fault else 'ok'} {name}: {how}{': ' if fault else ''}{fault}")
    if fault:
        failed.append(name)


def run(name, how, *words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    told(name, how, (done.stdout + done.stderr).strip() or f"status {done.returncode}" if done.returncode else "")


# Names and files by the schema, and by the shell, that they are for: one start of the tool for all of them.
for_vendor, for_shell = defaultdict(dict), defaultdict(dict)


def vendor(name, schema, file):
    for_vendor[schema][name] = file


def together(names, how, *words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    fault = (done.stdout + done.stderr).strip() if done.returncode else ""
    for name in names:
        told(name, how, fault)
        fault = fault and "see above"


def ours(name, schema, data):
    rules = json.loads((SCHEMAS / f"{schema}.json").read_text())
    told(name, schema, str(jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(rules).iter_errors(data)) or ""))


def keep(name, text):
    file = scratch / name.replace("/", "-").replace("#", "-").replace(".md", ".yml")
    file.write_text(text)
    return file


def examples(page):
    """The fenced blocks of a page: language and text."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), re.M | re.S)


def packed(orb):
    """What `circleci orb pack` makes of the source tree, with the scripts inside."""
    whole = yaml.safe_load((orb / "@orb.yml").read_text())
    for kind in ("commands", "jobs", "executors"):
        for file in sorted((orb / kind).glob("*.yml")):
            whole.setdefault(kind, {})[file.stem] = yaml.safe_load(file.read_text())

    def included(value):
        if isinstance(value, dict):
            return {key: included(below) for key, below in value.items()}
        if isinstance(value, list):
            return [included(below) for below in value]
        if isinstance(value, str) and (found := re.fullmatch(r"<< include\((.+)\) >>", value)):
            return (orb / found[1]).read_text()
        return value

    return included(whole)


def plugin_settings(name, pipeline, plugin):
    """The plugin's settings in a pipeline of Buildkite, against the plugin's own schema."""
    rules = jsonschema.Draft202012Validator(plugin["configuration"])
    for step in pipeline["steps"]:
        for used in step.get("plugins", []):
            for settings in used.values():
                told(name, "plugin.yml", str(jsonschema.exceptions.best_match(rules.iter_errors(settings)) or ""))


def inline_scripts(value):
    """Shell scripts inside a YAML file: what Azure, TeamCity and GitLab run."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in ("bash", "script") and isinstance(below, str):
                yield "bash" if key == "bash" else "sh", below
            elif key == "before_script":
                yield "sh", "\n".join(below)
            else:
                yield from inline_scripts(below)
    elif isinstance(value, list):
        for below in value:
            yield from inline_scripts(below)


# The integrations.
spec, jobs = (INTEGRATIONS / "gitlab/templates/rolehop.yml").read_text().split("\n---\n")
vendor("gitlab spec", "gitlab-ci", keep("gitlab-spec.yml", spec))
vendor("gitlab jobs", "gitlab-ci", keep("gitlab-jobs.yml", jobs))
vendor("gitlab release", "gitlab-ci", INTEGRATIONS / "gitlab/.gitlab-ci.yml")
orb = packed(INTEGRATIONS / "circleci/src")
command = orb["commands"]["assume"]["steps"][0]["run"]["command"]
told("circleci orb", "scripts are inside", "" if command.startswith("#!/usr/bin/env bash") else command)
config = {"version": 2.1, "orbs": {"rolehop": {key: orb[key] for key in ("description", "commands")}}}
config["jobs"] = {"deploy": {"docker": [{"image": "cimg/base:current"}], "steps": [{"rolehop/assume": {"aws-region": "eu-west-1"}}, "rolehop/clean-up"]}}
config["workflows"] = {"deploy": {"jobs": ["deploy"]}}
vendor("circleci orb", "circle-ci", keep("orb.yml", yaml.safe_dump(config)))
for name in ("assume", "clean-up"):
    vendor(f"azure {name}", "azure-pipelines", INTEGRATIONS / f"azure/{name}.yml")
plugin = yaml.safe_load((INTEGRATIONS / "buildkite/plugin.yml").read_text())
ours("buildkite plugin", "buildkite-plugin", plugin)
ours("bitbucket pipe", "bitbucket-pipe", yaml.safe_load((INTEGRATIONS / "bitbucket/pipe.yml").read_text()))
recipe = yaml.safe_load((INTEGRATIONS / "teamcity/rolehop.yml").read_text())
ours("teamcity recipe", "teamcity-recipe", recipe)
references = set(re.findall(r"%([^%\s]*)%", recipe["steps"][0]["script"]))
told("teamcity references", "known to the server", str(references - {"system.teamcity.build.tempDir"} or ""))
vendor("woodpecker", "woodpecker-ci", INTEGRATIONS / "woodpecker/pipeline.yml")
vendor("drone", "drone-ci", INTEGRATIONS / "drone/pipeline.yml")
steps = yaml.safe_load((INTEGRATIONS / "harness/pipeline.yml").read_text())["pipeline"]["stages"][0]["stage"]["spec"]["execution"]["steps"]
told("harness", "one plugin step, one that refers to it", "" if [one["step"]["type"] for one in steps] == ["Plugin", "Run"] else str(steps))
for name in ("irsa", "pod-identity"):
    run(f"kubernetes {name}", "kubernetes-validate", BIN / "kubernetes-validate", "--strict", INTEGRATIONS / f"kubernetes/{name}.yml")
for name in ("Dockerfile", "workspace.Dockerfile"):
    run(f"container {name}", "hadolint", BIN / "hadolint", INTEGRATIONS / "container" / name)

# Their scripts.
scripts = [file for file in sorted(INTEGRATIONS.rglob("*")) if file.suffix in (".sh", ".bash") or file.parent.name == "hooks"]
check = [BIN / "shellcheck", "--external-sources", "--source-path=SCRIPTDIR"]
together([str(file.relative_to(INTEGRATIONS)) for file in scripts], "shellcheck", *check, *scripts)
for name, text in (("gitlab", jobs), *((one, (INTEGRATIONS / one).read_text()) for one in ("azure/assume.yml", "azure/clean-up.yml", "teamcity/rolehop.yml"))):
    for at, (shell, script) in enumerate(inline_scripts(yaml.safe_load(text))):
        for_shell[shell][f"{name} script {at}"] = keep(f"{name}-{at}.sh", script)

# The examples of the pages and of the integrations' own READMEs.
for page in sorted(PAGES.glob("*.md")) + sorted(INTEGRATIONS.glob("*/README.md")):
    host = page.stem if page.stem != "README" else page.parent.name
    for at, (language, text) in enumerate(examples(page)):
        name = f"{page.parent.name}/{page.name}#{at}"
        try:
            data = yaml.safe_load(text) if language == "yaml" else None
        except yaml.YAMLError as fault:
            told(name, "YAML", str(fault))
            continue
        if language == "sh":
            for_shell["sh"][name] = keep(f"{name}.sh", text)
        elif language == "yaml" and host == "kubernetes":
            run(name, "kubernetes-validate", BIN / "kubernetes-validate", "--strict", keep(f"{name}.yml", text))
        elif language == "yaml" and host in VENDORS:
            vendor(name, VENDORS[host], keep(f"{name}.yml", text))
            if host == "buildkite":
                plugin_settings(name, data, plugin)
        else:
            told(name, language, "" if data or language != "yaml" else "empty")
for schema, files in for_vendor.items():
    # Some patterns of Azure's schema are none in the usual dialect.
    words = ["--regex-variant", "python" if schema == "azure-pipelines" else "default", "--builtin-schema", f"vendor.{schema}", *files.values()]
    together(files, f"vendor.{schema}", BIN / "check-jsonschema", *words)
for shell, files in for_shell.items():
    together(files, "shellcheck", *check, f"--shell={shell}", "--exclude=SC2034", *files.values())
sys.exit(bool(failed))
