//! Paths by which a principal uses what runs as a role already. What that role may do is not told by a policy.

use super::super::path::{Category, Path, any, every};
use crate::policy::analysis::ResourceKind;

const AGENT_RUNTIME: ResourceKind =
    ResourceKind("arn:aws:bedrock-agentcore:⟨region⟩:⟨account-id⟩:runtime/⟨name⟩");
const APP_RUNNER_SERVICE: ResourceKind =
    ResourceKind("arn:aws:apprunner:⟨region⟩:⟨account-id⟩:service/⟨name⟩/⟨name⟩");
const BROWSER: ResourceKind =
    ResourceKind("arn:aws:bedrock-agentcore:⟨region⟩:⟨account-id⟩:browser-custom/⟨name⟩");
const BUILD_PROJECT: ResourceKind = ResourceKind("arn:aws:codebuild:⟨region⟩:⟨account-id⟩:project/⟨name⟩");
const CODE_INTERPRETER: ResourceKind =
    ResourceKind("arn:aws:bedrock-agentcore:⟨region⟩:⟨account-id⟩:code-interpreter-custom/⟨name⟩");
const DEPLOYMENT_GROUP: ResourceKind =
    ResourceKind("arn:aws:codedeploy:⟨region⟩:⟨account-id⟩:deploymentgroup:⟨name⟩/⟨name⟩");
const DEV_ENDPOINT: ResourceKind = ResourceKind("arn:aws:glue:⟨region⟩:⟨account-id⟩:devEndpoint/⟨name⟩");
const FUNCTION: ResourceKind = ResourceKind("arn:aws:lambda:⟨region⟩:⟨account-id⟩:function:⟨name⟩");
const INSTANCE: ResourceKind = ResourceKind("arn:aws:ec2:⟨region⟩:⟨account-id⟩:instance/⟨name⟩");
const JOB_QUEUE: ResourceKind = ResourceKind("arn:aws:batch:⟨region⟩:⟨account-id⟩:job-queue/⟨name⟩");
const LAUNCH_TEMPLATE: ResourceKind =
    ResourceKind("arn:aws:ec2:⟨region⟩:⟨account-id⟩:launch-template/⟨name⟩");
const NOTEBOOK: ResourceKind =
    ResourceKind("arn:aws:sagemaker:⟨region⟩:⟨account-id⟩:notebook-instance/⟨name⟩");
const PERMISSION_SET: ResourceKind = ResourceKind("arn:aws:sso:::permissionSet/⟨name⟩/⟨name⟩");
const STACK: ResourceKind = ResourceKind("arn:aws:cloudformation:⟨region⟩:⟨account-id⟩:stack/⟨name⟩/⟨name⟩");
const STATE_MACHINE: ResourceKind = ResourceKind("arn:aws:states:⟨region⟩:⟨account-id⟩:stateMachine:⟨name⟩");
const TASK: ResourceKind = ResourceKind("arn:aws:ecs:⟨region⟩:⟨account-id⟩:task/⟨name⟩/⟨name⟩");

pub(super) const PATHS: &[Path] = &[
    Path {
        id: "apprunner-update-service",
        category: Category::ExistingResource,
        needs: &[every("apprunner:UpdateService", APP_RUNNER_SERVICE)],
        passed_to: &[],
        depends_on: Some("an App Runner service with a stronger role"),
        named_by: &["pathfinding.cloud apprunner-002", "Prowler", "pathfinding-labs apprunner-002"],
    },
    Path {
        id: "bedrock-agentcore-invoke-code-interpreter-start-code-interpreter-session",
        category: Category::ExistingResource,
        needs: &[
            every("bedrock-agentcore:InvokeCodeInterpreter", CODE_INTERPRETER),
            every("bedrock-agentcore:StartCodeInterpreterSession", CODE_INTERPRETER),
        ],
        passed_to: &[],
        depends_on: Some("an AgentCore resource with a stronger role"),
        named_by: &[
            "pathfinding.cloud bedrock-002",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs bedrock-002",
        ],
    },
    Path {
        id: "cloudformation-update-stack",
        category: Category::ExistingResource,
        needs: &[every("cloudformation:UpdateStack", STACK)],
        passed_to: &[],
        depends_on: Some("a stack with a stronger role"),
        named_by: &[
            "pathfinding.cloud cloudformation-002",
            "Prowler",
            "pathfinding-labs cloudformation-002",
            "PMapper",
        ],
    },
    Path {
        id: "codebuild-start-build",
        category: Category::ExistingResource,
        needs: &[every("codebuild:StartBuild", BUILD_PROJECT)],
        passed_to: &[],
        depends_on: Some("a project with a stronger role"),
        named_by: &[
            "pathfinding.cloud codebuild-002",
            "Prowler",
            "pathfinding-labs codebuild-002",
            "PMapper",
        ],
    },
    Path {
        id: "codebuild-start-build-batch",
        category: Category::ExistingResource,
        needs: &[every("codebuild:StartBuildBatch", BUILD_PROJECT)],
        passed_to: &[],
        depends_on: Some("a project with a stronger role"),
        named_by: &[
            "pathfinding.cloud codebuild-003",
            "Prowler",
            "pathfinding-labs codebuild-003",
            "PMapper",
        ],
    },
    Path {
        id: "ec2-instance-connect-send-ssh-public-key-ec2-describe-instances",
        category: Category::ExistingResource,
        needs: &[every("ec2-instance-connect:SendSSHPublicKey", INSTANCE), any("ec2:DescribeInstances")],
        passed_to: &[],
        depends_on: Some("an instance with a stronger role"),
        named_by: &["pathfinding.cloud ec2instanceconnect-003", "Prowler", "cloudsplaining"],
    },
    Path {
        id: "ec2-create-launch-template-version-modify-launch-template",
        category: Category::ExistingResource,
        needs: &[
            every("ec2:CreateLaunchTemplateVersion", LAUNCH_TEMPLATE),
            every("ec2:ModifyLaunchTemplate", LAUNCH_TEMPLATE),
        ],
        passed_to: &[],
        depends_on: Some("an instance or launch template with a stronger role"),
        named_by: &["pathfinding.cloud ec2-004", "Prowler", "cloudsplaining", "pathfinding-labs ec2-005"],
    },
    Path {
        id: "ec2-modify-instance-attribute-start-instances-stop-instances",
        category: Category::ExistingResource,
        needs: &[
            every("ec2:ModifyInstanceAttribute", INSTANCE),
            every("ec2:StartInstances", INSTANCE),
            every("ec2:StopInstances", INSTANCE),
        ],
        passed_to: &[],
        depends_on: Some("an instance or launch template with a stronger role"),
        named_by: &["pathfinding.cloud ec2-002", "Prowler", "cloudsplaining", "pathfinding-labs ec2-002"],
    },
    Path {
        id: "glue-update-dev-endpoint",
        category: Category::ExistingResource,
        needs: &[every("glue:UpdateDevEndpoint", DEV_ENDPOINT)],
        passed_to: &[],
        depends_on: Some("a development endpoint with a stronger role"),
        named_by: &[
            "pathfinding.cloud glue-002",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs glue-002",
            "Rhino R19 UpdateGlueDevEndpoint",
        ],
    },
    Path {
        id: "lambda-add-permission-update-function-code",
        category: Category::ExistingResource,
        needs: &[any("lambda:AddPermission"), every("lambda:UpdateFunctionCode", FUNCTION)],
        passed_to: &[],
        depends_on: Some("a function with a stronger role"),
        named_by: &["pathfinding.cloud lambda-005", "Prowler", "cloudsplaining"],
    },
    Path {
        id: "lambda-invoke-function-update-function-code",
        category: Category::ExistingResource,
        needs: &[any("lambda:InvokeFunction"), every("lambda:UpdateFunctionCode", FUNCTION)],
        passed_to: &[],
        depends_on: Some("a function with a stronger role"),
        named_by: &[
            "pathfinding.cloud lambda-004",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs lambda-003/lambda-004",
        ],
    },
    Path {
        id: "lambda-update-function-code",
        category: Category::ExistingResource,
        needs: &[every("lambda:UpdateFunctionCode", FUNCTION)],
        passed_to: &[],
        depends_on: Some("a function with a stronger role"),
        named_by: &[
            "pathfinding.cloud lambda-003",
            "Prowler",
            "cloudsplaining",
            "Rhino R17 UpdateExistingLambdaCode",
            "PMapper",
        ],
    },
    Path {
        id: "sagemaker-create-notebook-instance-lifecycle-config-start-notebook-instance-stop-notebook-instance-update-notebook-instance",
        category: Category::ExistingResource,
        needs: &[
            any("sagemaker:CreateNotebookInstanceLifecycleConfig"),
            any("sagemaker:StartNotebookInstance"),
            any("sagemaker:StopNotebookInstance"),
            every("sagemaker:UpdateNotebookInstance", NOTEBOOK),
        ],
        passed_to: &[],
        depends_on: Some("a notebook instance with a stronger role"),
        named_by: &[
            "pathfinding.cloud sagemaker-005",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs sagemaker-005",
        ],
    },
    Path {
        id: "sagemaker-create-presigned-notebook-instance-url",
        category: Category::ExistingResource,
        needs: &[every("sagemaker:CreatePresignedNotebookInstanceUrl", NOTEBOOK)],
        passed_to: &[],
        depends_on: Some("a notebook instance with a stronger role"),
        named_by: &[
            "pathfinding.cloud sagemaker-004",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs sagemaker-004",
        ],
    },
    Path {
        id: "ssm-send-command",
        category: Category::ExistingResource,
        needs: &[every("ssm:SendCommand", INSTANCE)],
        passed_to: &[],
        depends_on: Some("a managed instance with a stronger role"),
        named_by: &["pathfinding.cloud ssm-002", "Prowler", "pathfinding-labs ssm-002", "PMapper"],
    },
    Path {
        id: "ssm-start-session",
        category: Category::ExistingResource,
        needs: &[every("ssm:StartSession", INSTANCE)],
        passed_to: &[],
        depends_on: Some("a managed instance with a stronger role"),
        named_by: &["pathfinding.cloud ssm-001", "Prowler", "pathfinding-labs ssm-001", "PMapper"],
    },
    Path {
        id: "cloudformation-create-change-set-execute-change-set",
        category: Category::ExistingResource,
        needs: &[
            every("cloudformation:CreateChangeSet", STACK),
            every("cloudformation:ExecuteChangeSet", STACK),
        ],
        passed_to: &[],
        depends_on: Some("a stack with a stronger role"),
        named_by: &[
            "pathfinding.cloud cloudformation-005",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs cloudformation-005",
            "PMapper",
        ],
    },
    Path {
        id: "batch-submit-job",
        category: Category::ExistingResource,
        needs: &[every("batch:SubmitJob", JOB_QUEUE)],
        passed_to: &[],
        depends_on: Some("a job definition with a stronger role"),
        named_by: &["Prowler"],
    },
    Path {
        id: "bedrock-agentcore-connect-browser-automation-stream-start-browser-session",
        category: Category::ExistingResource,
        needs: &[
            every("bedrock-agentcore:ConnectBrowserAutomationStream", BROWSER),
            every("bedrock-agentcore:StartBrowserSession", BROWSER),
        ],
        passed_to: &[],
        depends_on: Some("an AgentCore resource with a stronger role"),
        named_by: &["Prowler"],
    },
    Path {
        id: "bedrock-agentcore-invoke-agent-runtime-command",
        category: Category::ExistingResource,
        needs: &[every("bedrock-agentcore:InvokeAgentRuntimeCommand", AGENT_RUNTIME)],
        passed_to: &[],
        depends_on: Some("an AgentCore resource with a stronger role"),
        named_by: &["Prowler"],
    },
    Path {
        id: "codedeploy-create-deployment-get-deployment-config-register-application-revision",
        category: Category::ExistingResource,
        needs: &[
            every("codedeploy:CreateDeployment", DEPLOYMENT_GROUP),
            any("codedeploy:GetDeploymentConfig"),
            any("codedeploy:RegisterApplicationRevision"),
        ],
        passed_to: &[],
        depends_on: Some("a deployment group of instances with a stronger role"),
        named_by: &["Prowler"],
    },
    Path {
        id: "ec2-instance-connect-send-ssh-public-key",
        category: Category::ExistingResource,
        needs: &[every("ec2-instance-connect:SendSSHPublicKey", INSTANCE)],
        passed_to: &[],
        depends_on: Some("an instance with a stronger role"),
        named_by: &["pathfinding-labs ec2-003"],
    },
    Path {
        id: "ecs-describe-tasks-execute-command",
        category: Category::ExistingResource,
        needs: &[any("ecs:DescribeTasks"), every("ecs:ExecuteCommand", TASK)],
        passed_to: &[],
        depends_on: Some("a running task with a stronger role"),
        named_by: &["Prowler", "cloudsplaining", "pathfinding-labs ecs-006"],
    },
    Path {
        id: "lambda-add-permission-invoke-function-update-function-code",
        category: Category::ExistingResource,
        needs: &[
            any("lambda:AddPermission"),
            any("lambda:InvokeFunction"),
            every("lambda:UpdateFunctionCode", FUNCTION),
        ],
        passed_to: &[],
        depends_on: Some("a function with a stronger role"),
        named_by: &["pathfinding-labs lambda-005"],
    },
    Path {
        id: "lambda-update-function-configuration",
        category: Category::ExistingResource,
        needs: &[every("lambda:UpdateFunctionConfiguration", FUNCTION)],
        passed_to: &[],
        depends_on: Some("a function with a stronger role"),
        named_by: &["Prowler"],
    },
    Path {
        id: "sso-attach-managed-policy-to-permission-set",
        category: Category::ExistingResource,
        needs: &[every("sso:AttachManagedPolicyToPermissionSet", PERMISSION_SET)],
        passed_to: &[],
        depends_on: Some(
            "a permission set of the principal, in the account that administers IAM Identity Center",
        ),
        named_by: &["Prowler"],
    },
    Path {
        id: "sso-attach-managed-policy-to-permission-set-create-account-assignment-create-permission-set",
        category: Category::ExistingResource,
        needs: &[
            every("sso:AttachManagedPolicyToPermissionSet", PERMISSION_SET),
            any("sso:CreateAccountAssignment"),
            any("sso:CreatePermissionSet"),
        ],
        passed_to: &[],
        depends_on: Some(
            "a permission set of the principal, in the account that administers IAM Identity Center",
        ),
        named_by: &["Prowler"],
    },
    Path {
        id: "sso-put-inline-policy-to-permission-set",
        category: Category::ExistingResource,
        needs: &[every("sso:PutInlinePolicyToPermissionSet", PERMISSION_SET)],
        passed_to: &[],
        depends_on: Some(
            "a permission set of the principal, in the account that administers IAM Identity Center",
        ),
        named_by: &["Prowler"],
    },
    Path {
        id: "states-start-execution-update-state-machine",
        category: Category::ExistingResource,
        needs: &[any("states:StartExecution"), every("states:UpdateStateMachine", STATE_MACHINE)],
        passed_to: &[],
        depends_on: Some("a state machine with a stronger role"),
        named_by: &["Prowler"],
    },
];
