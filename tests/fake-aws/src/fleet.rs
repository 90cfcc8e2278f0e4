//! An organisation with many accounts, as those have who deploy to all of them in one job.

use serde_json::{Value, json};

use crate::demo::{GITHUB, HOME, TAGGED, github_main};
use crate::world::{Provider, Role, World};

impl World {
    /// The demo world and so many accounts more. Each has a role `deploy` that trusts the demo world's `hub`, and as its
    /// `deploy` does, GitHub.
    pub fn fleet(accounts: usize) -> Self {
        (0..accounts).fold(Self::demo(), |world, number| {
            let account = Self::fleet_account(number);
            let provider = Provider::new(&account, GITHUB, "sts.amazonaws.com");
            let trust = trust(&provider);
            world
                .provider(provider)
                .role(Role::new(&Self::fleet_role(number), &trust.to_string()))
        })
    }

    /// The account of that number in [`World::fleet`].
    pub fn fleet_account(number: usize) -> String {
        format!("5{number:011}")
    }

    /// The ARN of its role.
    pub fn fleet_role(number: usize) -> String {
        format!("arn:aws:iam::{}:role/deploy", Self::fleet_account(number))
    }
}

fn trust(provider: &Provider) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider.arn()},
            "Action": ["sts:AssumeRoleWithWebIdentity"],
            "Condition": github_main(),
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{HOME}:role/hub")},
            "Action": TAGGED,
        },
    ]})
}
