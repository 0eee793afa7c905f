//! The names under which DynamoDB holds threats: who writes the table and who reads an export of it share them.

use crate::identifier::UniqueId;

/// Partition key of every threat: Bailiff's own, which no principal writes. The sort key begins with whom it is about.
pub const PARTITION: &str = "threat";

/// What the sort keys of one principal's threats begin with.
pub fn prefix_of(principal: &UniqueId) -> String {
    format!("{principal}#")
}

/// Whom a threat is about, by its sort key.
pub fn about(sort_key: &str) -> Option<UniqueId> {
    UniqueId::parse(sort_key.split_once('#')?.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_key_tells_whom_a_threat_is_about() {
        let principal = UniqueId::parse("AIDAEXAMPLEEXAMPLE001").unwrap();
        assert_eq!(about(&format!("{}GuardDuty#Detected#f1", prefix_of(&principal))), Some(principal));
        assert_eq!((about("AIDAEXAMPLEEXAMPLE001"), about("#f1")), (None, None));
    }
}
