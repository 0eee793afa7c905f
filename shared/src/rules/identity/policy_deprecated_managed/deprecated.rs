use crate::identifier::Arn;

/// AWS's managed policies that AWS has deprecated, with what it offers instead, sorted by name.
///
/// As of November 2026. AWS keeps no list of them that goes back, and takes a deprecated policy out of its reference;
/// so the names are those that were once in it and are not now, as `DEPRECATED.json` of
/// <https://github.com/zoph-io/IAMTrail> has them (newest entry: 2026-03-14). Left out are policies of service-linked
/// roles, which no customer can attach, and AWS's internal ones. Replacements are those that the services' guides name
/// in their notes on the old policy; AWS gives none where the service itself has ended.
const DEPRECATED: &[Deprecated] = &[
    replaced("AWSBackupAdminPolicy", "AWSBackupFullAccess"),
    replaced("AWSBackupOperatorPolicy", "AWSBackupOperatorAccess"),
    replaced(
        "AWSBudgetsActionsRolePolicyForResourceAdministrationWithSSM",
        "AWSBudgetsActions_RolePolicyForResourceAdministrationWithSSM",
    ),
    replaced("AWSCloudTrailFullAccess", "AWSCloudTrail_FullAccess"),
    replaced("AWSCloudTrailReadOnlyAccess", "AWSCloudTrail_ReadOnlyAccess"),
    replaced("AWSCodePipelineFullAccess", "AWSCodePipeline_FullAccess"),
    replaced("AWSCodePipelineReadOnlyAccess", "AWSCodePipeline_ReadOnlyAccess"),
    ended("AWSDataPipelineRole"),
    replaced("AWSElasticBeanstalkFullAccess", "AdministratorAccess-AWSElasticBeanstalk"),
    replaced("AWSElasticBeanstalkReadOnlyAccess", "AWSElasticBeanstalkReadOnly"),
    ended("AWSIoT1ClickFullAccess"),
    ended("AWSIoT1ClickReadOnlyAccess"),
    ended("AWSIotRoboRunnerFullAccess"),
    ended("AWSIotRoboRunnerReadOnly"),
    replaced("AWSLambdaFullAccess", "AWSLambda_FullAccess"),
    replaced("AWSLambdaReadOnlyAccess", "AWSLambda_ReadOnlyAccess"),
    ended("AWSMarketplaceImageBuildFullAccess"),
    ended("AWSMobileHub_FullAccess"),
    ended("AWSMobileHub_ReadOnly"),
    ended("AWSOpsWorksCMInstanceProfileRole"),
    ended("AWSOpsWorksCMServiceRole"),
    ended("AWSOpsWorksCloudWatchLogs"),
    ended("AWSOpsWorksFullAccess"),
    ended("AWSOpsWorksInstanceRegistration"),
    ended("AWSOpsWorksRegisterCLI"),
    ended("AWSOpsWorksRegisterCLI_EC2"),
    ended("AWSOpsWorksRegisterCLI_OnPremises"),
    ended("AWSOpsWorksRole"),
    ended("AWSOpsWorks_FullAccess"),
    ended("AWSRoboMakerFullAccess"),
    replaced("AWS_Config_Role", "AWS_ConfigRole"),
    ended("AmazonApplicationWizardFullaccess"),
    replaced("AmazonConnectFullAccess", "AmazonConnect_FullAccess"),
    ended("AmazonDataZonePortalFullAccessPolicy"),
    ended("AmazonDataZonePreviewConsoleFullAccess"),
    ended("AmazonDataZoneProjectDeploymentPermissionsBoundary"),
    ended("AmazonDataZoneProjectRolePermissionsBoundary"),
    replaced("AmazonEC2ContainerServiceFullAccess", "AmazonECS_FullAccess"),
    ended("AmazonEC2ReportsAccess"),
    ended("AmazonEC2RolePolicyForApplicationWizard"),
    replaced("AmazonEC2SpotFleetRole", "AmazonEC2SpotFleetTaggingRole"),
    ended("AmazonEverestServicePolicy"),
    replaced("AmazonGuardDutyFullAccess", "AmazonGuardDutyFullAccess_v2"),
    ended("AmazonLambdaRolePolicyForLaunchWizardSAP"),
    replaced("AmazonLaunchWizardFullaccess", "AmazonLaunchWizardFullAccessV2"),
    replaced("AmazonLaunchWizard_Fullaccess", "AmazonLaunchWizardFullAccessV2"),
    replaced(
        "AmazonMachineLearningRoleforRedshiftDataSource",
        "AmazonMachineLearningRoleforRedshiftDataSourceV3",
    ),
    replaced(
        "AmazonMachineLearningRoleforRedshiftDataSourceV2",
        "AmazonMachineLearningRoleforRedshiftDataSourceV3",
    ),
    ended("AmazonMacieSetupRole"),
    ended("AmazonMechanicalTurkCrowdFullAccess"),
    ended("AmazonMechanicalTurkCrowdReadOnlyAccess"),
    ended("AmazonSumerianFullAccess"),
    ended("AmazonWorkLinkFullAccess"),
    ended("AmazonWorkLinkReadOnly"),
    ended("GroundTruthSyntheticConsoleFullAccess"),
    ended("GroundTruthSyntheticConsoleReadOnlyAccess"),
    ended("ServerMigrationServiceRole"),
    ended("ServerMigration_ServiceRole"),
    replaced("ServiceCatalogAdminReadOnlyAccess", "AWSServiceCatalogAdminReadOnlyAccess"),
    replaced("ServiceCatalogEndUserAccess", "AWSServiceCatalogEndUserReadOnlyAccess"),
    ended("TagGovernancePolicy"),
];

/// A policy that AWS has deprecated.
#[derive(Debug)]
pub(super) struct Deprecated {
    name: &'static str,
    /// The policy that AWS offers instead, if any.
    pub(super) replacement: Option<&'static str>,
}

const fn replaced(name: &'static str, replacement: &'static str) -> Deprecated {
    Deprecated { name, replacement: Some(replacement) }
}

const fn ended(name: &'static str) -> Deprecated {
    Deprecated { name, replacement: None }
}

/// The policy's entry, if it is one of them.
pub(super) fn deprecated(policy: &Arn) -> Option<&'static Deprecated> {
    if !policy.is_aws_managed() {
        return None;
    }
    let at = DEPRECATED.binary_search_by(|entry| entry.name.cmp(policy.name())).ok()?;
    DEPRECATED.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_offers_nothing_deprecated() {
        assert!(DEPRECATED.is_sorted_by(|a, b| a.name < b.name));
        for entry in DEPRECATED {
            let deprecated = DEPRECATED.iter().any(|old| Some(old.name) == entry.replacement);
            assert!(!deprecated, "{}", entry.name);
        }
    }
}
