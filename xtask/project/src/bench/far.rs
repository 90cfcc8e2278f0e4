//! The far side: one fake AWS that answers at once, and one over TLS that takes its time, as a network does.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fake_aws::{FakeAws, World};

use crate::{Outcome, at};

/// Which fake a case talks to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distance {
    /// Plain HTTP on loopback.
    Near,
    /// TLS, with the latency on each connection and on each request.
    Far,
    /// As [`Distance::Far`], with an organisation of many accounts.
    Fleet,
}

/// How many accounts the organisation has.
pub(crate) const ACCOUNTS: usize = 200;

/// The fakes.
pub(crate) struct FarSide {
    near: FakeAws,
    far: FakeAws,
    fleet: FakeAws,
    ca: PathBuf,
}

impl FarSide {
    pub(crate) fn start(latency: Duration, place: &Path) -> Outcome<Self> {
        let distant = |world: World| {
            let builder = FakeAws::builder(world).tls();
            builder.latency(latency).connect_latency(latency).start()
        };
        let (far, fleet) = (distant(World::demo()), distant(World::fleet(ACCOUNTS)));
        let ca = place.join("ca.pem");
        let authorities = [&far, &fleet].map(|fake| fake.ca_pem().unwrap_or_default());
        fs::write(&ca, authorities.concat()).map_err(at(&ca))?;
        Ok(Self {
            near: FakeAws::start(World::demo()),
            far,
            fleet,
            ca,
        })
    }

    pub(crate) fn of(&self, distance: Distance) -> &FakeAws {
        match distance {
            Distance::Near => &self.near,
            Distance::Far => &self.far,
            Distance::Fleet => &self.fleet,
        }
    }

    /// The variables that lead a program to this fake; both action's programs know them.
    pub(crate) fn variables(&self, distance: Distance) -> Vec<(String, String)> {
        let fake = self.of(distance);
        let mut pairs = vec![
            ("ACTIONS_ID_TOKEN_REQUEST_URL", fake.oidc_request_url()),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", fake.oidc_request_token()),
            ("AWS_ENDPOINT_URL_STS", fake.url()),
        ];
        if distance != Distance::Near {
            let ca = self.ca.display().to_string();
            pairs.extend([("NODE_EXTRA_CA_CERTS", ca.clone()), ("AWS_CA_BUNDLE", ca)]);
        }
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
