//! x
use crate::error::Error;
use crate::model::profile::ProfileName;
use crate::sink::mask::Masked;
#[derive(Debug)]
pub(crate) struct Prepared;
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Journal;
pub(crate) struct Values {
    pub credentials: Vec<(&'static str, String)>,
    pub config: Vec<(&'static str, String)>,
}
pub(crate) struct ProfilePaths;
impl ProfilePaths {
    pub(crate) fn locate(_: &crate::system::env::Env) -> Result<Self, Error> {
        Ok(Self)
    }
}
pub(crate) fn prepare(_: ProfilePaths, _: &ProfileName, _: bool) -> Result<Prepared, Error> {
    Ok(Prepared)
}
pub(crate) fn write(_: Prepared, _: &Masked<Values>) -> Result<Journal, Error> {
    Ok(Journal)
}
pub(crate) struct Report;
impl Report {
    pub(crate) fn lines(&self) -> Vec<String> {
        vec![]
    }
}
pub(crate) fn undo(_: &Journal) -> Result<Report, Error> {
    Ok(Report)
}
