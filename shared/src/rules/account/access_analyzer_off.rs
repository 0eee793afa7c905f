use crate::facts::{Account, Analyzer};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An account without an external access analyzer.
    ///
    /// ## What it checks
    ///
    /// Accounts that have no active external access analyzer of their own (type `ACCOUNT`) in the Region in which Bailiff
    /// runs. An analyzer of the organisation shows in the account it was made in alone, and counts there where
    /// `acceptOrganizationAnalyzer` (false by default) says so. Analyzers of unused and of internal access do not count.
    ///
    /// ## Why it matters
    ///
    /// Access Analyzer tells which roles, keys and buckets somebody outside can use. It costs nothing, and without it
    /// nobody looks.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself. A person turns it on in each Region: `aws accessanalyzer create-analyzer --analyzer-name
    /// external-access --type ACCOUNT`. Bailiff sees the Region it runs in. The first analyzer has AWS make a
    /// service-linked role, which no function of Bailiff's may have made and no undo would take back, and whoever deletes
    /// one loses its findings and archive rules.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`:
    /// where the organisation's analyzer in another account looks at this one too.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED`; CIS AWS Foundations 3.0 1.20 and 5.0 1.19;
    /// Security Hub IAM.28.
    AccessAnalyzerOff {
        id: "access-analyzer-off",
        severity: High,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED"],
        controls: ["CIS-3.0:1.20", "CIS-5.0:1.19", "SecurityHub:IAM.28"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [Analyzers],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Whether an analyzer of the organisation is enough.
    "acceptOrganizationAnalyzer" => accept_organization_analyzer: Flag = false,
}

impl Rule for AccessAnalyzerOff {
    type Subject = Account;
    type Params = Params;
    type Finding = ();

    fn evaluate(account: &Account, params: &Params, _: &Context) -> Verdict<()> {
        let counts = |analyzer: &Analyzer| {
            analyzer.status == "ACTIVE"
                && (analyzer.kind == "ACCOUNT"
                    || analyzer.kind == "ORGANIZATION" && params.accept_organization_analyzer.is_set())
        };
        match account.analyzers.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(analyzers) if analyzers.iter().any(counts) => Verdict::Compliant,
            Ok(_) => Verdict::NonCompliant(()),
        }
    }

    fn annotate((): &(), params: &Params) -> String {
        if params.accept_organization_analyzer.is_set() {
            "no external access analyzer of the account or its organisation is active in this Region"
        } else {
            "no external access analyzer of the account is active in this Region"
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{account, context, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge(organization: bool, analyzers: &[(&str, &str)]) -> Verdict<()> {
        let params = Params::read(&json!({ "acceptOrganizationAnalyzer": organization })).unwrap();
        let analyzers = analyzers.iter().map(|(kind, status)| Analyzer {
            name: "external-access".to_owned(),
            kind: (*kind).to_owned(),
            status: (*status).to_owned(),
        });
        let account = Account { analyzers: Fact::Known(analyzers.collect()), ..account() };
        AccessAnalyzerOff::evaluate(&account, &params, &context())
    }

    #[test]
    fn an_active_analyzer_of_the_account_is_enough() {
        assert_eq!(judge(false, &[("ACCOUNT", "ACTIVE")]), Verdict::Compliant);
        assert_eq!(judge(false, &[]), Verdict::NonCompliant(()));
        for status in ["CREATING", "DISABLED", "FAILED"] {
            assert_eq!(judge(false, &[("ACCOUNT", status)]), Verdict::NonCompliant(()), "{status}");
        }
    }

    #[test]
    fn an_analyzer_of_the_organisation_is_enough_where_it_is_accepted() {
        assert_eq!(judge(false, &[("ORGANIZATION", "ACTIVE")]), Verdict::NonCompliant(()));
        assert_eq!(judge(true, &[("ORGANIZATION", "ACTIVE")]), Verdict::Compliant);
    }

    #[test]
    fn analyzers_of_other_things_do_not_count() {
        for kind in ["ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS"] {
            assert_eq!(judge(true, &[(kind, "ACTIVE")]), Verdict::NonCompliant(()), "{kind}");
        }
    }

    #[test]
    fn analyzers_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::ListAnalyzers);
        let account = Account { analyzers: Fact::Unknown(unread.clone()), ..account() };
        let verdict = AccessAnalyzerOff::evaluate(&account, &Params::default(), &context());
        assert_eq!(verdict, Verdict::Unknown(unread));
    }

    #[test]
    fn says_whose_analyzer_is_missing() {
        let said = AccessAnalyzerOff::annotate(&(), &Params::default());
        assert_eq!(said, "no external access analyzer of the account is active in this Region");
    }
}
