/// A condition key by what it says of the caller.
///
/// Source: IAM User Guide, "AWS global condition context keys" and "IAM and AWS STS condition context keys".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConditionKey<'a> {
    PrincipalAccount,
    PrincipalArn,
    /// `aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`.
    PrincipalOrganization,
    UserId,
    /// The instance or function in which the principal's credentials are: `ec2:SourceInstanceArn`,
    /// `lambda:SourceFunctionArn`.
    Workload,
    FederatedProvider,
    IsAwsService,
    ServiceName,
    ViaAwsService,
    /// The VPC or endpoint a request comes through, or the account or organisation that owns the endpoint.
    Network,
    SourceIp,
    SourceAccount,
    SourceArn,
    /// `aws:SourceOrgID` and `aws:SourceOrgPaths`.
    SourceOrganization,
    /// `sts:ExternalId`.
    ExternalId,
    /// `saml:…`.
    Saml,
    /// A claim of an OIDC token, such as `token.actions.githubusercontent.com:sub`.
    Token {
        issuer: &'a str,
        claim: &'a str,
    },
    /// Something the caller may choose, or of which nothing is known.
    Other,
}

impl<'a> ConditionKey<'a> {
    pub(super) fn of(key: &'a str) -> Self {
        match key.to_ascii_lowercase().as_str() {
            "aws:principalaccount" => Self::PrincipalAccount,
            "aws:principalarn" => Self::PrincipalArn,
            "aws:principalorgid" | "aws:principalorgpaths" => Self::PrincipalOrganization,
            "aws:userid" => Self::UserId,
            "ec2:sourceinstancearn" | "lambda:sourcefunctionarn" => Self::Workload,
            "aws:federatedprovider" => Self::FederatedProvider,
            "aws:principalisawsservice" => Self::IsAwsService,
            "aws:principalservicename" | "aws:principalservicenameslist" => Self::ServiceName,
            "aws:viaawsservice" => Self::ViaAwsService,
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:sourcevpcarn" | "aws:vpceaccount" | "aws:vpceorgid"
            | "aws:vpceorgpaths" => Self::Network,
            "aws:sourceip" => Self::SourceIp,
            "aws:sourceaccount" | "aws:sourceowner" => Self::SourceAccount,
            "aws:sourcearn" => Self::SourceArn,
            "aws:sourceorgid" | "aws:sourceorgpaths" => Self::SourceOrganization,
            "sts:externalid" => Self::ExternalId,
            lower if lower.starts_with("saml:") => Self::Saml,
            lower if lower.starts_with("aws:") || lower.starts_with("sts:") => Self::Other,
            // What stands before the claim is the issuer's address.
            _ => match key.rsplit_once(':') {
                Some((issuer, claim)) if issuer.contains('.') => {
                    Self::Token { issuer: issuer.trim_end_matches('/'), claim }
                }
                _ => Self::Other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_of_a_token_is_told_from_keys_of_aws() {
        let token = |issuer, claim| ConditionKey::Token { issuer, claim };
        for (key, expected) in [
            ("token.actions.githubusercontent.com:sub", token("token.actions.githubusercontent.com", "sub")),
            (
                "oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud",
                token("oidc.eks.eu-west-1.amazonaws.com/id/ABC", "aud"),
            ),
            ("idp.example.com/:sub", token("idp.example.com", "sub")),
            ("AWS:sourceARN", ConditionKey::SourceArn),
            ("SAML:aud", ConditionKey::Saml),
            ("aws:PrincipalTag/a.b:c", ConditionKey::Other),
            ("sts:RoleSessionName", ConditionKey::Other),
            ("kms:ViaService", ConditionKey::Other),
        ] {
            assert_eq!(ConditionKey::of(key), expected, "{key}");
        }
    }
}
