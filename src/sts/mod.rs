//! The exchange: one role after another until the target's last one.

mod answer;
mod call;
mod client;
mod failure;
mod session_token;

use aws_sdk_sts::error::SdkError;
use tokio::sync::OnceCell;

pub(crate) use client::Sts;
pub(crate) use session_token::session_token;

use crate::error::{Error, StsKind};
use crate::identity::Identity;
use crate::model::request::{Hop, Patience};
use crate::model::tags::{Priority, Tag};
use crate::model::{
    AccountId, AssumedRole, Credentials, Identified, RoleArn, RoleRef, Session, Token,
};
use crate::system::System;
use call::Call;
use failure::Failure;

/// A newly issued key pair may not be known everywhere yet; a few tries with its first use.
const TRIES_WITH_FRESH_KEYS: u32 = 6;

/// How a hop proves who asks.
#[derive(Clone, Copy)]
enum Caller<'a> {
    Token(&'a Token),
    Keys { keys: &'a Credentials, fresh: bool },
}

/// What a hop starts from.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    Identity(&'a Identity),
    /// The session of the hop before.
    Session(&'a Session),
}

/// The account of the identity, once somebody had to ask for it.
pub(crate) type OwnAccount = OnceCell<AccountId>;

/// Walks the hops of one target. With no hop, the identity's own credentials are the result, and AWS says whose.
pub(crate) async fn assume(
    system: &System,
    sts: &Sts,
    identity: &Identity,
    hops: &[Hop],
    patience: Patience,
) -> Result<Session, Error> {
    let account = OwnAccount::new();
    let mut session: Option<Session> = None;
    for one in hops {
        let start = session
            .as_ref()
            .map_or(Start::Identity(identity), Start::Session);
        session = Some(hop(system, sts, start, &account, one, patience).await?);
    }
    match session {
        Some(session) => Ok(session),
        None => own(system, sts, identity, patience).await,
    }
}

/// One hop.
pub(crate) async fn hop(
    system: &System,
    sts: &Sts,
    start: Start<'_>,
    account: &OwnAccount,
    hop: &Hop,
    patience: Patience,
) -> Result<Session, Error> {
    let (caller, role) = match start {
        Start::Session(earlier) => {
            let account = || async { Ok(earlier.identified.who.account().clone()) };
            let role = resolve(sts, &hop.role, account).await?;
            let keys = &earlier.identified.credentials;
            (Caller::Keys { keys, fresh: true }, role)
        }
        Start::Identity(Identity::Token(token)) => {
            let nobody = || async {
                Err(Error::Internal(
                    "a role's name came with a token".to_owned(),
                ))
            };
            (Caller::Token(token), resolve(sts, &hop.role, nobody).await?)
        }
        Start::Identity(Identity::Credentials(keys)) => {
            let ask = || async { Ok(whoami(system, sts, keys, patience).await?.account().clone()) };
            let own_account = || async { account.get_or_try_init(ask).await.cloned() };
            let role = resolve(sts, &hop.role, own_account).await?;
            (Caller::Keys { keys, fresh: false }, role)
        }
    };
    Box::pin(assume_one(system, sts, caller, hop, &role, patience)).await
}

/// The identity's own credentials, and whose they are.
async fn own(
    system: &System,
    sts: &Sts,
    identity: &Identity,
    patience: Patience,
) -> Result<Session, Error> {
    let Identity::Credentials(keys) = identity else {
        return Err(Error::Internal("a token came without a role".to_owned()));
    };
    let who = whoami(system, sts, keys, patience).await?;
    let identified = Identified {
        credentials: keys.clone(),
        who,
    };
    Ok(Session {
        identified,
        role_id: None,
        source_identity: None,
        packed_size: None,
        dropped_tags: Vec::new(),
    })
}

/// A role's name needs the caller's account; its partition is the region's.
async fn resolve<F>(
    sts: &Sts,
    role: &RoleRef,
    account: impl FnOnce() -> F,
) -> Result<RoleArn, Error>
where
    F: Future<Output = Result<AccountId, Error>>,
{
    match role {
        RoleRef::Arn(arn) => Ok(arn.clone()),
        RoleRef::Name(name) => {
            let account = account().await?;
            RoleArn::of_name(&sts.region().partition(), &account, name)
                .map_err(|fault| Error::Internal(fault.to_string()))
        }
    }
}

/// GetCallerIdentity: needs no permission, and says whose keys these are.
pub(crate) async fn whoami(
    system: &System,
    sts: &Sts,
    keys: &Credentials,
    patience: Patience,
) -> Result<AssumedRole, Error> {
    Ok(caller(system, sts, keys, patience).await?.who)
}

/// What GetCallerIdentity answers.
#[derive(Debug)]
pub(crate) struct CallerIdentity {
    pub(crate) who: AssumedRole,
    /// The unique id of the user, or that of the role and the session's name.
    pub(crate) user_id: String,
}

/// GetCallerIdentity, with all that it says.
pub(crate) async fn caller(
    system: &System,
    sts: &Sts,
    keys: &Credentials,
    patience: Patience,
) -> Result<CallerIdentity, Error> {
    let client = sts.client(Some(keys));
    let attempt = || async {
        let answer = client
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| Failure::of(&error, system.clock.now()))?;
        let arn = answer.arn().unwrap_or_default();
        let who = arn.parse().map_err(|_| {
            Failure::invalid(&crate::model::Invalid::new("the answer lacks an Arn"))
        })?;
        let user_id = answer.user_id().unwrap_or_default().to_owned();
        Ok(CallerIdentity { who, user_id })
    };
    let call = Call {
        operation: "sts:GetCallerIdentity",
        subject: sts.host(),
        patience,
        tries_if_keys_are_unknown: 1,
        is_one_of_many: false,
        token: None,
    };
    call.repeat(system, sts, attempt).await
}

async fn assume_one(
    system: &System,
    sts: &Sts,
    caller: Caller<'_>,
    hop: &Hop,
    role: &RoleArn,
    patience: Patience,
) -> Result<Session, Error> {
    let one = Call {
        operation: "sts:AssumeRole",
        subject: role.as_str(),
        patience,
        tries_if_keys_are_unknown: 1,
        is_one_of_many: sts.asks_for_many(),
        token: None,
    };
    let one = match caller {
        Caller::Token(token) => Call {
            operation: "sts:AssumeRoleWithWebIdentity",
            token: Some(token),
            ..one
        },
        Caller::Keys { fresh: true, .. } => Call {
            tries_if_keys_are_unknown: TRIES_WITH_FRESH_KEYS,
            ..one
        },
        Caller::Keys { fresh: false, .. } => one,
    };
    let call = |tags: Vec<Tag>| async move {
        one.repeat(system, sts, || async {
            exchange(system, sts, caller, hop, role, &tags).await
        })
        .await
    };
    let (kept, dropped): (Vec<Tag>, Vec<Tag>) = hop
        .tags
        .iter()
        .cloned()
        .partition(|tag| tag.priority == Priority::Keep);
    let (assumed, dropped_tags) = match call(hop.tags.clone()).await {
        Err(Error::Sts(failure))
            if failure.kind == StsKind::SessionTooLarge && !dropped.is_empty() =>
        {
            let names: Vec<String> = dropped.into_iter().map(|tag| tag.key).collect();
            system.console.warning(&format!(
                "the session's policies and tags are too large for AWS; trying without the tags {}",
                names.join(", ")
            ));
            (call(kept).await?, names)
        }
        result => (result?, Vec::new()),
    };
    let who = match assumed.who {
        Some(who) => who,
        None => whoami(system, sts, &assumed.credentials, patience).await?,
    };
    let identified = Identified {
        credentials: assumed.credentials,
        who,
    };
    Ok(Session {
        identified,
        role_id: assumed.role_id,
        source_identity: assumed.source_identity,
        packed_size: assumed.packed_size,
        dropped_tags,
    })
}

struct Assumed {
    credentials: Credentials,
    who: Option<AssumedRole>,
    role_id: Option<String>,
    source_identity: Option<String>,
    packed_size: Option<i32>,
}

/// How much of the room for policies, tags and token is used; two answers of one shape, and an old name for it.
macro_rules! room {
    ($answer:ident) => {{
        #[expect(
            deprecated,
            reason = "compatible servers, and STS until lately, send the old field only"
        )]
        let packed = $answer.packed_policy_size;
        packed.or($answer.session_token_utilization)
    }};
}

/// One request.
async fn exchange(
    system: &System,
    sts: &Sts,
    caller: Caller<'_>,
    hop: &Hop,
    role: &RoleArn,
    tags: &[Tag],
) -> Result<Assumed, Failure> {
    let seconds = i32::try_from(hop.duration.seconds()).unwrap_or(i32::MAX);
    let policy = hop.policy.as_ref().map(|policy| policy.as_str().to_owned());
    let policy_arns = client::policy_arns(&hop.policy_arns);
    let (issued, user, packed_size, source_identity) = match caller {
        Caller::Token(token) => {
            let request = sts.client(None).assume_role_with_web_identity();
            let request = request
                .role_arn(role.as_str())
                .role_session_name(hop.session.as_str())
                .duration_seconds(seconds);
            let request = request
                .web_identity_token(token.secret.reveal())
                .set_policy(policy)
                .set_policy_arns(policy_arns);
            let answer = request
                .send()
                .await
                .map_err(|error: SdkError<_, _>| Failure::of(&error, system.clock.now()))?;
            let used = room!(answer);
            let identity = answer.source_identity;
            (answer.credentials, answer.assumed_role_user, used, identity)
        }
        Caller::Keys { keys, .. } => {
            let request = sts.client(Some(keys)).assume_role();
            let request = request
                .role_arn(role.as_str())
                .role_session_name(hop.session.as_str())
                .duration_seconds(seconds);
            let request = request
                .set_policy(policy)
                .set_policy_arns(policy_arns)
                .set_tags(client::tags(tags));
            let transitive = hop
                .transitive_tag_keys
                .iter()
                .filter(|key| tags.iter().any(|tag| tag.is(key)));
            let transitive: Vec<String> = transitive.cloned().collect();
            let request =
                request.set_transitive_tag_keys(Some(transitive).filter(|keys| !keys.is_empty()));
            let request = request
                .set_external_id(hop.external_id.as_ref().map(|id| id.as_str().to_owned()))
                .set_source_identity(
                    hop.source_identity
                        .as_ref()
                        .map(|id| id.as_str().to_owned()),
                )
                .set_serial_number(
                    hop.mfa
                        .as_ref()
                        .map(|(serial, _)| serial.as_str().to_owned()),
                )
                .set_token_code(hop.mfa.as_ref().map(|(_, code)| code.as_str().to_owned()));
            let answer = request
                .send()
                .await
                .map_err(|error: SdkError<_, _>| Failure::of(&error, system.clock.now()))?;
            let used = room!(answer);
            let identity = answer.source_identity;
            (answer.credentials, answer.assumed_role_user, used, identity)
        }
    };
    let credentials = answer::credentials(issued.as_ref(), system.clock.now())
        .map_err(|fault| Failure::invalid(&fault))?;
    Ok(Assumed {
        credentials,
        who: answer::assumed_role(user.as_ref()),
        role_id: user.map(|user| user.assumed_role_id),
        source_identity,
        packed_size,
    })
}
