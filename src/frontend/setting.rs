//! What a row of the table says of a setting.

/// A setting under the name that it has everywhere.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    pub(crate) help: &'static str,
    /// What action.yml hands over when the user gives nothing.
    pub(crate) default: Option<&'static str>,
    /// A variable that serves when the input is not given.
    pub(crate) variables: &'static [&'static str],
    pub(crate) kind: Kind,
}

/// What a setting's value is, for those who have to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// `true` or `false`; as a flag it may stand alone.
    Toggle,
    /// Text that no other process may see, so there is no flag for it.
    Secret,
}

/// How the documentation orders the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Essentials,
    Source,
    Session,
    HandOver,
    Network,
}

impl Group {
    pub(crate) const ALL: [Self; 5] = [
        Self::Essentials,
        Self::Source,
        Self::Session,
        Self::HandOver,
        Self::Network,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Essentials => "Essentials",
            Self::Source => "Where the first identity comes from",
            Self::Session => "The session",
            Self::HandOver => "What later steps get",
            Self::Network => "Network and retries",
        }
    }
}

pub(super) const fn setting(
    name: &'static str,
    group: Group,
    variables: &'static [&'static str],
    help: &'static str,
) -> Setting {
    Setting {
        name,
        group,
        help,
        default: None,
        variables,
        kind: Kind::Text,
    }
}

pub(super) const fn toggle(
    name: &'static str,
    group: Group,
    variables: &'static [&'static str],
    help: &'static str,
) -> Setting {
    Setting {
        kind: Kind::Toggle,
        ..setting(name, group, variables, help)
    }
}

pub(super) const fn secret(
    name: &'static str,
    group: Group,
    variables: &'static [&'static str],
    help: &'static str,
) -> Setting {
    Setting {
        kind: Kind::Secret,
        ..setting(name, group, variables, help)
    }
}
