use std::io::BufReader;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use shared::identifier::UniqueId;
use shared::remedy::Entry;
use shared::remedy::chain::{Digest, Head, Record, StoredEntry, VERSION, layout};
use shared::threat::stored;

use crate::error::CliError;
use crate::input::Input;

const KIND: &str = "journal";

/// One thing that a journal's file holds.
pub(in crate::command) enum Stored {
    /// A record; `in_table` where its place is its key's and not its line's.
    Record { record: Record, in_table: bool },
    /// The chain's head.
    Head(Head),
    /// An entry's own item, with its JSON.
    Entry { entry: StoredEntry, body: String },
    /// A threat, with its JSON; nobody where its key names nobody.
    Threat { about: Option<UniqueId>, body: String },
    /// An item of the table that is none of these.
    Other,
}

/// Reads a journal's file, one thing after the other: what `aws dynamodb scan` or an export to S3 gives, or the lines
/// that `bailiff audit export --format records` wrote.
pub(in crate::command) fn read(input: &Input, mut take: impl FnMut(Stored)) -> Result<(), CliError> {
    let name = || input.to_string();
    let file = input.open().map_err(|source| CliError::Unreadable { kind: KIND, name: name(), source })?;
    let (mut documents, mut pages, mut cut_off) = (0_usize, 0_usize, 0_usize);
    for document in serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter::<Document>() {
        documents += 1;
        let document = document.map_err(|error| match error.io_error_kind() {
            Some(kind) => CliError::Unreadable { kind: KIND, name: name(), source: kind.into() },
            // An array, a number: nothing that has fields.
            None if error.to_string().contains("struct Document") => {
                CliError::NoJournal { name: name(), why: no_kind(documents) }
            }
            None => CliError::NoJournal { name: name(), why: error.to_string() },
        })?;
        pages += usize::from(document.items.is_some());
        cut_off += usize::from(document.says_more_follow());
        if !document.hand_over(&mut take) {
            return Err(CliError::NoJournal { name: name(), why: no_kind(documents) });
        }
    }
    if documents == 0 {
        return Err(CliError::NoJournal { name: name(), why: "it is empty".to_owned() });
    }
    // Whoever put pages together may have had another order in mind: one of them must be the last.
    if pages > 0 && pages == cut_off {
        return Err(CliError::TruncatedJournal { name: name() });
    }
    Ok(())
}

fn no_kind(document: usize) -> String {
    format!("its JSON document {document} is no object with a table's `Items`, no record and no head")
}

/// A document of any of the kinds that are read.
#[derive(Deserialize)]
struct Document {
    /// Of a scan.
    #[serde(rename = "Items")]
    items: Option<Vec<Item>>,
    /// What the AWS CLI writes where `--max-items` cut its output off.
    #[serde(rename = "NextToken")]
    next_token: Option<IgnoredAny>,
    /// What DynamoDB itself says of a page that is not the last.
    #[serde(rename = "LastEvaluatedKey")]
    last_evaluated_key: Option<Map<String, Value>>,
    /// Of a line of an export to S3.
    #[serde(rename = "Item")]
    item: Option<Item>,
    head: Option<Head>,
    version: Option<u32>,
    seq: Option<u64>,
    at: Option<String>,
    previous: Option<Digest>,
    body: Option<String>,
    hash: Option<Digest>,
}

impl Document {
    fn says_more_follow(&self) -> bool {
        let goes_on = self.last_evaluated_key.as_ref().is_some_and(|key| !key.is_empty());
        self.items.is_some() && (self.next_token.is_some() || goes_on)
    }

    /// Whether it was of any kind.
    fn hand_over(self, take: &mut impl FnMut(Stored)) -> bool {
        if let Some(items) = self.items {
            for item in items {
                take(item.stored());
            }
        } else if let Some(item) = self.item {
            take(item.stored());
        } else if let Some(head) = self.head {
            take(Stored::Head(head));
        } else if let (Some(version), Some(seq), Some(at), Some(previous), Some(body), Some(hash)) =
            (self.version, self.seq, self.at, self.previous, self.body, self.hash)
        {
            let record = Record { version, seq, at, previous, body, hash };
            take(Stored::Record { record, in_table: false });
        } else {
            return false;
        }
        true
    }
}

/// An item of the table; attributes that are not the journal's are none of ours.
#[derive(Deserialize)]
struct Item {
    pk: Attribute,
    sk: Attribute,
    #[serde(default)]
    body: Attribute,
    #[serde(default)]
    record: Attribute,
    #[serde(default)]
    schema: Attribute,
    #[serde(default)]
    status: Attribute,
    #[serde(default)]
    resource: Attribute,
    #[serde(default)]
    opened: Attribute,
    #[serde(default)]
    rule: Attribute,
    #[serde(default)]
    version: Attribute,
    #[serde(default)]
    at: Attribute,
    #[serde(default)]
    previous: Attribute,
    #[serde(default)]
    hash: Attribute,
    #[serde(default)]
    seq: Attribute,
}

/// A value of DynamoDB's, of the two types that the journal has.
#[derive(Deserialize, Default)]
struct Attribute {
    #[serde(rename = "S")]
    text: Option<String>,
    #[serde(rename = "N")]
    number: Option<String>,
}

impl Attribute {
    fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.number.as_ref()?.parse().ok()
    }

    fn digest(&self) -> Digest {
        self.text.as_ref().and_then(|text| text.parse().ok()).unwrap_or_else(Digest::none)
    }
}

impl Item {
    fn stored(self) -> Stored {
        let (pk, sk) = (self.pk.text.clone().unwrap_or_default(), self.sk.text.clone().unwrap_or_default());
        if pk == layout::CHAIN {
            return match layout::seq_of(&sk) {
                Some(seq) => Stored::Record { record: self.record(seq), in_table: true },
                None if sk == layout::HEAD => Stored::Head(self.head()),
                None => Stored::Other,
            };
        }
        if pk == stored::PARTITION {
            return Stored::Threat { about: stored::about(&sk), body: self.body.text.unwrap_or_default() };
        }
        match pk.strip_prefix(layout::ENTRY_PREFIX) {
            Some(id) if sk == layout::ENTRY => {
                let entry = self.entry(id);
                Stored::Entry { entry, body: self.body.text.unwrap_or_default() }
            }
            _ => Stored::Other,
        }
    }

    /// What is missing of a record makes it one that was changed.
    fn record(self, seq: u64) -> Record {
        Record {
            version: self.version.number().unwrap_or(VERSION),
            seq,
            previous: self.previous.digest(),
            hash: self.hash.digest(),
            at: self.at.text.unwrap_or_default(),
            body: self.body.text.unwrap_or_default(),
        }
    }

    fn head(&self) -> Head {
        Head { seq: self.seq.number().unwrap_or_default(), hash: self.hash.digest() }
    }

    fn entry(&self, id: &str) -> StoredEntry {
        let body = self.body.text.as_deref().unwrap_or_default();
        StoredEntry {
            id: id.to_owned(),
            // The first version was 1.
            schema: self.schema.number().filter(|schema| *schema > 0),
            record: self.record.number(),
            body: Digest::of(body),
            agrees: self.agrees(id, &serde_json::from_str(body).unwrap_or_default()),
            opened: serde_json::from_str(body).ok().map(|Entry { opened, .. }| opened),
        }
    }

    /// Whether what conditions and people look at, and the key, says the same as the entry.
    fn agrees(&self, id: &str, entry: &Value) -> bool {
        let said = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
        let arn = said("/plan/resource/arn").or_else(|| said("/plan/principal/arn"));
        said("/id") == Some(id)
            && self.schema.number::<u64>() == entry.get("schema").and_then(Value::as_u64)
            && self.status.text.as_deref() == said("/status")
            && self.opened.text.as_deref() == said("/opened")
            && self.resource.text.as_deref() == arn
            && self.rule.text.as_deref() == said("/cause/rule")
    }
}
