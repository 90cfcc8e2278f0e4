//! Credentials for another program: a child, a shell, an SDK. The settings and the exchange are those of `uses:`, and nothing of the
//! job changes.

use crate::error::Error;
use crate::frontend::{self, Network, RawInputs};
use crate::host::{Host, Job};
use crate::model::request::{Existing, Patience, Request, Target};
use crate::model::{Region, Session};
use crate::sink::mask::{self, Masked};
use crate::system::System;

/// What was asked for, checked as far as it can be without a request.
pub(crate) struct Asked<'a> {
    system: &'a System,
    host: Host,
    job: Job,
    request: Request,
    network: Network,
}

/// A session that may be handed on.
#[derive(Debug)]
pub(crate) struct Lent {
    host: Host,
    session: Session,
    request: Request,
}

impl<'a> Asked<'a> {
    pub(crate) fn settle(
        system: &'a System,
        host: Host,
        raw: &RawInputs,
        command: &str,
    ) -> Result<Self, Error> {
        let this = Self::read(system, host, raw)?;
        let request = &this.request;
        super::tell_warnings(system, host, request);
        let main = request.main().ok_or_else(super::no_main_target)?;
        // `refresh` has a profile of its own to write, which nobody has asked for.
        let named = main.place.profile.is_some() && request.refresh.is_none();
        if request.has_many() || main.place.outputs || named {
            system.console.warning(&format!(
                "`rolehop {command}` writes no profile and no outputs, so aws-profile, output-credentials and the profiles of roles do nothing here; \
                 source-profile takes credentials from a profile"
            ));
        }
        if request.refresh.is_some() && !["exec", "serve"].contains(&command) {
            system.console.warning(&format!(
                "`rolehop {command}` hands on one session, so refresh only makes it short; `rolehop exec` and `rolehop serve` renew"
            ));
        }
        this.checked(raw)
    }

    /// The same, for a process that asks again for what was settled before: nothing is told that was told then.
    pub(crate) fn again(system: &'a System, host: Host, raw: &RawInputs) -> Result<Self, Error> {
        let this = Self::read(system, host, raw)?;
        super::mask_accounts(system, host, &this.request);
        this.checked(raw)
    }

    fn read(system: &'a System, host: Host, raw: &RawInputs) -> Result<Self, Error> {
        let job = host.job(&system.env);
        let request = frontend::parse(raw, &job, &system.env)?;
        let network = frontend::network(raw, &job, &system.env);
        Ok(Self {
            system,
            host,
            job,
            request,
            network,
        })
    }

    fn checked(self, raw: &RawInputs) -> Result<Self, Error> {
        super::decisions::tell(self.system, self.host, raw, &self.request);
        super::source::check_before_any_request(self.system, self.host, &self.job, &self.request)?;
        Ok(self)
    }

    /// Asks once and for so long: something else can be handed on if that fails.
    pub(crate) fn hurry(mut self, total: std::time::Duration) -> Self {
        self.request.patience = Patience { attempts: 1, total };
        self
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// Asks for a session. All that it depends on is in `self`: one that was kept could be handed on instead.
    pub(crate) fn exchange(self) -> Result<Lent, Error> {
        let Self {
            system,
            host,
            job,
            request,
            network,
        } = self;
        let session = super::converse(system, &request, async || {
            let means = super::means(system, host, &job, &request, network).await?;
            if request.existing == Existing::Prefer
                && let Some(session) = super::existing(&means, &request).await
            {
                return Ok(session);
            }
            let obtained = super::issue(&means, &request).await?;
            super::finish::tell_who(system, &obtained.target, &obtained.session);
            Ok(obtained.session)
        })?;
        Ok(Lent {
            host,
            session,
            request,
        })
    }
}

impl Lent {
    /// Masks first, where there is a log that reads them.
    pub(crate) fn masked(&self, system: &System) -> Masked<&Session> {
        mask::session(system, self.host, &self.session, &self.request.hand_over)
    }

    /// The session, and the ARN of its role if it was given as one.
    pub(crate) fn into_session(self) -> (Session, Option<String>) {
        let role = self.request.main().and_then(role_of);
        (self.session, role)
    }

    pub(crate) fn region(&self) -> &Region {
        &self.request.region
    }
}

/// The last role's ARN, where it was given as one.
pub(crate) fn role_of(target: &Target) -> Option<String> {
    let hop = target.hops.last()?;
    hop.role.account().map(|_| hop.role.as_str().to_owned())
}
