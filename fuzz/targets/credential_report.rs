//! Any bytes as a credential report: an error or a report, no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::facts::CredentialReport;

fuzz_target!(|csv: &[u8]| {
    let _ = CredentialReport::parse(csv);
});
