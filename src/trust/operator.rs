//! The condition operators of IAM.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;

use super::pattern;

/// An operator with its quantifier and suffix, as in `ForAnyValue:StringNotLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) quantifier: Quantifier,
    pub(super) base: Base,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    None,
    AnyValue,
    AllValues,
}

/// The comparison, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    Null,
    Numeric(Order),
    Date(Order),
    /// Needs the caller's address, which only AWS sees.
    IpAddress,
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equals,
    Less,
    LessOrEquals,
    Greater,
    GreaterOrEquals,
}

impl Operator {
    /// Names are compared without regard to case, as IAM does.
    pub(super) fn read(name: &str) -> Result<Self, String> {
        let no_operator = || {
            let name = super::text::shown(name);
            format!(
                "{name} is no operator of IAM's; trust policies use StringEquals and StringLike"
            )
        };
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            None => (Quantifier::None, lower.as_str()),
            Some(("foranyvalue", rest)) => (Quantifier::AnyValue, rest),
            Some(("forallvalues", rest)) => (Quantifier::AllValues, rest),
            Some(_) => return Err(no_operator()),
        };
        let (rest, if_exists) = rest
            .strip_suffix("ifexists")
            .map_or((rest, false), |rest| (rest, true));
        let (base, negated) = base(rest).ok_or_else(no_operator)?;
        if base == Base::Null && (if_exists || quantifier != Quantifier::None) {
            return Err(no_operator());
        }
        Ok(Self {
            quantifier,
            base,
            negated,
            if_exists,
        })
    }

    /// `*` and `?` in its values are wildcards.
    pub(super) fn has_wildcards(self) -> bool {
        matches!(self.base, Base::Like | Base::Arn)
    }
}

fn base(lower: &str) -> Option<(Base, bool)> {
    use Order::{Equals, Greater, GreaterOrEquals, Less, LessOrEquals};
    Some(match lower {
        "stringequals" => (Base::Equals, false),
        "stringnotequals" => (Base::Equals, true),
        "stringequalsignorecase" => (Base::EqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Base::EqualsIgnoreCase, true),
        "stringlike" => (Base::Like, false),
        "stringnotlike" => (Base::Like, true),
        "arnequals" | "arnlike" => (Base::Arn, false),
        "arnnotequals" | "arnnotlike" => (Base::Arn, true),
        "bool" => (Base::Bool, false),
        "null" => (Base::Null, false),
        "numericequals" => (Base::Numeric(Equals), false),
        "numericnotequals" => (Base::Numeric(Equals), true),
        "numericlessthan" => (Base::Numeric(Less), false),
        "numericlessthanequals" => (Base::Numeric(LessOrEquals), false),
        "numericgreaterthan" => (Base::Numeric(Greater), false),
        "numericgreaterthanequals" => (Base::Numeric(GreaterOrEquals), false),
        "dateequals" => (Base::Date(Equals), false),
        "datenotequals" => (Base::Date(Equals), true),
        "datelessthan" => (Base::Date(Less), false),
        "datelessthanequals" => (Base::Date(LessOrEquals), false),
        "dategreaterthan" => (Base::Date(Greater), false),
        "dategreaterthanequals" => (Base::Date(GreaterOrEquals), false),
        "ipaddress" => (Base::IpAddress, false),
        "notipaddress" => (Base::IpAddress, true),
        "binaryequals" => (Base::Binary, false),
        _ => return None,
    })
}

impl Base {
    /// Whether a value of the request is the wanted one. Strings with wildcards are compared by their pieces.
    pub(super) fn compare(self, wanted: &str, actual: &str) -> bool {
        match self {
            Self::Equals | Self::Binary => wanted == actual,
            Self::EqualsIgnoreCase => wanted.to_lowercase() == actual.to_lowercase(),
            Self::Like => pattern::matches(wanted, actual),
            Self::Arn => arn(wanted, actual),
            Self::Bool => wanted.eq_ignore_ascii_case(actual),
            Self::Numeric(order) => {
                let pair = wanted.trim().parse::<f64>().ok().zip(actual.parse().ok());
                pair.and_then(|(wanted, actual): (f64, f64)| actual.partial_cmp(&wanted))
                    .is_some_and(|found| order.admits(found))
            }
            Self::Date(order) => seconds(wanted)
                .zip(seconds(actual))
                .is_some_and(|(wanted, actual)| order.admits(actual.cmp(&wanted))),
            Self::Null | Self::IpAddress => false,
        }
    }
}

impl Order {
    fn admits(self, found: Ordering) -> bool {
        match self {
            Self::Equals => found == Ordering::Equal,
            Self::Less => found == Ordering::Less,
            Self::LessOrEquals => found != Ordering::Greater,
            Self::Greater => found == Ordering::Greater,
            Self::GreaterOrEquals => found != Ordering::Less,
        }
    }
}

/// Part by part: a wildcard does not cross one of the first five colons.
fn arn(wanted: &str, actual: &str) -> bool {
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, actual) = (parts(wanted), parts(actual));
    wanted.len() == actual.len()
        && wanted
            .iter()
            .zip(&actual)
            .all(|(wanted, actual)| pattern::matches(wanted, actual))
}

/// `2026-01-31T12:30:00Z`, `2026-01-31`, or seconds since 1970.
fn seconds(text: &str) -> Option<i64> {
    if let Ok(epoch) = text.parse() {
        return Some(epoch);
    }
    let (date, time) = text
        .strip_suffix('Z')
        .unwrap_or(text)
        .split_once('T')
        .unwrap_or((text, "00:00:00"));
    let numbers = |text: &str, by: char| -> Option<Vec<i64>> {
        text.split(by).map(|part| part.parse().ok()).collect()
    };
    let date = numbers(date, '-')?;
    let time = numbers(time.split('.').next()?, ':')?;
    let (&[year, month, day], &[hour, minute]) = (date.as_slice(), time.get(..2)?) else {
        return None;
    };
    let second = time.get(2).copied().unwrap_or_default();
    // Days since 1970 of a Gregorian date, years beginning in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
        + day
        - 719_469;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_quantifier_negation_and_suffix() {
        let read = Operator::read("ForAnyValue:StringNotLikeIfExists").expect("an operator");
        assert_eq!(
            read,
            Operator {
                quantifier: Quantifier::AnyValue,
                base: Base::Like,
                negated: true,
                if_exists: true
            }
        );
        assert!(Operator::read("stringequals").is_ok());
        for bad in [
            "StringMatches",
            "ForSomeValue:StringLike",
            "NullIfExists",
            "ForAllValues:Null",
            "",
        ] {
            let fault = Operator::read(bad).expect_err(bad);
            assert!(fault.contains("no operator"), "{fault}");
        }
    }

    #[test]
    fn comparisons() {
        for (name, wanted, actual, expected) in [
            ("StringEquals", "a*", "ab", false),
            ("StringEquals", "Ab", "ab", false),
            ("StringEqualsIgnoreCase", "Ab", "aB", true),
            ("StringLike", "a*", "ab", true),
            ("Bool", "True", "true", true),
            ("NumericLessThan", "10", "9.5", true),
            ("NumericLessThan", "10", "10", false),
            ("NumericGreaterThanEquals", "10", "10", true),
            ("NumericEquals", "10", "x", false),
            (
                "DateLessThan",
                "2026-03-01T00:00:00Z",
                "2026-02-28T23:59:59Z",
                true,
            ),
            ("DateGreaterThan", "2024-02-29", "1709251201", true),
            ("DateEquals", "1970-01-02T00:00:01.5Z", "86401", true),
            (
                "ArnLike",
                "arn:aws:iam::*:role/x*",
                "arn:aws:iam::123456789012:role/xy",
                true,
            ),
            ("ArnEquals", "arn:*:role/x", "arn:aws:iam::1:role/x", false),
        ] {
            let operator = Operator::read(name).expect(name);
            assert_eq!(
                operator.base.compare(wanted, actual),
                expected,
                "{name} {wanted} {actual}"
            );
        }
    }
}
