//! Parts of files that are made of the rules' declarations: each is held against what the declarations say, and written
//! anew with `UPDATE=1 cargo test -p shared generated`.

mod config_rules;
mod coverage_page;
mod governance_file;
mod remediators;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// One region is written at a time: several are of one file.
static WRITING: Mutex<()> = Mutex::new(());

/// What stands between two lines of a file, without these.
struct Region {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

impl Region {
    /// Holds the region against what is generated, or writes it when told to.
    #[expect(clippy::disallowed_methods, reason = "the test is about the file, and writes it when told to")]
    fn must_be(&self, generated: &str) {
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(self.file);
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(self.from).unwrap();
        let (written, after) = rest.split_once(self.to).unwrap();
        if std::env::var_os("UPDATE").is_some() && written != generated {
            let (from, to) = (self.from, self.to);
            std::fs::write(&path, format!("{before}{from}{generated}{to}{after}")).unwrap();
            return;
        }
        let differing =
            written.lines().zip(generated.lines()).find(|(written, generated)| written != generated);
        assert!(
            written == generated,
            "{} is not what the rules' declarations say, from {differing:?} on; write it anew with: UPDATE=1 cargo test \
             -p shared generated",
            self.file
        );
    }
}

/// `user-unused` as `UserUnused`.
fn pascal_case(id: &str) -> String {
    id.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}
