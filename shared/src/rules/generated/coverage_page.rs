//! The frameworks' tables in `docs/coverage.md`.

use super::Region;
use crate::coverage::{Framework, section};

const REGION: Region = Region {
    file: "docs/coverage.md",
    from: "<!-- Made of the rules' declarations: UPDATE=1 cargo test -p shared generated -->\n\n",
    to: "\n<!-- The end of it. -->\n",
};

#[test]
fn the_coverage_page_has_every_framework_as_the_declarations_have_it() {
    REGION.must_be(&Framework::ALL.map(section).join("\n"));
}
