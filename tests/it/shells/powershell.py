"""Reads each file as PowerShell reads it, with an independent grammar, and prints the variables.

Where there is no PowerShell, this stands in: tree-sitter's grammar finds the statements and strings, and a string's value is
what about_quoting_rules says. Only assignments of a string without variables in it, or of nothing, are understood.
"""

import os
import sys

import tree_sitter
import tree_sitter_pwsh

QUOTES = "'\u2018\u2019\u201a\u201b"


def text(node):
    return node.text.decode("utf-8")


def value(node):
    while node.type in ("assignment_value", "pipeline_chain", "unary_expression"):
        (node,) = node.named_children
    if node.type == "variable" and text(node) == "$null":
        return None
    assert node.type == "string_literal", node
    (inner,) = node.named_children
    assert inner.type == "verbatim_string_characters", inner
    raw, out = text(inner), []
    assert raw[0] in QUOTES and raw[-1] in QUOTES, raw
    rest = iter(raw[1:-1])
    for char in rest:
        # The second of two quotes is the one that stays.
        out.append(next(rest) if char in QUOTES else char)
    return "".join(out)


def run(source, env):
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_pwsh.language()))
    tree = parser.parse(source)
    assert not tree.root_node.has_error, source
    (statements,) = tree.root_node.named_children
    for pipeline in statements.named_children:
        assert pipeline.type == "pipeline", pipeline
        (assignment,) = pipeline.named_children
        left, operator, right = assignment.named_children
        assert text(operator) == "=", operator
        scope, name = text(left).split(":")
        assert scope == "$env", scope
        env.pop(name, None)
        found = value(right)
        if found is not None:
            env[name] = found


for path in sys.argv[1:]:
    env = {"AWS_PROFILE": "other", "AWS_SESSION_TOKEN": "old"}
    with open(path, "rb") as file:
        run(file.read(), env)
    for name, found in env.items():
        os.write(1, f"{name}={found}\0".encode())
    os.write(1, b"END\0")
