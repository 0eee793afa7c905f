use std::fmt;

/// One thing wrong with a governance file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as `rules.access-key-age.mode`; empty for the file as a whole.
    pub path: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub advice: String,
}

impl Problem {
    pub(super) fn new(path: &str, line: Option<u64>, what: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self { path: one_line(path), line, what: one_line(what.as_ref()), advice: one_line(advice.as_ref()) }
    }
}

/// Keeps a hostile file from writing lines of its own into a log, or megabytes of them.
fn one_line(text: &str) -> String {
    const MOST: usize = 400;
    text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        write!(f, "{}; {}", self.what, self.advice)
    }
}

/// Why a governance file is refused: every problem found, at least one, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GovernanceErrors {
    problems: Vec<Problem>,
    left_out: usize,
}

impl GovernanceErrors {
    /// The problems; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl From<Problem> for GovernanceErrors {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem], left_out: 0 }
    }
}

impl fmt::Display for GovernanceErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.left_out > 0 {
            write!(f, "\nand {} more problems", self.left_out)?;
        }
        Ok(())
    }
}

impl std::error::Error for GovernanceErrors {}

/// Problems met so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// More than anyone reads at once.
    const MOST: usize = 100;

    pub(super) fn push(&mut self, problem: Problem) {
        if self.found.len() < Self::MOST {
            self.found.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    /// The value, unless there were problems.
    pub(super) fn or<T>(mut self, value: T) -> Result<T, GovernanceErrors> {
        if self.found.is_empty() {
            return Ok(value);
        }
        self.found.sort_by_key(|problem| problem.line);
        Err(GovernanceErrors { problems: self.found, left_out: self.left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_problems_and_more_the_rest_is_counted() {
        let said = |count: usize| {
            let mut problems = Problems::default();
            for _ in 0..count {
                problems.push(Problem::new("rules", None, "what", "advice"));
            }
            problems.or(()).unwrap_err().to_string()
        };
        assert!(said(103).ends_with("\nand 3 more problems"));
        assert_eq!(said(100).lines().count(), 100);
    }
}
