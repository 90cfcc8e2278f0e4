//! The roles of several targets side by side: one identity for all, each hop once, a session for every target or the
//! failure of each that has none.

use std::collections::VecDeque;
use std::rc::Rc;

use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::renewal::Renewal;
use super::source::{self, Origin};
use super::{MOST_KEY_PAIRS, Means, chain, doctor, guard, is_alphanumeric, mfa};
use crate::error::{Error, StsKind, TargetsFailed, Verdict};
use crate::model::request::{Patience, Request, SecretKeyForm, Target};
use crate::model::tree::ROOT;
use crate::model::{Session, Tree};
use crate::sts::{self, OwnAccount, Start};

/// How many requests are under way at a time, each on a connection of its own. Where each takes 50 ms, 100 targets take 4.2
/// times as long as one with 8 at a time, 2.8 times with 16, 2.2 with 32 and 1.8 with 64; and 32 are about the 600 calls a
/// second that STS takes of an account.
const MOST_AT_ONCE: usize = 32;

/// What all targets came to.
pub(super) struct Fleet {
    /// In the order of the targets. Those of one chain have one.
    pub(super) sessions: Vec<Rc<Session>>,
    pub(super) origin: Rc<Origin>,
}

/// Assumes every hop that the targets need. Goes on after a failure, so that all of them can be told at once.
pub(super) async fn assume(
    means: &Means<'_>,
    request: &Request,
    targets: &[Target],
    origin: Origin,
) -> Result<Fleet, Error> {
    let tree = Tree::of(targets);
    let mut voyage = Voyage {
        means,
        request,
        targets,
        sessions: vec![None; targets.len()],
        tree,
        account: Rc::default(),
        origin: Rc::new(origin),
        identity: 0,
        queue: VecDeque::new(),
        waiting: Vec::new(),
        stale: false,
        failed: Vec::new(),
    };
    voyage.enqueue(ROOT, None);
    voyage.sail().await?;
    if voyage.stale {
        means.system.console.info(mfa::FRESH_CODE);
    }
    voyage.land()
}

/// A hop to be assumed, and what is left for it.
struct Job {
    node: usize,
    /// The session of the hop before; nothing for a hop of the identity.
    earlier: Option<Rc<Session>>,
    patience: Patience,
    /// Which of the identities it was begun with.
    identity: u32,
    /// Whether that was an MFA session of an earlier code.
    kept: bool,
    renewed: bool,
}

/// What one of the things under way came to.
enum Done {
    Hop(Job, Result<Session, Error>),
    Identity(Result<Origin, Error>),
}

/// How far all of it is.
struct Voyage<'v> {
    means: &'v Means<'v>,
    request: &'v Request,
    targets: &'v [Target],
    tree: Tree<'v>,
    account: Rc<OwnAccount>,
    origin: Rc<Origin>,
    /// How many identities there have been before this one.
    identity: u32,
    queue: VecDeque<Job>,
    /// Hops of the identity that wait for another one, and what they failed of.
    waiting: Vec<(Job, Error)>,
    /// Whether a role has refused a session of an earlier MFA code.
    stale: bool,
    sessions: Vec<Option<Rc<Session>>>,
    /// Targets, by number, and what they failed of.
    failed: Vec<(Vec<usize>, Error)>,
}

impl<'v> Voyage<'v> {
    async fn sail(&mut self) -> Result<(), Error> {
        let mut under_way: FuturesUnordered<LocalBoxFuture<'v, Done>> = FuturesUnordered::new();
        loop {
            while under_way.len() < MOST_AT_ONCE
                && let Some(job) = self.next_job()
            {
                under_way.push(self.start(job));
            }
            match under_way.next().await {
                None => return Ok(()),
                Some(Done::Identity(next)) => self.renew(next?),
                Some(Done::Hop(job, Ok(session))) => self.arrive(job.node, session),
                Some(Done::Hop(job, Err(error))) => {
                    if let Some(renewal) = self.fail(job, error) {
                        self.means.system.console.info(renewal.words());
                        let (means, request) = (self.means, self.request);
                        let ask = async move {
                            let origin = source::identify(means, request).await?;
                            let anew = renewal == Renewal::KeptSession;
                            mfa::for_all(means, request, origin, anew).await
                        };
                        under_way.push(ask.map(Done::Identity).boxed_local());
                    }
                }
            }
        }
    }

    /// The next hop. While another identity is on its way, none of those that need it.
    fn next_job(&mut self) -> Option<Job> {
        let patience = self.request.patience;
        let clock = &self.means.system.clock;
        if clock.left(patience.for_requests()).is_zero() {
            for job in std::mem::take(&mut self.queue) {
                let error = Error::TimedOut {
                    seconds: patience.total.as_secs(),
                    causes: vec!["the time was over before its turn".to_owned()],
                };
                self.give_up(job.node, error);
            }
        }
        let renewing = !self.waiting.is_empty();
        let may_go = |job: &Job| !renewing || job.earlier.is_some();
        let at = self.queue.iter().position(may_go)?;
        self.queue.remove(at)
    }

    fn start(&self, job: Job) -> LocalBoxFuture<'v, Done> {
        let (means, request) = (self.means, self.request);
        let (origin, account) = (Rc::clone(&self.origin), Rc::clone(&self.account));
        let hop = self.tree.hop(job.node);
        let tries = match request.secret_key {
            SecretKeyForm::Alphanumeric if !self.tree.ends(job.node).is_empty() => MOST_KEY_PAIRS,
            _ => 1,
        };
        let job = Job {
            identity: self.identity,
            kept: self.origin.kept,
            ..job
        };
        let (earlier, patience) = (job.earlier.clone(), job.patience);
        let work = async move {
            let hop = hop.ok_or_else(|| Error::Internal("a hop without a role".to_owned()))?;
            let start = earlier
                .as_deref()
                .map_or(Start::Identity(&origin.identity), Start::Session);
            for _ in 0..tries {
                let (system, sts) = (means.system, &means.sts);
                let result = sts::hop(system, sts, start, &account, hop, patience).await;
                let session = match result {
                    Err(Error::Sts(failure))
                        if earlier.is_none() && failure.is_above_the_hour_of_a_chain() =>
                    {
                        let mut hop = hop.clone();
                        chain::shorten(means, &mut hop);
                        sts::hop(system, sts, start, &account, &hop, patience).await?
                    }
                    result => result?,
                };
                if tries == 1 || is_alphanumeric(&session.identified.credentials) {
                    return Ok(session);
                }
            }
            Err(Error::SpecialCharacters { tries })
        };
        work.map(|result| Done::Hop(job, result)).boxed_local()
    }

    fn arrive(&mut self, node: usize, session: Session) {
        let session = Rc::new(session);
        let ends = self.tree.ends(node).to_vec();
        if !ends.is_empty()
            && let Err(error) = guard(self.request, session.identified.who.account())
        {
            self.failed.push((ends, error));
        } else {
            for target in ends {
                if let Some(place) = self.sessions.get_mut(target) {
                    *place = Some(Rc::clone(&session));
                }
            }
        }
        self.enqueue(node, Some(&session));
    }

    /// The hops that come after this one.
    fn enqueue(&mut self, node: usize, session: Option<&Rc<Session>>) {
        let patience = self.request.patience;
        let job = |child: &usize| Job {
            node: *child,
            earlier: session.map(Rc::clone),
            patience,
            identity: 0,
            kept: false,
            renewed: false,
        };
        self.queue.extend(self.tree.children(node).iter().map(job));
    }

    /// A hop that failed: for good; or it waits for another identity, which is to be asked for if it is the first to.
    fn fail(&mut self, mut job: Job, error: Error) -> Option<Renewal> {
        let (source, host) = (&self.request.source, self.means.host);
        let kept = job.kept && job.earlier.is_none();
        let renewal = Renewal::after(&error, source, host, kept, job.renewed)
            .filter(|_| job.earlier.is_none());
        let Some(renewal) = renewal else {
            if kept
                && matches!(&error, Error::Sts(failure) if failure.kind == StsKind::AccessDenied)
            {
                self.stale = true;
            }
            self.give_up(job.node, error);
            return None;
        };
        match renewal {
            Renewal::OldToken => {
                job.patience = job
                    .patience
                    .less(error.tries().map_or(1, |tries| tries.count));
            }
            _ => job.renewed = true,
        }
        if job.identity < self.identity {
            // Begun before another hop had it renewed.
            self.queue.push_front(job);
            return None;
        }
        let is_first = self.waiting.is_empty();
        self.waiting.push((job, error));
        is_first.then_some(renewal)
    }

    fn renew(&mut self, next: Origin) {
        let is_same = next.identity.has_the_keys_of(&self.origin.identity);
        self.identity += 1;
        self.origin = Rc::new(next);
        for (job, error) in std::mem::take(&mut self.waiting) {
            if is_same {
                self.give_up(job.node, error);
            } else {
                self.queue.push_front(job);
            }
        }
    }

    fn give_up(&mut self, node: usize, error: Error) {
        self.failed.push((self.tree.need(node), error));
    }

    /// A session for each target, or the verdicts.
    fn land(self) -> Result<Fleet, Error> {
        let mut failed = self.failed;
        if failed.is_empty() {
            let sessions: Option<Vec<_>> = self.sessions.into_iter().collect();
            return sessions
                .map(|sessions| Fleet {
                    sessions,
                    origin: self.origin,
                })
                .ok_or_else(|| Error::Internal("a target without an end".to_owned()));
        }
        let claims = self.origin.claims.as_ref();
        let examined = |targets: &[usize], error: Error| {
            let target = targets.first().and_then(|first| self.targets.get(*first));
            match target {
                Some(target) => doctor::examine(error, self.means, self.request, target, claims),
                None => error,
            }
        };
        if self.targets.len() == 1
            && let Some((targets, error)) = failed.pop()
        {
            return Err(examined(&targets, error));
        }
        failed.sort_by_key(|(targets, _)| targets.first().copied());
        let name = |target: usize| {
            self.targets
                .get(target)
                .map(|target| target.name().to_owned())
        };
        let verdicts = failed.into_iter().map(|(targets, error)| Verdict {
            error: examined(&targets, error),
            names: targets.into_iter().filter_map(name).collect(),
        });
        Err(Error::Targets(TargetsFailed::new(
            self.targets.len(),
            verdicts.collect(),
        )))
    }
}
