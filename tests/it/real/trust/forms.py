"""Prints the trust policy inside a CloudFormation template on standard input, as JSON."""

import json
import sys

import yaml

template = yaml.safe_load(sys.stdin)
role = template["Resources"]["CiRole"]
assert role["Type"] == "AWS::IAM::Role", role
provider = template["Resources"]["CiProvider"]["Properties"]
print(json.dumps({"policy": role["Properties"]["AssumeRolePolicyDocument"], "provider": provider}))
