//! `GetCallerIdentity`, which needs no permission.

use super::{StsError, only};
use crate::answer::Answer;
use crate::caller::authenticate;
use crate::route::Arrived;
use crate::state::State;
use crate::xml::Element;

pub(super) fn call(state: &State, arrived: &Arrived) -> Result<Answer, StsError> {
    let caller = authenticate(state, arrived)?;
    only(arrived, &[])?;
    let result = Element::new("GetCallerIdentityResult")
        .text("Arn", &caller.arn)
        .text("UserId", &caller.user_id)
        .text("Account", &caller.account);
    Ok(Answer::sts("GetCallerIdentity", result))
}
