use std::fmt;

/// A condition operator with its set quantifier and its `IfExists`, such as `ForAllValues:StringLikeIfExists`.
///
/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// How several values in the request are taken.
    pub quantifier: Option<Quantifier>,
    /// What is compared, and how.
    pub comparison: Comparison,
    /// Whether it holds where the request lacks the key.
    pub if_exists: bool,
}

/// How a condition takes several values in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// Each of them must match; none at all does too.
    ForAllValues,
    /// One of them must match.
    ForAnyValue,
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// What a condition operator compares.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Comparison { $($(#[$doc])* $name,)+ }

        impl Comparison {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The operator's own name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

comparisons! {
    /// The same text.
    StringEquals,
    /// Another text.
    StringNotEquals,
    /// The same text, whatever the letter case.
    StringEqualsIgnoreCase,
    /// Another text, whatever the letter case.
    StringNotEqualsIgnoreCase,
    /// A text that a pattern matches.
    StringLike,
    /// A text that no pattern matches.
    StringNotLike,
    /// The same number.
    NumericEquals,
    /// Another number.
    NumericNotEquals,
    /// A smaller number.
    NumericLessThan,
    /// A number not greater.
    NumericLessThanEquals,
    /// A greater number.
    NumericGreaterThan,
    /// A number not smaller.
    NumericGreaterThanEquals,
    /// The same moment.
    DateEquals,
    /// Another moment.
    DateNotEquals,
    /// An earlier moment.
    DateLessThan,
    /// A moment not later.
    DateLessThanEquals,
    /// A later moment.
    DateGreaterThan,
    /// A moment not earlier.
    DateGreaterThanEquals,
    /// The same truth value.
    Bool,
    /// The same bytes.
    BinaryEquals,
    /// An address in the range.
    IpAddress,
    /// An address outside it.
    NotIpAddress,
    /// An ARN that a pattern matches part by part.
    ArnEquals,
    /// The same as `ArnEquals`.
    ArnLike,
    /// An ARN that no pattern matches.
    ArnNotEquals,
    /// The same as `ArnNotEquals`.
    ArnNotLike,
    /// Whether the request has the key at all.
    Null,
}

impl Comparison {
    /// Whether it holds where values differ, and hence where the request lacks the key.
    pub fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }

    /// The comparison whose opposite this negated one is; itself if it is not negated.
    #[must_use]
    pub fn positive(self) -> Self {
        match self {
            Self::StringNotEquals => Self::StringEquals,
            Self::StringNotEqualsIgnoreCase => Self::StringEqualsIgnoreCase,
            Self::StringNotLike => Self::StringLike,
            Self::NumericNotEquals => Self::NumericEquals,
            Self::DateNotEquals => Self::DateEquals,
            Self::NotIpAddress => Self::IpAddress,
            Self::ArnNotEquals | Self::ArnNotLike | Self::ArnEquals => Self::ArnLike,
            other => other,
        }
    }
}

impl Operator {
    /// Reads an operator's name in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = match text.split_once(':') {
            None => (None, text),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                (Some(Quantifier::ForAllValues), rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(Quantifier::ForAnyValue), rest)
            }
            Some(_) => return None,
        };
        let named = |name: &str| {
            Comparison::ALL.iter().copied().find(|comparison| comparison.name().eq_ignore_ascii_case(name))
        };
        if let Some(comparison) = named(rest) {
            return Some(Self { quantifier, comparison, if_exists: false });
        }
        let (name, suffix) = rest.split_at_checked(rest.len().checked_sub("IfExists".len())?)?;
        let comparison = named(name).filter(|_| suffix.eq_ignore_ascii_case("IfExists"))?;
        // `Null` asks whether the key exists; AWS has no `NullIfExists`.
        (comparison != Comparison::Null).then_some(Self { quantifier, comparison, if_exists: true })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quantifier {
            Some(Quantifier::ForAllValues) => f.write_str("ForAllValues:")?,
            Some(Quantifier::ForAnyValue) => f.write_str("ForAnyValue:")?,
            None => {}
        }
        f.write_str(self.comparison.name())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_back_from_its_name() {
        for comparison in Comparison::ALL.iter().copied() {
            for quantifier in [None, Some(Quantifier::ForAllValues), Some(Quantifier::ForAnyValue)] {
                for if_exists in [false, true] {
                    let operator = Operator { quantifier, comparison, if_exists };
                    let expected = (comparison != Comparison::Null || !if_exists).then_some(operator);
                    assert_eq!(Operator::parse(&operator.to_string()), expected);
                    assert_eq!(Operator::parse(&operator.to_string().to_uppercase()), expected);
                }
            }
        }
    }

    #[test]
    fn other_names_are_no_operators() {
        for wrong in
            ["", "IfExists", "StringEqual", "StringEquals ", "ForEachValue:StringEquals", "é", "ForAnyValue:"]
        {
            assert_eq!(Operator::parse(wrong), None, "{wrong}");
        }
    }
}
