//! The environment, read and checked in one place.

use std::collections::BTreeSet;
use std::fs;

use shared::engine::Deployment;
use shared::governance::{Chat, Governance, GovernanceErrors};
use shared::identifier::{AccountId, Arn, IdentifierError};
use shared::remedy::Remediator;

use crate::directory_file::Place;
use crate::findings::Queues;

/// Where variables are looked up.
type Lookup = dyn Fn(&str) -> Option<String>;

/// A process's environment.
pub struct Environment {
    variable: Box<Lookup>,
}

/// What is wrong with the environment. Nothing is enforced under one that is.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// A variable is not there.
    #[error("environment variable `{0}` is not set; deploy the stack again")]
    Missing(String),
    /// A variable holds something else.
    #[error("environment variable `{name}`: {error}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong.
        error: IdentifierError,
    },
    /// A variable names something else than a table.
    #[error(
        "environment variable `{name}`: {arn} is not the ARN of a DynamoDB table; deploy the stack again"
    )]
    NoTable {
        /// The variable.
        name: &'static str,
        /// What it names.
        arn: Arn,
    },
    /// The governance file cannot be read.
    #[error("nothing is judged or changed: the governance file `{path}` cannot be read: {error}")]
    Unreadable {
        /// Where it should be.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// The governance file is wrong.
    #[error("nothing is judged or changed: the governance file `{path}` is refused: {errors}")]
    Governance {
        /// Where it is.
        path: String,
        /// Every problem.
        errors: GovernanceErrors,
    },
}

impl Environment {
    /// This process's.
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// One that answers from elsewhere.
    pub fn new(variable: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { variable: Box::new(variable) }
    }

    /// The account, the stack and the quarantine policy.
    pub fn deployment(&self) -> Result<Deployment, EnvironmentError> {
        Ok(Deployment {
            account: self.account()?,
            stack: self.text("BAILIFF_STACK")?,
            quarantine_policy: self.identifier("BAILIFF_QUARANTINE_POLICY", Arn::parse)?,
        })
    }

    /// The account this deployment governs.
    pub fn account(&self) -> Result<AccountId, EnvironmentError> {
        self.identifier("BAILIFF_ACCOUNT", AccountId::parse)
    }

    /// The governance file, from the deployment's own layer.
    pub fn governance(&self) -> Result<Governance, EnvironmentError> {
        let path = self.text("BAILIFF_GOVERNANCE")?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return Err(EnvironmentError::Unreadable { path, error }),
        };
        Governance::parse(&text).map_err(|errors| EnvironmentError::Governance { path, errors })
    }

    /// The journal's table.
    pub fn table(&self) -> Result<String, EnvironmentError> {
        self.text("BAILIFF_TABLE")
    }

    /// The table that the accounts of the organisation share; `None` where the deployment has none.
    pub fn organization_table(&self) -> Result<Option<Arn>, EnvironmentError> {
        const NAME: &str = "BAILIFF_ORGANIZATION_TABLE";
        let given = self.variable(NAME).filter(|value| !value.trim().is_empty());
        let Some(given) = given else { return Ok(None) };
        let arn = Arn::parse(&given).map_err(|error| EnvironmentError::Invalid { name: NAME, error })?;
        if arn.service() == "dynamodb" && arn.resource().starts_with("table/") {
            Ok(Some(arn))
        } else {
            Err(EnvironmentError::NoTable { name: NAME, arn })
        }
    }

    /// The topic of notices.
    pub fn topic(&self) -> Result<String, EnvironmentError> {
        self.text("BAILIFF_TOPIC")
    }

    /// The event bus.
    pub fn bus(&self) -> Result<String, EnvironmentError> {
        self.text("BAILIFF_BUS")
    }

    /// The chats whose webhooks the deployment has; none where nothing is said.
    pub fn chats(&self) -> BTreeSet<Chat> {
        let named = self.variable("BAILIFF_CHATS").unwrap_or_default();
        Chat::ALL.into_iter().filter(|chat| named.split(',').any(|name| name == chat.as_str())).collect()
    }

    /// Where the list of people is left; `None` where the deployment has none.
    pub fn directory_file(&self) -> Result<Option<Place>, EnvironmentError> {
        let named = |name: &str| self.variable(name).filter(|value| !value.trim().is_empty());
        let (Some(bucket), Some(key)) = (named("BAILIFF_DIRECTORY_BUCKET"), named("BAILIFF_DIRECTORY_KEY"))
        else {
            return Ok(None);
        };
        Ok(Some(Place { host: self.text("BAILIFF_S3_HOST")?, bucket, key }))
    }

    /// An endpoint in the place of CloudTrail's own.
    pub fn cloud_trail(&self) -> Option<String> {
        self.variable("AWS_ENDPOINT_URL_CLOUDTRAIL")
    }

    /// The queue of one remediator.
    pub fn queue_of(&self, remediator: Remediator) -> Result<Queues, EnvironmentError> {
        let name = remediator.as_str().to_uppercase().replace('-', "_");
        Ok(Queues::from([(remediator, self.text(&format!("BAILIFF_{name}_QUEUE"))?)]))
    }

    /// The remediators' queues.
    pub fn queues(&self) -> Result<Queues, EnvironmentError> {
        Remediator::asked()
            .map(|remediator| {
                let name = remediator.as_str().to_uppercase().replace('-', "_");
                Ok((remediator, self.text(&format!("BAILIFF_{name}_QUEUE"))?))
            })
            .collect()
    }

    /// The remediator's queue of messages it can never handle.
    pub fn dead_letters(&self) -> Result<String, EnvironmentError> {
        self.text("BAILIFF_DEAD_LETTERS")
    }

    /// The function's own name, as logs and metrics show it.
    pub fn function(&self) -> String {
        (self.variable)("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "bailiff".to_owned())
    }

    /// From which level upwards log lines are written.
    pub fn log_level(&self) -> Option<String> {
        (self.variable)("AWS_LAMBDA_LOG_LEVEL")
    }

    /// The Region that Lambda runs the function in.
    pub(crate) fn region(&self) -> Option<String> {
        self.variable("AWS_REGION")
    }

    /// Any other variable.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Result<String, EnvironmentError> {
        (self.variable)(name)
            .filter(|value| !value.trim().is_empty())
            .ok_or_else(|| EnvironmentError::Missing(name.to_owned()))
    }

    fn identifier<T>(
        &self,
        name: &'static str,
        parse: fn(&str) -> Result<T, IdentifierError>,
    ) -> Result<T, EnvironmentError> {
        parse(&self.text(name)?).map_err(|error| EnvironmentError::Invalid { name, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(other: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::new(move |name| {
            let instead = other.iter().find(|(other, _)| *other == name);
            let whole = match name {
                "BAILIFF_ACCOUNT" => "111122223333",
                "BAILIFF_STACK" => "bailiff",
                "BAILIFF_QUARANTINE_POLICY" => "arn:aws:iam::111122223333:policy/bailiff-quarantine",
                "BAILIFF_GOVERNANCE" => "/nowhere/governance.yaml",
                _ => return None,
            };
            Some(instead.map_or(whole, |(_, value)| value).to_owned())
        })
    }

    #[test]
    fn a_whole_environment_names_the_deployment() {
        let deployment = environment(&[]).deployment().unwrap();
        assert_eq!(deployment.account.as_str(), "111122223333");
        assert_eq!(deployment.stack, "bailiff");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let said = environment(&[("BAILIFF_STACK", " ")]).deployment().unwrap_err().to_string();
        assert!(said.contains("`BAILIFF_STACK` is not set"), "{said}");
        let said = environment(&[("BAILIFF_ACCOUNT", "12")]).deployment().unwrap_err().to_string();
        assert!(said.starts_with("environment variable `BAILIFF_ACCOUNT`: `12` is not"), "{said}");
        let said = environment(&[]).queues().unwrap_err().to_string();
        assert!(said.contains("`BAILIFF_DEACTIVATE_ACCESS_KEYS_QUEUE`"), "{said}");
    }

    #[test]
    fn a_deployment_has_the_chats_that_it_names() {
        assert_eq!(environment(&[]).chats(), BTreeSet::new());
        let both = Environment::new(|name| (name == "BAILIFF_CHATS").then(|| "slack,teams".to_owned()));
        assert_eq!(both.chats(), BTreeSet::from(Chat::ALL));
    }

    #[test]
    fn the_table_of_the_organisation_is_one_or_none_and_nothing_else() {
        let table = |value: &'static str| {
            environment_with(value).organization_table().map(|table| table.map(|table| table.to_string()))
        };
        let arn = "arn:aws:dynamodb:us-east-1:777788889999:table/bailiff-Journal-organization";
        assert_eq!(table(arn).unwrap().as_deref(), Some(arn));
        assert_eq!(table("").unwrap(), None);
        assert_eq!(table(" ").unwrap(), None);
        for wrong in [
            "bailiff-Journal",
            "arn:aws:sqs:us-east-1:777788889999:table/a",
            "arn:aws:dynamodb:us-east-1:7:stream/a",
        ] {
            let said = table(wrong).unwrap_err().to_string();
            assert!(said.contains("`BAILIFF_ORGANIZATION_TABLE`") && said.contains(wrong), "{said}");
        }
    }

    fn environment_with(table: &'static str) -> Environment {
        Environment::new(move |name| (name == "BAILIFF_ORGANIZATION_TABLE").then(|| table.to_owned()))
    }

    #[test]
    fn a_governance_file_that_cannot_be_read_stops_everything() {
        let said = environment(&[]).governance().unwrap_err().to_string();
        assert!(said.starts_with("nothing is judged or changed: the governance file `/nowhere"), "{said}");
    }
}
