//! `rolehop guard`: before long work, whether the credentials will do until its end.

use crate::error::{Error, Mistake};
use crate::frontend::{self, RawInputs};
use crate::host::Host;
use crate::login::{self, existing};
use crate::model::Invalid;
use crate::model::time::span;
use crate::system::System;
use crate::system::console::{data, harmless};

/// One line and success, or the reason why the work should not begin.
pub(crate) fn run(system: &System, host: Host, raw: &RawInputs) -> Result<(), Error> {
    let job = host.job(&system.env);
    let mut request = frontend::parse(raw, &job, &system.env)?;
    request
        .warnings
        .retain(|warning| warning != frontend::IDLE_MINIMUM);
    let request = request;
    let Some(asked) = request.min_remaining else {
        return Err(Error::InvalidInputs(vec![Mistake {
            input: "min-remaining".to_owned(),
            fault: Invalid::new(
                "is missing; say how long the work may take, as in --min-remaining 45m",
            ),
        }]));
    };
    login::tell_warnings(system, host, &request);
    for note in &request.notes {
        system.console.debug(note);
    }
    let network = frontend::network(raw, &job, &system.env);
    let (session, life) = login::converse(system, &request, async || {
        let means = login::means(system, host, &job, &request, network).await?;
        existing::check(&means, &request).await
    })?;
    data(&harmless(&format!(
        "ok: {}{}; {} were asked for",
        session.identified.who.as_str(),
        life.words(system.clock.now()),
        span(asked)
    )));
    Ok(())
}
