use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use shared::engine::SuspendOrder;
use shared::remedy::Remediator;

use crate::error::CliError;

/// How the plan is carried out: by an order to the function, which reads, plans and guards anew.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Act {
    /// Whom to invoke.
    pub(super) function: String,
    /// With what.
    pub(super) order: SuspendOrder,
    /// In a shell.
    pub(super) command: String,
}

impl Act {
    /// By this order; `file` holds it, if one is to.
    pub(super) fn new(stack: &str, order: SuspendOrder, file: Option<&Path>) -> Result<Self, CliError> {
        let function = format!("{stack}-{}", Remediator::SuspendPrincipal);
        let payload = match file {
            Some(file) => quoted(&format!("file://{}", file.display())),
            None => quoted(&serde_json::to_string(&order)?),
        };
        let command = format!(
            "aws lambda invoke --function-name {} \\\n  --cli-binary-format raw-in-base64-out /dev/stdout \\\n  \
             --payload {payload}",
            quoted(&function)
        );
        Ok(Self { function, order, command })
    }

    /// Writes the order into a file that is not there yet.
    pub(super) fn write(&self, file: &Path) -> Result<(), CliError> {
        let unwritten = |source| CliError::Unwritten { name: file.display().to_string(), source };
        let text = serde_json::to_string_pretty(&self.order)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        if let Some(folder) = folder {
            return Err(CliError::NoFolder {
                name: file.display().to_string(),
                folder: folder.display().to_string(),
            });
        }
        let mut out = File::create_new(file).map_err(unwritten)?;
        writeln!(out, "{text}").map_err(unwritten)
    }
}

/// As one word of a shell (POSIX, "Single-Quotes"), quoted where it must be.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_word_to_a_shell() {
        assert_eq!(quoted("bailiff-suspend-principal"), "bailiff-suspend-principal");
        assert_eq!(quoted("it's $(rm) \"x\""), r#"'it'\''s $(rm) "x"'"#);
        assert_eq!(quoted(""), "''");
    }
}
