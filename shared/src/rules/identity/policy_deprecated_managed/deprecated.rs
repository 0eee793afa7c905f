use crate::identifier::Arn;

/// AWS's managed policies that AWS has deprecated, with what it offers instead, sorted by name.
///
/// As of November 2026. AWS keeps no list of them that goes back, and takes a deprecated policy out of its reference;
/// so the names are those that were once in it and are not now, as `DEPRECATED.json` of
/// <https://github.com/zoph-io/IAMTrail> has them (newest entry: 2026-03-14). Left out are policies of service-linked
/// roles, which no customer can attach, and AWS's internal ones. Replacements are those that the services' guides name
/// in their notes on the old policy; AWS gives none where the service itself has ended.
const DEPRECATED: &[(&str, Option<&str>)] = &[
    ("AWSBackupAdminPolicy", Some("AWSBackupFullAccess")),
    ("AWSBackupOperatorPolicy", Some("AWSBackupOperatorAccess")),
    (
        "AWSBudgetsActionsRolePolicyForResourceAdministrationWithSSM",
        Some("AWSBudgetsActions_RolePolicyForResourceAdministrationWithSSM"),
    ),
    ("AWSCloudTrailFullAccess", Some("AWSCloudTrail_FullAccess")),
    ("AWSCloudTrailReadOnlyAccess", Some("AWSCloudTrail_ReadOnlyAccess")),
    ("AWSCodePipelineFullAccess", Some("AWSCodePipeline_FullAccess")),
    ("AWSCodePipelineReadOnlyAccess", Some("AWSCodePipeline_ReadOnlyAccess")),
    ("AWSDataPipelineRole", None),
    ("AWSElasticBeanstalkFullAccess", Some("AdministratorAccess-AWSElasticBeanstalk")),
    ("AWSElasticBeanstalkReadOnlyAccess", Some("AWSElasticBeanstalkReadOnly")),
    ("AWSIoT1ClickFullAccess", None),
    ("AWSIoT1ClickReadOnlyAccess", None),
    ("AWSIotRoboRunnerFullAccess", None),
    ("AWSIotRoboRunnerReadOnly", None),
    ("AWSLambdaFullAccess", Some("AWSLambda_FullAccess")),
    ("AWSLambdaReadOnlyAccess", Some("AWSLambda_ReadOnlyAccess")),
    ("AWSMarketplaceImageBuildFullAccess", None),
    ("AWSMobileHub_FullAccess", None),
    ("AWSMobileHub_ReadOnly", None),
    ("AWSOpsWorksCMInstanceProfileRole", None),
    ("AWSOpsWorksCMServiceRole", None),
    ("AWSOpsWorksCloudWatchLogs", None),
    ("AWSOpsWorksFullAccess", None),
    ("AWSOpsWorksInstanceRegistration", None),
    ("AWSOpsWorksRegisterCLI", None),
    ("AWSOpsWorksRegisterCLI_EC2", None),
    ("AWSOpsWorksRegisterCLI_OnPremises", None),
    ("AWSOpsWorksRole", None),
    ("AWSOpsWorks_FullAccess", None),
    ("AWSRoboMakerFullAccess", None),
    ("AWS_Config_Role", Some("AWS_ConfigRole")),
    ("AmazonApplicationWizardFullaccess", None),
    ("AmazonConnectFullAccess", Some("AmazonConnect_FullAccess")),
    ("AmazonDataZonePortalFullAccessPolicy", None),
    ("AmazonDataZonePreviewConsoleFullAccess", None),
    ("AmazonDataZoneProjectDeploymentPermissionsBoundary", None),
    ("AmazonDataZoneProjectRolePermissionsBoundary", None),
    ("AmazonEC2ContainerServiceFullAccess", Some("AmazonECS_FullAccess")),
    ("AmazonEC2ReportsAccess", None),
    ("AmazonEC2RolePolicyForApplicationWizard", None),
    ("AmazonEC2SpotFleetRole", Some("AmazonEC2SpotFleetTaggingRole")),
    ("AmazonEverestServicePolicy", None),
    ("AmazonGuardDutyFullAccess", Some("AmazonGuardDutyFullAccess_v2")),
    ("AmazonLambdaRolePolicyForLaunchWizardSAP", None),
    ("AmazonLaunchWizardFullaccess", Some("AmazonLaunchWizardFullAccessV2")),
    ("AmazonLaunchWizard_Fullaccess", Some("AmazonLaunchWizardFullAccessV2")),
    (
        "AmazonMachineLearningRoleforRedshiftDataSource",
        Some("AmazonMachineLearningRoleforRedshiftDataSourceV3"),
    ),
    (
        "AmazonMachineLearningRoleforRedshiftDataSourceV2",
        Some("AmazonMachineLearningRoleforRedshiftDataSourceV3"),
    ),
    ("AmazonMacieSetupRole", None),
    ("AmazonMechanicalTurkCrowdFullAccess", None),
    ("AmazonMechanicalTurkCrowdReadOnlyAccess", None),
    ("AmazonSumerianFullAccess", None),
    ("AmazonWorkLinkFullAccess", None),
    ("AmazonWorkLinkReadOnly", None),
    ("GroundTruthSyntheticConsoleFullAccess", None),
    ("GroundTruthSyntheticConsoleReadOnlyAccess", None),
    ("ServerMigrationServiceRole", None),
    ("ServerMigration_ServiceRole", None),
    ("ServiceCatalogAdminReadOnlyAccess", Some("AWSServiceCatalogAdminReadOnlyAccess")),
    ("ServiceCatalogEndUserAccess", Some("AWSServiceCatalogEndUserReadOnlyAccess")),
    ("TagGovernancePolicy", None),
];

/// What AWS offers instead of a deprecated policy, if anything; `None` where the policy is not deprecated.
pub(super) fn replacement_of(policy: &Arn) -> Option<Option<&'static str>> {
    if !policy.is_aws_managed() {
        return None;
    }
    let at = DEPRECATED.binary_search_by(|(name, _)| (*name).cmp(policy.name())).ok()?;
    DEPRECATED.get(at).map(|(_, replacement)| *replacement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_offers_nothing_deprecated() {
        assert!(DEPRECATED.is_sorted_by(|(a, _), (b, _)| a < b));
        for (name, replacement) in DEPRECATED {
            let deprecated = DEPRECATED.iter().any(|(old, _)| Some(*old) == *replacement);
            assert!(!deprecated, "{name}");
        }
    }
}
