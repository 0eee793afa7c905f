//! Any text as a policy of any kind: no panic, and what is read prints and reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::policy::{Policy, PolicyKind};

const KINDS: [PolicyKind; 4] =
    [PolicyKind::Identity, PolicyKind::Trust, PolicyKind::Resource, PolicyKind::ServiceControl];

fuzz_target!(|text: &str| {
    for kind in KINDS {
        match Policy::parse(text, kind) {
            Ok(policy) => {
                let printed = policy.to_json().to_string();
                assert_eq!(Policy::parse(&printed, kind).as_ref(), Ok(&policy), "{printed}");
            }
            Err(malformed) => assert!(!malformed.to_string().is_empty()),
        }
    }
});
