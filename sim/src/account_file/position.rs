//! The path of a place in a JSON text, such as `users[3].accessKeys[0].status`.

use std::fmt::Write as _;

enum Frame {
    Object { key: Option<String> },
    Array { index: usize },
}

/// The path an error is about.
pub(super) fn path_of(error: &serde_json::Error, text: &str) -> String {
    let start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let end = (start + error.column()).min(text.len());
    let read = text.as_bytes().get(..end).unwrap_or_default();
    // What is missing shows at the end of what should hold it. What is wrong with a last value does too, and is
    // the value's.
    match read.split_last() {
        Some((b'}' | b']', before)) if !error.to_string().starts_with("missing field") => path_after(before),
        _ => path_after(read),
    }
}

/// Keys whose value is an object, beside those that hold a list of them.
const OBJECTS: [&str; 5] = ["accountSettings", "root", "passwordPolicy", "loginProfile", "lastUsed"];
/// Keys whose value is a list of texts.
const TEXTS: [&str; 3] = ["attachedPolicies", "instanceProfiles", "mfaDevices"];
/// Deeper than any account file is, and as deep as `serde_json` reads.
const DEEPEST: usize = 128;
/// Keys whose value is a policy, with a shape of its own.
const POLICIES: [&str; 2] = ["document", "trust"];

/// The path of the first list in the place of an object. Whoever reads records takes a list of their values for them.
pub(super) fn list_for_object(text: &str) -> Option<String> {
    let mut found = None;
    walk(text.as_bytes(), |stack| {
        if found.is_some() || stack.len() > DEEPEST {
            return;
        }
        let in_policy = stack.iter().any(|frame| frame.is_at(&POLICIES));
        let is_for_object = match stack {
            [] => true,
            // A user's groups are names, the account's are not.
            [.., of, Frame::Array { .. }] => {
                !of.is_at(&TEXTS) && (stack.len() == 2 || !of.is_at(&["groups"]))
            }
            [.., frame] => frame.is_at(&OBJECTS),
        };
        if is_for_object && !in_policy {
            found = Some(spell(stack));
        }
    });
    found
}

impl Frame {
    fn is_at(&self, keys: &[&str]) -> bool {
        matches!(self, Self::Object { key: Some(key) } if keys.contains(&key.as_str()))
    }
}

/// The path of the value that is begun but not ended.
fn path_after(read: &[u8]) -> String {
    spell(&walk(read, |_| {}))
}

/// Where in the text its end is; `list` is told where each list begins.
fn walk(read: &[u8], mut list: impl FnMut(&[Frame])) -> Vec<Frame> {
    let mut bytes = read.iter();
    let mut stack: Vec<Frame> = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => stack.push(Frame::Object { key: None }),
            b'[' => {
                list(&stack);
                stack.push(Frame::Array { index: 0 });
            }
            b'}' | b']' => {
                stack.pop();
            }
            b',' => match stack.last_mut() {
                Some(Frame::Object { key }) => *key = None,
                Some(Frame::Array { index }) => *index += 1,
                None => {}
            },
            b'"' => {
                let string = rest_of_string(&mut bytes);
                if let Some(Frame::Object { key: key @ None }) = stack.last_mut() {
                    *key = Some(string);
                }
            }
            _ => {}
        }
    }
    stack
}

fn rest_of_string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> String {
    let mut string = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => string.extend(bytes.next()),
            other => string.push(*other),
        }
    }
    String::from_utf8_lossy(&string).chars().take(64).collect()
}

fn spell(stack: &[Frame]) -> String {
    let mut path = String::new();
    for frame in stack {
        match frame {
            Frame::Object { key: None } => {}
            Frame::Object { key: Some(key) } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Frame::Array { index } => {
                let _ = write!(path, "[{index}]");
            }
        }
    }
    if path.is_empty() { "the file".to_owned() } else { path }
}
