"""Makes users, roles and policies in the ministack at sys.argv[1], and prints the users' keys as JSON."""

import json
import sys
import time
import urllib.request

import boto3

URL = sys.argv[1]
HOME, PARTNER = "000000000000", "111122223333"
GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.com"
TAGGED = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
USER = f"arn:aws:iam::{HOME}:user/ci"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, **more):
    return {"Effect": "Allow", "Action": action, **more}


def trust(principal, condition=None, action=TAGGED):
    return policy(allow(action, Principal=principal, **({"Condition": condition} if condition else {})))


ACCOUNT = {"AWS": f"arn:aws:iam::{HOME}:root"}
ROLES = {
    HOME: {
        "ops": trust(ACCOUNT),
        "untagged": trust(ACCOUNT, action="sts:AssumeRole"),
        # Only for the sessions of one team, which have to say so.
        "team": trust(ACCOUNT, {"StringEquals": {"aws:RequestTag/Team": "web"}}),
        # Only from `team`, whose tag has to come along: not said again, since AWS refuses that.
        "second": trust(
            {"AWS": f"arn:aws:iam::{HOME}:role/team"},
            {"StringEquals": {"aws:PrincipalTag/Team": "web"}, "Null": {"aws:RequestTag/Team": "true"}},
        ),
        "named": trust(ACCOUNT, {"StringEquals": {"sts:RoleSessionName": "deploy-42"}}),
        "deploy": trust(
            {"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}"},
            {"StringEquals": {
                f"{GITHUB}:aud": "sts.amazonaws.com",
                f"{GITHUB}:sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
            }},
            "sts:AssumeRoleWithWebIdentity",
        ),
        "pipeline": trust(
            {"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{GITLAB}"},
            {"StringEquals": {
                f"{GITLAB}:aud": "sts.amazonaws.com",
                f"{GITLAB}:sub": "project_path:octo-org/shop:ref_type:branch:ref:main",
            }},
            "sts:AssumeRoleWithWebIdentity",
        ),
    },
    PARTNER: {"partner": trust({"AWS": USER}, {"StringEquals": {"sts:ExternalId": "ext-42"}})},
}


def iam(account):
    """IAM as the root of an account: here, its number is the access key of it."""
    key = "test" if account == HOME else account
    return boto3.client(
        "iam", endpoint_url=URL, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="test"
    )


def wait():
    end = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(f"{URL}/_ministack/health", timeout=5).read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


wait()
home = iam(HOME)
keys = {}
for name, may in {"ci": ["sts:*"], "idle": []}.items():
    home.create_user(UserName=name)
    if may:
        home.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=policy(allow(may, Resource="*")))
    made = home.create_access_key(UserName=name)["AccessKey"]
    keys[name] = [made["AccessKeyId"], made["SecretAccessKey"]]
for issuer in (GITHUB, GITLAB):
    home.create_open_id_connect_provider(Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"])
home.create_policy(PolicyName="list", PolicyDocument=policy(allow("s3:List*", Resource="*")))
for account, roles in ROLES.items():
    client = iam(account)
    for name, document in roles.items():
        client.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        client.put_role_policy(
            RoleName=name, PolicyName="may", PolicyDocument=policy(allow(["s3:*", "sts:*"], Resource="*"))
        )
print(json.dumps(keys))
