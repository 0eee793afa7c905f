//! What the webhooks of chats take. It is whole when it leaves the function: nothing on the way, such as EventBridge's
//! input transformer, puts texts into JSON.

use serde_json::{Value, json};

use crate::governance::Chat;

/// The most bytes and lines of a message. Teams takes 28 KB, the card around them included (Microsoft Teams, "Create
/// incoming webhooks"), Slack 40,000 characters (Slack API, `chat.postMessage`).
const MOST: usize = 10_000;
const LINES: usize = 60;

/// A text as the chat's webhook takes it. Nothing in the text is taken for markup: it holds names and reasons from
/// everywhere, and calls nobody, links nowhere and hides nothing.
pub fn chat_message(chat: Chat, text: &str) -> Value {
    let text = cut(text);
    match chat {
        Chat::Slack => json!({ "text": escaped(&text), "mrkdwn": false, "unfurl_links": false }),
        Chat::Teams => json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "msteams": { "width": "Full" },
                    "body": text.lines().filter(|line| !line.is_empty()).map(paragraph).collect::<Vec<_>>(),
                },
            }],
        }),
    }
}

/// The three characters with which Slack's markup begins (Slack API, "Formatting text for app surfaces").
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A `TextRun` reads no markdown, as a `TextBlock` would (Adaptive Cards, "Text features").
fn paragraph(line: &str) -> Value {
    json!({
        "type": "RichTextBlock",
        "spacing": "Small",
        "inlines": [{ "type": "TextRun", "text": line }],
    })
}

fn cut(text: &str) -> String {
    let mut cut = String::new();
    for line in text.lines().take(LINES) {
        if cut.len() + line.len() >= MOST {
            break;
        }
        cut.push_str(line);
        cut.push('\n');
    }
    if cut.lines().count() < text.lines().count() {
        cut.push_str("… cut; the journal has it all\n");
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str =
        "user \"ann\" \\ of <!channel> & <http://evil.example|here>\n[here](http://evil.example)\n\ttab";

    #[test]
    fn slack_is_sent_a_text_in_which_nothing_is_markup() {
        let message = chat_message(Chat::Slack, HOSTILE);
        let text = message["text"].as_str().unwrap();
        assert!(text.starts_with("user \"ann\" \\ of &lt;!channel&gt; &amp; &lt;http"), "{text}");
        assert_eq!((text.lines().count(), &message["mrkdwn"]), (3, &json!(false)));
        assert_eq!(serde_json::from_str::<Value>(&message.to_string()).unwrap(), message);
    }

    #[test]
    fn teams_is_sent_a_card_of_plain_lines() {
        let message = chat_message(Chat::Teams, HOSTILE);
        assert_eq!(message["type"], "message");
        let [attachment] = &message["attachments"].as_array().unwrap()[..] else { panic!("{message}") };
        assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
        let body = attachment["content"]["body"].as_array().unwrap();
        assert_eq!(body.len(), 3);
        assert_eq!(body[1]["inlines"], json!([{ "type": "TextRun", "text": "[here](http://evil.example)" }]));
    }

    #[test]
    fn no_message_is_longer_than_a_chat_takes() {
        for chat in Chat::ALL {
            for text in ["\"\n".repeat(100_000), format!("{}\n", "\"".repeat(900)).repeat(1_000)] {
                let message = chat_message(chat, &text).to_string();
                assert!(message.len() < 28 * 1024, "{chat}: {}", message.len());
                assert!(message.contains("… cut"), "{message}");
            }
        }
    }
}
